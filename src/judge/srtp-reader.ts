/**
 * Opens the SRTP of a capture where the signalling has its keys (a=crypto, RFC 4568). Each side's description has the key that it sends
 * with; the offer's is the one whose tag the answer took (§5.1.2).
 */
import type { CapturedDatagram } from '../capture/events.js'
import { uint32At } from '../media/rtp.js'
import { SrtpError, type SrtpContext } from '../media/srtp.js'
import { srtpContextOf } from '../media/srtp-setup.js'
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import type { Call } from './calls.js'
import { type Agreement, placeOf } from './descriptions.js'
import { type Opened, streamKey } from './streams.js'

/** A key, and from when on it may be used, ms. */
interface Key {
  readonly at: number
  readonly callId: string
  readonly attribute: CryptoAttribute
}

/** Keys of one place that are tried: of re-INVITEs, and of calls that had the place before. */
const MOST_KEYS = 8
/** A key may be used before its answer is seen. */
const EARLY_MS = 2_000

export class SrtpReader {
  /** By where it is sent from and to, as descriptions say. */
  readonly #bySender = new Map<string, Key[]>()
  readonly #byReceiver = new Map<string, Key[]>()
  /** The contexts of a stream, those that opened something first. */
  readonly #contexts = new Map<string, { key: Key; context: SrtpContext }[]>()

  constructor(calls: readonly Call[]) {
    for (const { legs } of calls)
      for (const { agreements } of legs) for (const agreement of agreements) this.#learn(agreement)
  }

  #learn(agreement: Agreement): void {
    const { offer, answer, at } = agreement
    const { callId } = answer.seen
    for (const index of answer.sdp.media.keys()) {
      const [offered, answered] = [placeOf(offer, index), placeOf(answer, index)]
      const theirs = answered?.media.crypto.flatMap(({ attribute }) => attribute ?? [])[0]
      const ours = offered?.media.crypto
        .flatMap(({ attribute }) => attribute ?? [])
        .find(({ tag }) => tag === theirs?.tag)
      if (offered === undefined || answered === undefined || theirs === undefined || ours === undefined) continue
      this.#add(offered.endpoint, answered.endpoint, { at, callId, attribute: ours })
      this.#add(answered.endpoint, offered.endpoint, { at, callId, attribute: theirs })
    }
  }

  #add(from: Endpoint, to: Endpoint, key: Key): void {
    for (const [map, place] of [
      [this.#bySender, from],
      [this.#byReceiver, to],
    ] as const) {
      const name = formatEndpoint(place)
      const known = map.get(name)
      if (known === undefined) map.set(name, [key])
      else if (known.length < MOST_KEYS) known.push(key)
    }
  }

  /** @param callId of the call that announced where it goes: others may have had the port before */
  open({ at, from, to, data }: CapturedDatagram, callId: string): Opened {
    const contexts = this.#contextsOf({ from, to, at, callId }, streamKey(from, to, uint32At(data, 8)))
    if (contexts.length === 0) return 'no key'
    for (const [index, { context }] of contexts.entries()) {
      const opened = context.unprotect(data)
      if (!(opened instanceof SrtpError)) {
        // What opened one opens the next.
        if (index > 0) contexts.unshift(...contexts.splice(index, 1))
        return opened
      }
      if (index === 0 && opened.code === 'replayed') return 'repeated'
    }
    return 'refused'
  }

  #contextsOf(
    { from, to, at, callId }: { from: Endpoint; to: Endpoint; at: number; callId: string },
    stream: string,
  ): { key: Key; context: SrtpContext }[] {
    let known = this.#contexts.get(stream)
    if (known === undefined) this.#contexts.set(stream, (known = []))
    const keys = new Set([
      ...(this.#byReceiver.get(formatEndpoint(to)) ?? []),
      ...(this.#bySender.get(formatEndpoint(from)) ?? []),
    ])
    if (known.length >= keys.size) return known
    for (const key of keys) {
      if (key.callId !== callId || key.at > at + EARLY_MS || known.some((one) => one.key === key)) continue
      try {
        known.push({ key, context: srtpContextOf(key.attribute) })
      } catch {
        // A suite that is not spoken here.
      }
    }
    return known
  }
}
