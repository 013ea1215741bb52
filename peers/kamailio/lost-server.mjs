// One of the two servers that DNS names falls silent, and comes back. Both are one Kamailio: it is told to neither hear nor say anything there.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { controlPort, ipv4, second } from './layout.mjs'

/** @throws Error where there is no server at the address, or Kamailio does not take the order */
export const loseServer = (address) => order(address, 'htable.seti', '1')

/** @throws Error as `loseServer` */
export const regainServer = (address) => order(address, 'htable.delete')

async function order(address, what, ...more) {
  if (![ipv4, second].includes(address))
    throw new Error(`there is no server at ${address}; there are ${ipv4} and ${second}`)
  await promisify(execFile)('kamcmd', ['-s', `tcp:${ipv4}:${controlPort}`, what, 'lost', `s:${address}`, ...more])
}
