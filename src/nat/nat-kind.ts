/** How NATs differ, in the terms of RFC 4787 and RFC 6888. */

/** What of the peer's address a mapping (RFC 4787 §4.1) or a filter (§5) depends on. */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'

/**
 * How public ports are chosen (RFC 4787 §4.2.1). `any`: whichever is free. `preserved`: that of the device, where it is free.
 * `overloaded`: that of the device always; several mappings share it, and the peer tells them apart.
 */
export type PortChoice = 'any' | 'preserved' | 'overloaded'

/** A carrier's NAT gives each subscriber blocks of ports (RFC 6888 §3 REQ-4 limits them). Both ends of the range included. */
export interface PortBlocks {
  readonly first: number
  readonly last: number
  readonly blockSize: number
  /** Blocks that one subscriber, an inside address, may have. What it asks for beyond them is dropped. */
  readonly blocksEach: number
}

/** What comes back to inside addresses by way of a public one (RFC 4787 §6), and which source it shows. */
export type Hairpin = 'external' | 'internal' | 'none'

/**
 * A SIP ALG rewrites the addresses in SIP over UDP on port 5060. `right`: both ways, lengths kept right. `wrong-length`: what a
 * body has become longer or shorter by does not show in Content-Length. `one-way`: what comes in is not written back.
 */
export type SipAlgKind = 'right' | 'wrong-length' | 'one-way'

/** A kind of NAT, as a scenario selects it. Times are milliseconds. */
export interface NatKind {
  /** A UDP mapping is forgotten when nothing went out for so long. */
  readonly mappingTimeoutMs: number
  /** The same, as long as nothing has come back. Default: as long. */
  readonly unrepliedTimeoutMs?: number
  /** A TCP or TLS connection is forgotten when nothing passed for so long: what is sent then gets nowhere. Default: never. */
  readonly streamTimeoutMs?: number
  /** What keeps a UDP mapping alive (RFC 4787 §4.3): what goes out, or what comes in as well. Default `outbound`. */
  readonly refreshedBy?: 'outbound' | 'both'
  /** Default `address-and-port-dependent`. */
  readonly filtering?: Dependence
  /** Default `endpoint-independent`: one public port per inside socket. */
  readonly mapping?: Dependence
  /** Default `any`. */
  readonly ports?: PortChoice | PortBlocks
  /** Default `external`, as RFC 4787 REQ-9 wants it. */
  readonly hairpin?: Hairpin
  /** Default: SIP passes untouched. */
  readonly alg?: SipAlgKind
  /** Address of the first device behind it; default 10.0.0.2, or fd00::2. */
  readonly insideAddress?: string
}
