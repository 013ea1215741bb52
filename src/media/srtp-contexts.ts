/** The SRTP contexts of one media session, through all its changes of keys. */
import type { NegotiatedAudio } from '../sdp/audio-stream.js'
import type { SrtpContext } from './srtp.js'
import { masterKeysOf, sameKeys, srtpContextOf } from './srtp-setup.js'

export class SrtpContexts {
  #send: SrtpContext | undefined
  #receive: SrtpContext | undefined
  #receiveBefore: SrtpContext | undefined

  get send(): SrtpContext | undefined {
    return this.#send
  }

  get receive(): SrtpContext | undefined {
    return this.#receive
  }

  /** For packets that were on their way when the keys changed. */
  get receiveBefore(): SrtpContext | undefined {
    return this.#receiveBefore
  }

  /** @param heard sources so far, whose roll-over counters go on */
  agree(
    before: NegotiatedAudio | undefined,
    now: NegotiatedAudio,
    heard: { sources(): readonly { readonly ssrc: number }[] },
  ): void {
    const crypto = now.crypto
    if (crypto === undefined) {
      this.#send = undefined
      this.#receive = undefined
      this.#receiveBefore = undefined
      return
    }
    const had = before?.crypto
    // RFC 4568 §7.1.4: with another address of theirs, the roll-over counters begin at zero; otherwise they go on.
    const samePlace = before?.remote?.address === now.remote?.address && before?.remote?.port === now.remote?.port
    if (this.#send === undefined || !sameKeys(had?.send, crypto.send)) {
      const going = this.#send
      // RFC 3711 §3.3.1: a new master key does not set the roll-over counter back.
      if (going !== undefined && samePlace && had?.send.suite === crypto.send.suite)
        going.rekey(masterKeysOf(crypto.send))
      else this.#send = srtpContextOf(crypto.send)
    }
    if (this.#receive === undefined || !sameKeys(had?.receive, crypto.receive)) {
      const old = this.#receive
      this.#receiveBefore = old
      this.#receive = srtpContextOf(crypto.receive)
      if (old !== undefined && samePlace) {
        for (const { ssrc } of heard.sources()) {
          const counter = old.rolloverCounter(ssrc)
          if (counter !== undefined && counter > 0) this.#receive.setRolloverCounter(ssrc, counter)
        }
      }
    }
  }
}
