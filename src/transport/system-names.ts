/** Names, looked up as this machine's other programs do. */
import { lookup } from 'node:dns/promises'
import { canonicalAddress } from './address.js'
import { DnsError } from './dns-client.js'

/**
 * Numeric addresses of a name as this machine's own programs see it: its hosts file, its search list, its resolvers. Empty
 * where it has none.
 * @throws DnsError where nobody can be asked
 */
export async function addressesOnThisMachine(host: string): Promise<readonly string[]> {
  try {
    const found = await lookup(host, { all: true, order: 'verbatim' })
    return [...new Set(found.map(({ address }) => canonicalAddress(address)))]
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOTFOUND') return []
    throw new DnsError('timeout', `this machine cannot look the name up (${code === '' ? String(error) : code})`)
  }
}
