/** STUN on its two ports (EP-6): RFC 8489 §6.3.1, stateless. */
import { answerBinding, encodeStun, parseStun } from '../nat/stun.js'
import type { Endpoint, UdpSocket } from '../transport/network.js'
import type { ProviderContext } from './context.js'
import type { StunRules } from './rules/names-and-time.js'

export class StunServer {
  readonly #context: ProviderContext
  readonly #rules: StunRules
  readonly #sockets: UdpSocket[] = []

  constructor(context: ProviderContext) {
    this.#context = context
    this.#rules = context.rules.stun
  }

  /** @throws NetworkError */
  async start(): Promise<void> {
    const { network, addresses } = this.#context
    for (const [index, port] of addresses.stun.ports.entries()) {
      const socket = await network.bindUdp({ address: addresses.stun.address, port })
      this.#sockets.push(socket)
      if (index > 0 && !this.#rules.servesAlternative) continue
      socket.onMessage = (data, from) => this.#answer(socket, data, from)
    }
  }

  /** The answer to a STUN packet, wherever it arrived; undefined: none. */
  answerTo(data: Buffer, from: Endpoint): Buffer | undefined {
    const request = parseStun(data)
    if (request === undefined) return undefined
    const seen = this.#rules.tellsRightAddress ? from : { address: from.address, port: from.port ^ 1 }
    const { notUnderstood: _, ...understood } = request
    const answer = answerBinding(this.#rules.refusesUnknown ? request : understood, seen, 'ringproof')
    return answer === undefined ? undefined : encodeStun(answer)
  }

  stop(): void {
    for (const socket of this.#sockets.splice(0)) socket.close()
  }

  #answer(socket: UdpSocket, data: Buffer, from: Endpoint): void {
    const answer = this.answerTo(data, from)
    if (answer === undefined) return
    // RFC 8489 §6.3.1.2: from the address and port that was asked.
    const elsewhere = this.#rules.answersFromAsked ? undefined : this.#sockets.find((other) => other !== socket)
    ;(elsewhere ?? socket).send(answer, from)
  }
}
