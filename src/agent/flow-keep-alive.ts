/** Keeps the way back to a registered user agent open, and notices when it is dead (RFC 5626 §4.4). */
import { KeepAlive } from '../nat/keep-alive.js'
import { StunClient } from '../nat/stun.js'
import type { Flow } from '../transport/flow.js'
import type { AgentCore } from './agent-core.js'
import type { KeepAliveWish } from './options.js'

export class FlowKeepAlive {
  readonly flow: Flow
  readonly #keepAlive: KeepAlive
  readonly #stun: StunClient | undefined

  /** @param onFailed told when the flow gives no answer any more; nothing is sent from then on */
  constructor(core: AgentCore, flow: Flow, wish: KeepAliveWish, onFailed: () => void) {
    const { clock, random } = core
    this.flow = flow
    this.#stun =
      wish.kind === 'stun' && flow.transport === 'udp'
        ? new StunClient({ clock, random, send: (data) => flow.sendRaw(data) })
        : undefined
    this.#keepAlive = new KeepAlive({
      clock,
      random,
      kind: this.#stun !== undefined ? 'stun' : flow.transport === 'udp' ? 'crlf-one-way' : 'crlf',
      interval: { min: wish.everyMs, max: wish.everyMs },
      send: (data) => {
        if (this.#stun === undefined) flow.sendRaw(data)
        else core.unattended(this.#ask(this.#stun))
      },
      onFailed: () => {
        this.stop()
        onFailed()
      },
    })
  }

  start(): void {
    this.#keepAlive.start()
  }

  stop(): void {
    this.#keepAlive.stop()
    this.#stun?.close()
  }

  /** A CRLF came on the flow. */
  pong(): void {
    this.#keepAlive.pong()
  }

  /** False where the datagram answers no question of ours. */
  receive(bytes: Buffer, from: Flow, at: number): boolean {
    return this.#stun?.receive(bytes, from.remote, at) ?? false
  }

  async #ask(stun: StunClient): Promise<void> {
    this.#keepAlive.answered(await stun.binding(this.flow.remote))
  }
}
