/** Audio packets of one codec as those of another: octets and timestamps count 8,000 a second in all of them (RFC 3551 §4.5.2). */
import { decodeG711, encodeG711 } from '../media/g711.js'
import { G722Decoder, G722Encoder } from '../media/g722.js'
import { isRtcp, RtpReader } from '../media/rtp.js'
import type { CodecName } from '../sdp/audio-stream.js'
import type { RtpMap } from '../sdp/values.js'
import type { RelayRules } from './rules/relay.js'

/** Formats that come, and the one that they are sent as. */
export interface Recoding {
  readonly sources: readonly RtpMap[]
  readonly target: RtpMap
}

/** What is sent to one device. It has the state of its coders: G.722 predicts from what came before. */
export class Recoder {
  /** By payload type. */
  readonly #sources: ReadonlyMap<number, CodecName>
  readonly #target: CodecName
  readonly #payloadType: number
  readonly #rules: RelayRules
  readonly #reader = new RtpReader()
  readonly #decoder = new G722Decoder()
  readonly #encoder = new G722Encoder()

  constructor({ sources, target }: Recoding, rules: RelayRules) {
    this.#sources = codecsByType(sources)
    this.#target = nameOf(target)
    this.#payloadType = target.payloadType
    this.#rules = rules
  }

  /** Would one that is made for this do the same? */
  isFor({ sources, target }: Recoding): boolean {
    const codecs = [...codecsByType(sources)]
    if (codecs.length !== this.#sources.size || codecs.some(([type, codec]) => this.#sources.get(type) !== codec))
      return false
    return this.#payloadType === target.payloadType && this.#target === nameOf(target)
  }

  /** CSRC and header extension stay as they are; padding goes. What is no RTP of these codecs comes back as it is. */
  recode(packet: Buffer): Buffer {
    const reader = this.#reader
    if (isRtcp(packet) || reader.read(packet) !== undefined) return packet
    const source = this.#sources.get(reader.payloadType)
    if (source === undefined) return packet
    const { payload, payloadAt, marker, timestamp } = reader
    const voice = this.#rules.recodes === 'sound' ? this.#coded(payload, source) : payload
    const whole = Buffer.concat([packet.subarray(0, payloadAt), voice])
    whole[0] = (packet[0] ?? 0) & ~PADDING
    whole[1] = (marker ? 0x80 : 0) | this.#payloadType
    if (this.#target === 'G722') whole.writeUInt32BE((timestamp * this.#rules.widebandTicks) >>> 0, 4)
    return whole
  }

  #coded(payload: Buffer, source: CodecName): Buffer {
    const samples = source === 'G722' ? this.#decoder.decode(payload) : decodeG711(payload, source)
    return this.#target === 'G722' ? this.#encoder.encode(samples) : encodeG711(samples, this.#target)
  }
}

/** The P bit (RFC 3550 §5.1). */
const PADDING = 0x20

export const nameOf = ({ encoding }: RtpMap): CodecName => {
  const name = encoding.toUpperCase()
  return name === 'G722' || name === 'PCMU' ? name : 'PCMA'
}

function codecsByType(maps: readonly RtpMap[]): Map<number, CodecName> {
  return new Map(maps.map((map) => [map.payloadType, nameOf(map)]))
}
