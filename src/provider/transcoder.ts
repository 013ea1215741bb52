/** Codecs of one stream between two devices: where they have none in common the relay decodes and encodes again. */
import { decodeG711, encodeG711, type Law } from '../media/g711.js'
import { G722Decoder, G722Encoder } from '../media/g722.js'
import { isRtcp, RTP_HEADER_BYTES } from '../media/rtp.js'
import { type CodecName, staticType } from '../sdp/audio-stream.js'
import type { MediaDescription } from '../sdp/section.js'
import type { RtpMap } from '../sdp/values.js'
import type { MediaLeg } from './media-leg.js'
import type { RelayRules } from './rules/relay.js'

export type Recode = (packet: Buffer) => Buffer

/** What every telephone has. */
const LAWS: readonly Law[] = ['PCMA', 'PCMU']
const KNOWN: ReadonlySet<string> = new Set([...LAWS, 'G722'])
/** Formats that carry no voice. */
const BESIDE: ReadonlySet<string> = new Set(['telephone-event', 'cn', 'red'])

export class Transcoder {
  readonly #rules: RelayRules
  /** Formats of the offer that is under way, and those that were added to it. */
  #offered: readonly RtpMap[] = []
  #added: readonly RtpMap[] = []
  /** What a leg was offered beside what the other side offers. */
  readonly #told = new Map<MediaLeg, readonly RtpMap[]>()
  readonly #codecs = new Map<MediaLeg, readonly CodecName[]>()

  constructor(rules: RelayRules) {
    this.#rules = rules
  }

  /** Adds codecs to an offer that has few. @param from the leg of who offers */
  widen(offer: MediaDescription, from: MediaLeg, to: MediaLeg): void {
    this.#added = []
    this.#offered = offer.rtpMaps
    const own = codecsOf(this.#offered)
    this.#codecs.set(from, own)
    if (!this.#rules.transcodes || offer.media !== 'audio' || own.length === 0) return
    const wanted = new Set([...LAWS, ...(this.#codecs.get(to) ?? [])])
    const free = (codec: CodecName) => !offer.formats.includes(String(staticType(codec)))
    const added = [...wanted].filter((codec) => !own.includes(codec) && free(codec))
    this.#added = added.map((encoding) => ({
      payloadType: staticType(encoding),
      encoding,
      clockRate: 8000,
      channels: 1,
    }))
    if (this.#added.length > 0) this.#told.set(to, this.#added)
    offer.formats = [...offer.formats, ...this.#added.map(({ payloadType }) => String(payloadType))]
    for (const map of this.#added) offer.addAttribute('rtpmap', `${map.payloadType} ${map.encoding}/8000`)
  }

  /** Takes the codecs that were added out of the answer, and begins to transcode where nothing else is left. */
  settle(answer: MediaDescription, from: MediaLeg, to: MediaLeg): void {
    const chosen = answer.rtpMaps
    this.#codecs.set(from, codecsOf(chosen))
    from.recode = undefined
    to.recode = undefined
    const isAdded = (format: string) => this.#added.some(({ payloadType }) => String(payloadType) === format)
    const kept = answer.formats.filter((format) => !isAdded(format))
    const voice = chosen.filter(
      ({ payloadType, encoding }) => kept.includes(String(payloadType)) && !BESIDE.has(encoding.toLowerCase()),
    )
    const taken = chosen.filter(({ payloadType }) => isAdded(String(payloadType)))
    const maps = answer.attributes('rtpmap').filter((line) => !isAdded(line.split(' ')[0] ?? ''))
    if (taken.length > 0) {
      answer.removeAttribute('rtpmap')
      for (const line of maps) answer.addAttribute('rtpmap', line)
      answer.formats = kept
    }
    const [theirs] = voice.length > 0 ? voice.filter(isKnown) : this.#offered.filter(isKnown)
    if (theirs === undefined) return
    if (voice.length === 0 && taken[0] !== undefined) {
      answer.formats = [String(theirs.payloadType), ...kept]
      answer.addAttribute('rtpmap', `${theirs.payloadType} ${theirs.encoding}/${theirs.clockRate}`)
      from.recode = recoder([theirs], taken[0], this.#rules)
    }
    if (taken.length > 0) to.recode = recoder(taken, theirs, this.#rules)
    this.#keepTold(answer, theirs, from, to)
  }

  /** What a device was offered by us before it may go on using: its description has not changed (RFC 3264 §8). */
  #keepTold(answer: MediaDescription, voice: RtpMap, from: MediaLeg, to: MediaLeg): void {
    const offered = new Set(this.#offered.map(({ payloadType }) => payloadType))
    const extra = (this.#told.get(to) ?? []).filter(
      ({ payloadType }) => offered.has(payloadType) && !answer.formats.includes(String(payloadType)),
    )
    if (extra.length === 0) return
    answer.formats = [...answer.formats, ...extra.map(({ payloadType }) => String(payloadType))]
    for (const map of extra) answer.addAttribute('rtpmap', `${map.payloadType} ${map.encoding}/8000`)
    from.recode ??= recoder(extra, voice, this.#rules)
  }
}

const isKnown = ({ encoding, clockRate }: RtpMap): boolean => KNOWN.has(encoding.toUpperCase()) && clockRate === 8000

const codecsOf = (maps: readonly RtpMap[]): CodecName[] => maps.filter(isKnown).map(nameOf)

const nameOf = ({ encoding }: RtpMap): CodecName => {
  const name = encoding.toUpperCase()
  return name === 'G722' || name === 'PCMU' ? name : 'PCMA'
}

/** Packets of some formats as those of another: octets and timestamps count 8,000 a second in all of them (RFC 3551 §4.5.2). */
function recoder(sources: readonly RtpMap[], to: RtpMap, { recodes, widebandTicks }: RelayRules): Recode {
  const codecs = new Map(sources.map((map) => [map.payloadType, nameOf(map)]))
  const target = nameOf(to)
  const decoder = new G722Decoder()
  const encoder = new G722Encoder()
  return (packet) => {
    const source = isRtcp(packet) ? undefined : codecs.get((packet[1] ?? 0) & 0x7f)
    if (source === undefined) return packet
    const payload = packet.subarray(RTP_HEADER_BYTES)
    const samples = source === 'G722' ? decoder.decode(payload) : decodeG711(payload, source)
    const recoded = target === 'G722' ? encoder.encode(samples) : encodeG711(samples, target)
    const whole = Buffer.concat([packet.subarray(0, RTP_HEADER_BYTES), recodes === 'sound' ? recoded : payload])
    whole[1] = ((packet[1] ?? 0) & 0x80) | to.payloadType
    if (target === 'G722') whole.writeUInt32BE((packet.readUInt32BE(4) * widebandTicks) >>> 0, 4)
    return whole
  }
}
