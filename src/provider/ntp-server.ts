/** The time server. */
import type { UdpSocket } from '../transport/network.js'
import type { ProviderContext } from './context.js'

const PACKET_BYTES = 48
const CLIENT = 3
const SERVER = 4
/** Seconds from 1900 to 1970. */
const NTP_UNIX_OFFSET = 2_208_988_800

/**
 * NTP (EP-7), the server's half of a client/server exchange: RFC 5905 §7.3.
 *
 *  0                   1                   2                   3
 * +---+-----+-----+---------------+---------------+---------------+
 * |LI | VN  |Mode |    Stratum    |     Poll      |   Precision   |
 * +---+-----+-----+---------------+---------------+---------------+
 * | root delay, root dispersion, reference id: 12 octets          |
 * | reference, origin, receive, transmit timestamp: 8 octets each |
 * +---------------------------------------------------------------+
 */
export class NtpServer {
  readonly #context: ProviderContext
  #socket: UdpSocket | undefined

  constructor(context: ProviderContext) {
    this.#context = context
  }

  /** @throws NetworkError */
  async start(): Promise<void> {
    const socket = await this.#context.network.bindUdp(this.#context.addresses.ntp)
    this.#socket = socket
    socket.onMessage = (data, from) => {
      const answer = this.#answer(data)
      if (answer !== undefined) socket.send(answer, from)
    }
  }

  stop(): void {
    this.#socket?.close()
  }

  #answer(request: Buffer): Buffer | undefined {
    const first = request[0]
    if (first === undefined || request.length < PACKET_BYTES || (first & 7) !== CLIENT) return undefined
    const { clock, rules } = this.#context
    const now = clock.unixMs() + rules.ntp.offsetMs
    const stratum = rules.ntp.isSynchronised ? 2 : 16
    const answer = Buffer.alloc(PACKET_BYTES)
    answer[0] = (stratum === 16 ? 0xc0 : 0) | (first & 0x38) | SERVER
    answer[1] = stratum
    answer[2] = request[2] ?? 0
    answer.writeInt8(-20, 3)
    answer.write('LOCL', 12, 'latin1')
    writeTime(answer, 16, now - 1000)
    request.copy(answer, 24, 40, 48)
    writeTime(answer, 32, now)
    writeTime(answer, 40, now)
    return answer
  }
}

function writeTime(into: Buffer, at: number, unixMs: number): void {
  const seconds = Math.floor(unixMs / 1000)
  into.writeUInt32BE((seconds + NTP_UNIX_OFFSET) % 2 ** 32, at)
  into.writeUInt32BE(Math.min(2 ** 32 - 1, Math.round(((unixMs - seconds * 1000) / 1000) * 2 ** 32)), at + 4)
}
