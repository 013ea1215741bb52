/** What the readers of the file formats hand on. */

/** A packet as it stands in a file. */
export interface Packet {
  /** From 1, as Wireshark counts. */
  readonly frame: number
  /** Unix milliseconds. */
  readonly at: number
  /** LINKTYPE_ number. */
  readonly link: number
  readonly data: Buffer
  /** Bytes at its end that were not captured. */
  readonly cut: number
  /** Tells the interfaces of a file apart. */
  readonly port: number
  /** The interface has clear text of what went over TLS. */
  readonly tls: boolean
  readonly comment?: string
}

export interface PacketFile {
  readonly packets: readonly Packet[]
  /** NSS key log lines that the file brings. */
  readonly secrets: readonly string[]
}

/** At the end of an interface's name: what stands there went over TLS, and was written down in plain text. */
export const TLS_IN_CLEAR = '(TLS, plain text)'

/** The file is no capture, or one of a kind that is not read. The message is a sentence that says what to do. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'
}
