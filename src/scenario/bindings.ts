/** Reads what a registrar says of an account's bindings. */
import type { NameAddr, SipResponse } from '../message/message.js'
import { parseUri, uriEquals } from '../message/uri.js'

/** One binding that a 200 to REGISTER lists. */
export interface ListedBinding {
  readonly uri: string
  /** Seconds left: the `expires` parameter, else the Expires header field (RFC 3261 §10.2.4); undefined where neither is. */
  readonly expires: number | undefined
  readonly contact: NameAddr
}

/**
 * The bindings that an answer to REGISTER lists; none of what does not parse or is no 2xx. What has no second left is not
 * current: some registrars list what they have just removed with `expires=0`.
 */
export function bindingsIn(response: SipResponse | undefined): ListedBinding[] {
  if (response === undefined || response.status >= 300) return []
  let contacts: readonly NameAddr[] | '*'
  try {
    contacts = response.contacts()
  } catch {
    return []
  }
  if (contacts === '*') return []
  return contacts
    .map((contact) => ({
      uri: contact.uri,
      expires: seconds(contact.params.get('expires')) ?? seconds(response.headers.get('Expires')),
      contact,
    }))
    .filter(({ contact }) => seconds(contact.params.get('expires')) !== 0)
}

/**
 * The binding of this contact: the one with an equal URI (RFC 3261 §19.1.4), else one with the same user part, since
 * registrars that look after NAT rewrite host and port.
 */
export function bindingOf<T extends { readonly uri: string }>(bindings: readonly T[], uri: string): T | undefined {
  const equal = bindings.find((binding) => quietly(() => uriEquals(binding.uri, uri)) ?? binding.uri === uri)
  if (equal) return equal
  const user = quietly(() => parseUri(uri).userDecoded)
  return user === undefined
    ? undefined
    : bindings.find((binding) => quietly(() => parseUri(binding.uri).userDecoded) === user)
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
