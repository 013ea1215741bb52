/** Is there a real NAT between this machine and the target? Beside the one that a story may put before its device. */
import { addressBlock } from '../transport/address.js'

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 §2.5.6: nobody is seen under these on the other side of the internet. */
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
 * The address under which the target sees this machine, as far as it can rightly be another than `local`: what it `told`
 * of a plain request is believed where `local` is an address of a private network. Everybody else is to be seen as they are.
 */
export function outsideAddress(local: string, told: string | undefined): string {
  return told !== undefined && INSIDE.some((holds) => holds(local)) ? told : local
}
