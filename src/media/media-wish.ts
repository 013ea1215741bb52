/** What the next offer or answer of a media session says of its stream, and what it goes back to where an offer is refused. */
import type { CodecName, LocalAudio } from '../sdp/audio-stream.js'
import { canSend, type Direction } from '../sdp/direction.js'
import type { Endpoint } from '../transport/network.js'
import type { DtlsKeying } from './dtls-keying.js'
import type { MediaSessionOptions } from './media-options.js'

interface Wish {
  readonly direction: Direction
  readonly codecs: readonly CodecName[]
  /** On hold by an address of 0.0.0.0 (RFC 3264 §8.4). */
  readonly nowhere: boolean
}

export class MediaWish {
  readonly #o: MediaSessionOptions
  #wish: Wish
  /** As it was before an offer that is not answered yet. */
  #before: (Wish & { readonly muted?: boolean }) | undefined

  constructor(o: MediaSessionOptions) {
    this.#o = o
    this.#wish = { direction: o.direction ?? 'sendrecv', codecs: o.codecs, nowhere: false }
  }

  get direction(): Direction {
    return this.#wish.direction
  }

  set direction(direction: Direction) {
    this.#wish = { ...this.#wish, direction }
  }

  /** In order of preference (RFC 3264 §8.3.2). */
  set codecs(codecs: readonly CodecName[]) {
    this.offers()
    this.#wish = { ...this.#wish, codecs }
  }

  /** An offer goes out, which may be refused. */
  offers(): void {
    this.#before ??= this.#wish
  }

  /** The other side has agreed, or the wish is given up: nothing is left to go back to. */
  settles(): void {
    this.#before = undefined
  }

  /** All is as it was before the offer. @returns whether audio was suppressed then, undefined where that did not change */
  goesBack(): boolean | undefined {
    if (this.#before === undefined) return undefined
    const { muted, ...wish } = this.#before
    this.#wish = wish
    this.#before = undefined
    return muted
  }

  /**
   * The other side is put on hold, or taken off it (RFC 3264 §8.4).
   * @param muted whether audio is suppressed so far
   */
  holds(on: boolean, { nowhere, muted }: { readonly nowhere: boolean; readonly muted: boolean }): void {
    const { direction, codecs } = this.#wish
    this.#before = { muted, ...(this.#before ?? this.#wish) }
    const held = canSend(direction) ? 'sendonly' : 'inactive'
    this.#wish = { codecs, nowhere: on && nowhere, direction: on ? (nowhere ? direction : held) : 'sendrecv' }
  }

  /** As session descriptions have it. @param local where RTP is bound */
  audio(local: Endpoint, dtls: DtlsKeying | undefined): LocalAudio {
    const { advertised, dtmfPayloadType = 101, srtp } = this.#o
    const port = advertised?.port ?? local.port
    const rtcpPort = advertised?.rtcpPort
    const suites = srtp === undefined || srtp === false ? [] : srtp
    return {
      address: this.#wish.nowhere ? '0.0.0.0' : (advertised?.address ?? this.#o.localAddress),
      port,
      ...(rtcpPort === undefined ? {} : { rtcpPort }),
      rtcpMux: this.#o.rtcpMux ?? false,
      codecs: this.#wish.codecs,
      ...(dtmfPayloadType === false ? {} : { dtmfPayloadType }),
      ptimeMs: this.#o.ptimeMs ?? 20,
      ...(this.#o.maxPtimeMs === undefined ? {} : { maxPtimeMs: this.#o.maxPtimeMs }),
      comfortNoise: this.#o.comfortNoise ?? false,
      direction: this.#wish.direction,
      suites,
      srtpRequired: this.#o.srtpRequired ?? suites.length > 0,
      ...(dtls === undefined ? {} : { dtls: dtls.local }),
    }
  }
}
