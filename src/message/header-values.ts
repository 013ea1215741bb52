import type { Params } from './grammar.js'

/** One Via value (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0` */
  readonly protocol: string
  /** Upper case. */
  readonly transport: string
  /** IPv6 without brackets. */
  readonly host: string
  readonly port?: number
  readonly params: Params
  readonly branch?: string
  readonly received?: string
  /** `true`: the parameter is there without a value (RFC 3581 §3). */
  readonly rport?: number | true
}

/** A name-addr or addr-spec with header parameters (From, To, Contact, Route, … RFC 3261 §20.10). */
export interface NameAddr {
  /** Without quotes and escapes. */
  readonly display?: string
  readonly uri: string
  readonly params: Params
  readonly tag?: string
}

export interface CSeq {
  readonly number: number
  readonly method: string
}

/** @throws ParseError */
export function parseVia(_text: string): Via {
  throw new Error('not yet')
}

/** @throws ParseError */
export function parseNameAddr(_text: string): NameAddr {
  throw new Error('not yet')
}

/** @throws ParseError */
export function parseCSeq(_text: string): CSeq {
  throw new Error('not yet')
}

/** Writes a Via value; `params` tells all parameters, `branch`, `received` and `rport` override theirs. */
export function formatVia(_via: Partial<Via> & Pick<Via, 'transport' | 'host'>): string {
  throw new Error('not yet')
}

/** Writes a name-addr, always in angle brackets; `tag` overrides the parameter. */
export function formatNameAddr(_value: Partial<NameAddr> & Pick<NameAddr, 'uri'>): string {
  throw new Error('not yet')
}
