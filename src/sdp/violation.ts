/** A rule of the session description that was broken: what, by which section, where (octet offset). */
export interface SdpViolation {
  /** Stable, e.g. 'origin-missing'. */
  readonly code: string
  /** e.g. 'RFC 8866 §5.2'. */
  readonly rule: string
  readonly offset: number
  readonly expected: string
  readonly actual: string
}
