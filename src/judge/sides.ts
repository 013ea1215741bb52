/** Whose doing something is: said only where the capture shows it. */
import type { JudgedSide } from '../result/judge-result.js'
import type { Viewpoint } from './viewpoint.js'

export const side = (who: JudgedSide['who'], why: string): JudgedSide => ({ who, why })

/** In words for who has an address. */
export function roleOf(
  address: string,
  { servers, relays, telephones }: Viewpoint,
): 'provider' | 'telephone' | 'unknown' {
  if (servers.size === 0) return 'unknown'
  if (servers.has(address) || relays.has(address)) return 'provider'
  return telephones.has(address) ? 'telephone' : 'unknown'
}

/** `the provider (192.0.2.1)`. */
export function named(address: string, view: Viewpoint): string {
  const role = roleOf(address, view)
  return role === 'unknown' ? address : `the ${role} (${address})`
}

/** Who sent something wrong, which the capture shows whoever else saw it. */
export function doingOf(address: string, view: Viewpoint, why: string): JudgedSide {
  return side(roleOf(address, view), why)
}

/**
 * Something was sent and nothing came back: near the receiver it is the receiver's silence, near the sender it may have been lost.
 */
export function silenceOf(receiver: string, view: Viewpoint): JudgedSide {
  const role = roleOf(receiver, view)
  if (view.where === 'one machine') return side(role, 'captured on one machine: what was sent has arrived')
  if (role !== 'unknown' && view.where === role) {
    return side(
      role,
      `captured on the ${role}'s side: what was sent has come this far, and ${receiver} does not answer`,
    )
  }
  const where = view.where === 'unknown' || view.where === 'middle' ? 'from here' : `from the ${view.where}'s side`
  return side(
    'unknown',
    `${where} it cannot be told whether it was lost on the way, or ${receiver} did not answer; a capture on the other side shows it`,
  )
}
