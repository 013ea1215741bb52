/** Features a scenario may need, and whether a target has them: told by its file, never guessed. */
import type { TargetDocument } from '../target/target-file.js'
import { accountDivertedTo } from './account-pool.js'
import type { AnyScenario } from '../scenario/scenario.js'
import type { Variant } from '../scenario/variant.js'
import type { NotRun } from '../result/finding.js'
import type { World } from '../scenario/world.js'
import { isNumericAddress } from '../transport/network.js'

export type Availability =
  | { readonly can: true }
  /** The target says that it lacks it. */
  | { readonly can: false; readonly kind: 'unsupported'; readonly why: string }
  /** The target file, or this machine, leaves it out: not tested. */
  | {
      readonly can: false
      readonly kind: 'not run'
      readonly because: NonNullable<NotRun['kind']>
      readonly why: string
    }

/** Each feature: what the target file must say for it. */
const FEATURES: Readonly<Record<string, (target: TargetDocument) => boolean>> = {
  echo: (t) => t.services.echo !== undefined,
  'dtmf-test': (t) => t.services.dtmfTest !== undefined,
  // Many modules take no keys by INFO: whether this one does is tried, unless the file says how keys are taken.
  'keys-by-info': (t) => t.services.dtmf?.keys?.includes('info') ?? true,
  'keys-in-band': (t) => t.services.dtmf?.keys?.includes('in-band') === true,
  mailbox: (t) => t.services.mailbox?.internal !== undefined,
  'mailbox-external': (t) => t.services.mailbox?.external !== undefined,
  'mailbox-keys': (t) => t.services.mailbox?.keys !== undefined,
  srtp: (t) => t.media.srtp.length > 0,
  'mikey-key': (t) => t.media.mikeyKey !== undefined,
  stun: (t) => t.stun !== undefined,
  'stun-alternative': (t) => (t.stun?.ports.length ?? 0) > 1,
  ntp: (t) => t.ntp !== undefined,
  dns: (t) => !isNumericAddress(t.domain),
  published: (t) => t.published !== undefined,
  queue: (t) => t.services.queue !== undefined,
  // The account that diversions lead to is one of ours.
  diversion: (t) => accountDivertedTo(t) !== undefined,
  'country-code': (t) => t.services.countryCode !== undefined,
  // A binding can be watched until it ends without waiting for long.
  'brief-registration': (t) => (t.policy.registration?.minExpires ?? 60) <= 20,
}

/** Whether `scenario` can be run on this target in this variant. */
export function availability(
  scenario: AnyScenario,
  variant: Variant,
  target: TargetDocument,
  wire: World['network']['kind'],
): Availability {
  const { transport, family } = variant
  const needs = [...(scenario.needs ?? [])]
  const lacking = [transport, family, ...needs].find((need) => target.unsupported.includes(need))
  if (lacking)
    return { can: false, kind: 'unsupported', why: `the target file says that the target lacks '${lacking}'` }
  for (const used of usedVariants(scenario, variant)) {
    if (!target.families.includes(used.family))
      return notRun('target file', `${used.family} is not among the target file's families`)
    if (!target.endpoints[used.transport])
      return notRun('target file', `the target file has no ${used.transport} endpoint`)
  }
  for (const need of needs) {
    if (need === 'sockets') {
      if (wire !== 'sockets') return notRun('sockets', 'looks at what only a kernel or OpenSSL can do')
      continue
    }
    const [kind, value] = need.split(':')
    if (kind === 'shared-credentials' && value === undefined) {
      if (!target.policy.sharedCredentials)
        return notRun('target file', 'the target file does not say what becomes of two devices on one account')
      continue
    }
    if (kind === 'shared-credentials') {
      if (target.policy.sharedCredentials !== value) {
        return notRun(
          'policy',
          `only where policy.sharedCredentials is '${value}'; the target file says ${target.policy.sharedCredentials ?? 'nothing'}`,
        )
      }
      continue
    }
    if (kind === 'restart') {
      const why = whyNoRestart(target)
      if (why !== undefined) return notRun('target file', why)
      continue
    }
    if (kind === 'server-loss') {
      if (!canLoseServers(target))
        return notRun('target file', 'no server of the target can be taken away: ringproof has not started it')
      continue
    }
    if (kind === 'codes') {
      if (!(value && value in target.services.codes))
        return notRun('target file', `services.codes.${value} is not in the target file`)
      continue
    }
    const asks = FEATURES[need]
    // The others are features that a target has unless its file says that it lacks them.
    if (asks && !asks(target)) return notRun('target file', `'${need}' is not in the target file`)
  }
  return { can: true }
}

/** Undefined: it can be told to. The embedded provider knows how, and a launch script whose target file says so. */
function whyNoRestart({ launch, restarts }: TargetDocument): string | undefined {
  if (launch === undefined)
    return "the target is not told to restart: only one that ringproof starts is, and there is no 'launch' in the target file"
  if (launch === 'embedded' || restarts) return undefined
  return "the target cannot be told to restart: the target file does not say that its launch script knows how ('restarts: true')"
}

const canLoseServers = ({ launch, losesServers }: TargetDocument): boolean =>
  launch !== undefined && (launch === 'embedded' || losesServers)

const notRun = (because: NonNullable<NotRun['kind']>, why: string): Availability => {
  return { can: false, kind: 'not run', because, why }
}

/** The variant, and what single devices use instead. */
export function usedVariants(scenario: AnyScenario, variant: Variant): Variant[] {
  const own = Object.values(scenario.devices).map((device) => ({
    transport: device.transport ?? variant.transport,
    family: device.family ?? variant.family,
  }))
  return [variant, ...own]
}
