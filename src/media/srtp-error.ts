/** Why packets are refused (RFC 3711 §3.3, §9.2; MKI: RFC 4568 §6.1). */

export type SrtpErrorCode =
  | 'not-rtp'
  | 'not-rtcp'
  | 'too-short'
  | 'authentication'
  | 'replayed'
  | 'too-old'
  | 'unknown-mki'
  | 'key-exhausted'

/** A refused packet. There is one shared instance per code, so that a flood of forgeries costs no stack traces. */
export class SrtpError extends Error {
  readonly code: SrtpErrorCode
  readonly rule: string
  constructor(code: SrtpErrorCode, rule: string, message: string) {
    super(`${message} (${rule})`)
    this.name = 'SrtpError'
    this.code = code
    this.rule = rule
  }
}

export const notRtp = new SrtpError('not-rtp', 'RFC 3711 §3.1', 'no RTP header')
export const notRtcp = new SrtpError('not-rtcp', 'RFC 3711 §3.4', 'no RTCP header')
export const tooShort = new SrtpError('too-short', 'RFC 3711 §3.1', 'no room for header, MKI and authentication tag')
export const badTag = new SrtpError('authentication', 'RFC 3711 §3.3', 'the authentication tag does not match')
export const replayed = new SrtpError('replayed', 'RFC 3711 §3.3.2', 'this index was had before')
export const tooOld = new SrtpError('too-old', 'RFC 3711 §3.3.2', 'the index lies behind the replay window')
export const unknownMki = new SrtpError('unknown-mki', 'RFC 3711 §3.2.3', 'no master key has this MKI')
export const exhausted = new SrtpError('key-exhausted', 'RFC 3711 §9.2', 'no packet more may use this master key')
