/**
 * One departure of a received message from the grammar or from a rule of the RFCs.
 */
export interface Violation {
  /** Stable name, for example `via-missing`. */
  readonly code: string
  /** The rule broken, for example `RFC 3261 §8.1.1`. */
  readonly rule: string
  /** Offset in bytes from the start of the parsed buffer. */
  readonly offset: number
  readonly expected: string
  readonly actual: string
  /**
   * The status with which a server refuses a request that has this defect (a response that has it is dropped).
   * Absent: processing may go on, the defect is only worth naming.
   */
  readonly status?: number
}

/** A header field or URI that cannot be read as its grammar wants it. */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  readonly code: string
  readonly rule: string
  readonly offset: number

  /** @param offset in characters of the text that was parsed */
  constructor(code: string, rule: string, message: string, offset = 0) {
    super(message)
    this.code = code
    this.rule = rule
    this.offset = offset
  }
}
