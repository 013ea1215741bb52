/** Whether there is a real NAT between this machine and the target, beside one that a story puts before its device. */
import { addressBlock } from '../transport/address.js'

/** Private and link-local networks: RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6. */
const INSIDE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
].map(addressBlock)

/**
 * The address under which the target should see this machine: where `local` is of a private network, the one that the target
 * `told` in its answer to a plain request; else `local`.
 */
export function outsideAddress(local: string, told: string | undefined): string {
  return told !== undefined && INSIDE.some((holds) => holds(local)) ? told : local
}
