/** What a SIP host does not know of calls that began at the other one: nothing is unknown where both tell each other. */
import type { Flow } from '../transport/flow.js'
import type { InDialog } from './call-table.js'
import type { ProviderContext } from './context.js'

/** Came by another host than those that the call began at, where these tell each other nothing of calls. */
export function isOfOtherHost(
  { addresses, lost, rules }: ProviderContext,
  found: InDialog | undefined,
  { local }: Flow,
): boolean {
  if (found === undefined) return false
  const { sharesCalls, survivesLoss } = rules.proxy
  if (!survivesLoss && lost.has(found.call.begunAt)) return true
  if (sharesCalls) return false
  const isSecond = (address: string) => address === addresses.secondIpv4
  const { call, leg } = found
  return ![call.begunAt, leg.callee.flow.local.address].some((one) => isSecond(one) === isSecond(local.address))
}
