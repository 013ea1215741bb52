/** Whether a target may be loaded, and whether it can be. */
import { FAMILIES, type Target, TRANSPORTS } from '../scenario/target.js'
import { isLoopbackHost } from '../target/ip-address.js'
import type { TargetAccount, TargetDocument } from '../target/target-file.js'
import { BadOrderError, destinationOf } from './call-order.js'
import { LoadNotAllowedError } from './not-allowed.js'

/** Why no call can be made at all, in a sentence; k6 would order calls in vain until its time is over. */
export function nobodyToCall(
  { accounts, services }: Pick<TargetDocument, 'accounts' | 'services'>,
  registered: number,
  troubles: readonly string[],
): string | undefined {
  const why = troubles[0] === undefined ? '' : `: ${troubles[0]}`
  if (registered === 0) return `No calls were made: none of the ${accounts.length} accounts could register${why}.`
  if (registered > 1 || services.echo !== undefined) return undefined
  return `No calls were made: there is nobody to call. Add services.echo to the target file, or a second account that can register (${registered} of ${accounts.length} did${why}).`
}

/** @throws LoadNotAllowedError where the target is elsewhere and its name was not repeated */
export function assertMayLoad(target: Target, allowLoad: string | undefined): void {
  if (allowLoad === target.name) return
  const elsewhere = TRANSPORTS.flatMap((transport) =>
    FAMILIES.flatMap((family) => target.hop({ transport, family })?.remote.address ?? []),
  ).filter((address) => !isLoopbackHost(address))
  if (elsewhere.length === 0) return
  throw new LoadNotAllowedError(
    `${target.name} is not on this machine (${elsewhere[0]}), and a load may disturb its users. If its operator agrees, add --allow-load ${target.name}`,
  )
}

/** @throws LoadNotAllowedError where the target has no such destination, or it must not be dialled */
export function assertMayCall(to: string, { document, dialPolicy }: Pick<Target, 'document' | 'dialPolicy'>): void {
  try {
    destinationOf(to, { document, dialPolicy, accounts: document.accounts.length })
  } catch (error) {
    throw error instanceof BadOrderError ? new LoadNotAllowedError(`--to ${to}: ${error.message}.`) : error
  }
}

/** @throws LoadNotAllowedError */
export function assertWithinLimits(
  { calls, rate }: { readonly calls?: number | undefined; readonly rate?: number | undefined },
  limits: TargetDocument['limits'],
): void {
  if (calls !== undefined && calls > limits.concurrentCalls) {
    throw new LoadNotAllowedError(
      `--calls ${calls} exceeds the target's limit of ${limits.concurrentCalls} calls at a time (limits.concurrentCalls).`,
    )
  }
  if (rate !== undefined && rate > limits.callsPerSecond) {
    throw new LoadNotAllowedError(
      `--rate ${rate} exceeds the target's limit of ${limits.callsPerSecond} new calls per second (limits.callsPerSecond).`,
    )
  }
}

/**
 * The accounts that calls of a load use: those for any use; of a target without them all whose calls nobody counts.
 * @throws LoadNotAllowedError where there is none
 */
export function accountsForLoad({ name, accounts }: TargetDocument): readonly TargetAccount[] {
  const usable = accounts.filter(({ roles }) => roles.includes('any'))
  if (usable.length > 0) return usable
  const others = accounts.filter(({ roles }) => !roles.includes('limited') && !roles.includes('paced'))
  if (others.length > 0) return others
  throw new LoadNotAllowedError(
    `${name} has no account for a load: each has the role limited or paced, as the target counts its calls (callsAtATime, callsPerSecond). Add accounts for any use to its target file (roles: [any]).`,
  )
}

/** @throws LoadNotAllowedError where the target has fewer accounts than are to be registered, or none that a load uses */
export function assertAccounts(wanted: number | undefined, document: TargetDocument): void {
  const usable = accountsForLoad(document).length
  if (wanted === undefined || wanted <= usable) return
  throw new LoadNotAllowedError(
    `--accounts ${wanted}: ${document.name} has ${usable} accounts for any use. An entry with 'from' and 'to' in its target file stands for many (accounts).`,
  )
}
