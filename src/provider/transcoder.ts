/** Codecs of one stream between two devices: where they have none in common the relay decodes and encodes again. */
import type { Law } from '../media/g711.js'
import { type CodecName, staticType } from '../sdp/audio-stream.js'
import type { MediaDescription } from '../sdp/section.js'
import type { RtpMap } from '../sdp/values.js'
import type { MediaLeg } from './media-leg.js'
import { nameOf, type Recoding, Recoder } from './recoder.js'
import type { RelayRules } from './rules/relay.js'

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

  /** @returns what puts back what is known now, before an offer. @param from the leg of who offers */
  kept(from: MediaLeg, to: MediaLeg): () => void {
    const [offered, added, codecs, told] = [this.#offered, this.#added, this.#codecs.get(from), this.#told.get(to)]
    return () => {
      this.#offered = offered
      this.#added = added
      this.#codecs.set(from, codecs ?? [])
      this.#told.set(to, told ?? [])
    }
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
    const needed = this.#takeOut(answer, from, to)
    from.recoder = this.#recoder(needed.from, from.recoder)
    to.recoder = this.#recoder(needed.to, to.recoder)
  }

  /** An answer comes several times, and coders have a memory: where nothing has changed they stay. */
  #recoder(needed: Recoding | undefined, before: Recoder | undefined): Recoder | undefined {
    if (needed === undefined) return undefined
    return before?.isFor(needed) === true ? before : new Recoder(needed, this.#rules)
  }

  /** @returns what each of the two has to be sent as another codec */
  #takeOut(answer: MediaDescription, from: MediaLeg, to: MediaLeg): { from?: Recoding; to?: Recoding } {
    const needed: { from?: Recoding; to?: Recoding } = {}
    const chosen = answer.rtpMaps
    this.#codecs.set(from, codecsOf(chosen))
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
    if (theirs === undefined) return needed
    if (voice.length === 0 && taken[0] !== undefined) {
      answer.formats = [String(theirs.payloadType), ...kept]
      answer.addAttribute('rtpmap', `${theirs.payloadType} ${theirs.encoding}/${theirs.clockRate}`)
      needed.from = { sources: [theirs], target: taken[0] }
    }
    if (taken.length > 0) needed.to = { sources: taken, target: theirs }
    const extra = this.#keepTold(answer, to)
    if (extra.length > 0) needed.from ??= { sources: extra, target: theirs }
    return needed
  }

  /** What a device was offered by us before it may go on using: its description has not changed (RFC 3264 §8). */
  #keepTold(answer: MediaDescription, to: MediaLeg): readonly RtpMap[] {
    const offered = new Set(this.#offered.map(({ payloadType }) => payloadType))
    const extra = (this.#told.get(to) ?? []).filter(
      ({ payloadType }) => offered.has(payloadType) && !answer.formats.includes(String(payloadType)),
    )
    if (extra.length === 0) return extra
    answer.formats = [...answer.formats, ...extra.map(({ payloadType }) => String(payloadType))]
    for (const map of extra) answer.addAttribute('rtpmap', `${map.payloadType} ${map.encoding}/8000`)
    return extra
  }
}

const isKnown = ({ encoding, clockRate }: RtpMap): boolean => KNOWN.has(encoding.toUpperCase()) && clockRate === 8000

const codecsOf = (maps: readonly RtpMap[]): CodecName[] => maps.filter(isKnown).map(nameOf)
