/** A call whose audio gives way to a fax (T.38 over UDPTL, RFC 3264 §8.3.3), and comes back. */
import type { Call } from '../agent/call.js'
import type { Exchange } from '../agent/exchange.js'
import type { Clock } from '../clock/clock.js'
import { sessionDescriptionIn } from '../message/body-parts.js'
import { parseUdptl, serializeUdptl } from '../media/udptl.js'
import { SessionDescription } from '../sdp/session-description.js'
import { connectionFor } from '../sdp/values.js'
import type { Endpoint, UdpSocket } from '../transport/network.js'
import type { Device } from './device.js'

/** Packets of V.21 are sent so often (ms). */
const PACKET_MS = 40
/** What T.38 gateways write, as attributes of the image stream. */
const ATTRIBUTES = [
  'a=T38FaxVersion:0',
  'a=T38MaxBitRate:14400',
  'a=T38FaxRateManagement:transferredTCF',
  'a=T38FaxMaxBuffer:1024',
  'a=T38FaxMaxDatagram:238',
  'a=T38FaxUdpEC:t38UDPRedundancy',
]

/** How the offer of a fax treats the audio: its stream becomes the fax, or it is closed by port 0 and the fax is a second one. */
export type FaxOffer = 'in place of the audio' | 'beside audio of port 0'

/** One end of such a call. Its audio session has to be mute while the fax lasts. */
export class FaxEnd {
  /** When packets came (ms of the clock), by what stands in them. */
  readonly #heard = new Map<string, number[]>()
  readonly #call: Call
  readonly #socket: UdpSocket
  readonly #clock: Clock
  /** Stands in every packet of this end. */
  readonly #mark: string
  #to: Endpoint | undefined
  #sequence = 0

  private constructor(call: Call, socket: UdpSocket, clock: Clock, mark: string) {
    this.#call = call
    this.#socket = socket
    this.#clock = clock
    this.#mark = mark
    socket.onMessage = (data, _from, at) => {
      const mark = parseUdptl(data)?.data.toString('latin1')
      if (mark !== undefined) this.#heard.set(mark, [...(this.#heard.get(mark) ?? []), at])
    }
    socket.onError = () => undefined
  }

  /** @param mark what its packets say: another text at the other end */
  static async at(device: Device, call: Call, clock: Clock, mark: string): Promise<FaxEnd> {
    return new FaxEnd(call, await device.bindsSocket(), clock, mark)
  }

  /** From now on offers of a fax are taken, and those of audio again afterwards. */
  takes(): void {
    this.#call.onOffer = (offer) => {
      if (offer === undefined || !/^m=image [1-9]/m.test(offer)) return this.#newer(this.#answerOfAudio(offer))
      this.#follows(offer)
      return this.#describes(/^m=audio/m.test(offer) ? 'beside audio of port 0' : 'in place of the audio')
    }
  }

  /** From now on offers of a fax are refused, as by a device that does not know T.38. */
  refuses(status = 488): void {
    this.#call.onOffer = (offer) => (/^m=image [1-9]/m.test(offer ?? '') ? { status } : undefined)
  }

  /** Offers a fax by re-INVITE; where it is taken, packets go to where the answer says. */
  async offers(how: FaxOffer): Promise<Exchange> {
    const exchange = await this.#call.reinvite({ sdp: this.#describes(how) })
    const { final } = exchange
    if (final !== undefined && final.status < 300) this.#follows(sessionDescriptionIn(final) ?? '')
    return exchange
  }

  /** Offers audio in place of the fax; where that is a stream of its own it is closed, and keeps its place (RFC 3264 §8.2). */
  goesBack(): Promise<Exchange> {
    const previous = SessionDescription.parse(this.#call.localSdp ?? '')
    const offer = this.#call.media?.offer({ previous }).toString()
    return this.#call.reinvite(offer === undefined ? {} : { sdp: this.#newer(offer) })
  }

  /** Sends packets for so long. */
  async sends(ms: number): Promise<void> {
    const end = this.#clock.now() + ms
    while (this.#clock.now() < end) {
      if (this.#to !== undefined)
        this.#socket.send(serializeUdptl(this.#sequence, Buffer.from(this.#mark, 'latin1')), this.#to)
      this.#sequence += 1
      await this.#clock.sleep(PACKET_MS)
    }
  }

  /** How many packets of the other end have come. */
  heardFrom(other: FaxEnd): number {
    return this.#heard.get(other.#mark)?.length ?? 0
  }

  #follows(sdp: string): void {
    const image = SessionDescription.parse(sdp).media.find(({ media, port }) => media === 'image' && port > 0)
    const address = image?.connection?.address
    this.#to = image === undefined || address === undefined ? undefined : { address, port: image.port }
  }

  #describes(how: FaxOffer): string {
    const { address, port } = this.#socket.local
    const { addrType } = connectionFor(address)
    return this.#newer(
      [
        'v=0',
        this.#origin,
        's=-',
        `c=IN ${addrType} ${address}`,
        't=0 0',
        ...(how === 'in place of the audio' ? [] : ['m=audio 0 RTP/AVP 8']),
        `m=image ${port} udptl t38`,
        ...ATTRIBUTES,
        '',
      ].join('\r\n'),
    )
  }

  get #origin(): string {
    return /^o=.*(?=\r?$)/m.exec(this.#call.localSdp ?? '')?.[0] ?? 'o=- 1 0 IN IP4 127.0.0.1'
  }

  /** RFC 3264 §8: a description that differs from the one before is one higher. */
  #newer(sdp: string): string {
    const version = Number(this.#origin.split(' ')[2]) + 1
    return sdp.replace(/^(o=\S+ \S+ )\d+/m, (_, head: string) => `${head}${version}`)
  }

  #answerOfAudio(offer: string | undefined): string {
    const { media } = this.#call
    const answer = offer === undefined ? undefined : media?.answer(offer)
    return answer === undefined || 'rejected' in answer ? (this.#call.localSdp ?? '') : answer.toString()
  }
}
