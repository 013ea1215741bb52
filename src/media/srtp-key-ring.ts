/** The session keys of one master key, as packets come and go (RFC 3711 §4.3.1, RFC 4568 §6.1). */
import { GcmKeys } from './srtp-gcm.js'
import { SessionKeys } from './srtp-keys.js'
import type { MasterKey } from './srtp-keys.js'

/** One master key and what was derived from it last. */
export class KeyRing {
  readonly master: MasterKey
  readonly #rate: number
  readonly #aead: boolean
  #rtp: SessionKeys | GcmKeys | undefined
  #rtpBefore: SessionKeys | GcmKeys | undefined
  #rtcp: SessionKeys | GcmKeys | undefined
  /** How many packets of each kind it may serve: RFC 4568 §6.1 counts them apart. */
  readonly lifetime: number
  rtpPackets = 0
  rtcpPackets = 0

  constructor(master: MasterKey, rate: number, aead: boolean) {
    this.master = master
    this.lifetime = master.lifetime ?? Infinity
    this.#rate = rate
    this.#aead = aead
  }

  /** RFC 3711 §4.3.1: derived anew whenever the index passes a multiple of the rate; the last two are kept. */
  rtp(index: number): SessionKeys | GcmKeys {
    const epoch = this.#rate === 0 ? 0 : Math.floor(index / this.#rate)
    if (this.#rtp?.epoch === epoch) return this.#rtp
    if (this.#rtpBefore?.epoch === epoch) return this.#rtpBefore
    this.#rtpBefore = this.#rtp
    this.#rtp = this.#derive('rtp', epoch)
    return this.#rtp
  }

  rtcp(index: number): SessionKeys | GcmKeys {
    const epoch = this.#rate === 0 ? 0 : Math.floor(index / this.#rate)
    if (this.#rtcp?.epoch !== epoch) this.#rtcp = this.#derive('rtcp', epoch)
    return this.#rtcp
  }

  #derive(kind: 'rtp' | 'rtcp', epoch: number): SessionKeys | GcmKeys {
    return this.#aead ? GcmKeys.derive(this.master, kind, epoch) : new SessionKeys(this.master, kind, epoch)
  }
}
