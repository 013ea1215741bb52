import type { Params } from './grammar.js'

/** A URI as SIP uses it (RFC 3261 §19.1, RFC 3966 for `tel`). */
export interface SipUri {
  /** Lower case: `sip`, `sips`, `tel`, or whatever else was there. */
  readonly scheme: string
  /** As written, escapes kept. Of a `tel` URI: the number. */
  readonly user?: string
  /** `user` with its %-escapes decoded. */
  readonly userDecoded?: string
  readonly password?: string
  /** Lower case is not enforced; IPv6 addresses without brackets. Empty for schemes other than sip and sips. */
  readonly host: string
  readonly port?: number
  readonly params: Params
  /** URI headers (`?name=value&…`), names in lower case, values as written. */
  readonly headers: Params
  /** What follows the scheme of a URI that is neither sip, sips nor tel. */
  readonly opaque?: string
}

/** Parses a URI. @throws ParseError */
export function parseUri(_text: string): SipUri {
  throw new Error('not yet')
}

/** Writes a URI. */
export function formatUri(_uri: SipUri): string {
  throw new Error('not yet')
}

/** RFC 3261 §19.1.4: are the two URIs equivalent? (Not transitive, as the RFC defines it.) */
export function uriEquals(_a: SipUri | string, _b: SipUri | string): boolean {
  throw new Error('not yet')
}

/** Escapes what may not stand in the user part of a URI (`#` becomes `%23`; `*` stays). */
export function escapeUser(_text: string): string {
  throw new Error('not yet')
}
