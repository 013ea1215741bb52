/** The calls that ring a device of a story: how it treats them, and those that the story takes itself. */
import type { IncomingCall } from '../agent/call.js'
import type { DeviceWiring } from './device-wiring.js'

/** How a device treats calls that ring it. */
export type IncomingCallPolicy =
  | { readonly kind: 'answers'; readonly ringMs: number; readonly answer?: Parameters<IncomingCall['answer']>[0] }
  | { readonly kind: 'rings' }
  | {
      readonly kind: 'rejects'
      readonly status: number
      readonly reason?: string | undefined
      readonly headers?: Readonly<Record<string, string>> | undefined
    }
  | { readonly kind: 'redirects'; readonly status: number; readonly contact: string }
  | { readonly kind: 'by hand' }

export class IncomingCalls {
  policy: IncomingCallPolicy = { kind: 'answers', ringMs: 50 }
  readonly #wiring: DeviceWiring
  readonly #untaken: IncomingCall[] = []
  readonly #waiting: ((call: IncomingCall) => void)[] = []

  constructor(wiring: DeviceWiring) {
    this.#wiring = wiring
    wiring.agent.onCall = (call) => this.#isCalled(call)
  }

  next(withinMs: number): Promise<IncomingCall | undefined> {
    const call = this.#untaken.shift()
    if (call) return Promise.resolve(call)
    return new Promise((resolve) => {
      const take = (found: IncomingCall | undefined) => {
        timer.cancel()
        this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((w) => w !== take))
        resolve(found)
      }
      const timer = this.#wiring.clock.after(withinMs, () => take(undefined))
      this.#waiting.push(take)
    })
  }

  #isCalled(call: IncomingCall): void {
    this.#wiring.note(`${this.#wiring.name} is called`)
    const waiting = this.#waiting[0]
    if (waiting) waiting(call)
    else this.#untaken.push(call)
    const { policy } = this
    if (policy.kind === 'by hand') return
    if (policy.kind === 'rejects') {
      void this.#wiring.attempts(call.reject(policy.status, policy.reason, { headers: policy.headers ?? {} }))
      return
    }
    if (call.replaces !== undefined) {
      // RFC 3891 §3: taken without ringing, as its user is in that call.
      void this.#wiring.attempts(call.answer())
      return
    }
    if (policy.kind === 'redirects') {
      const { status, contact } = policy
      void this.#wiring.attempts(call.reject(status, undefined, { headers: { Contact: contact } }))
      return
    }
    void this.#wiring.attempts(call.ring())
    if (policy.kind === 'rings') return
    this.#wiring.clock.after(policy.ringMs, () => {
      if (call.state !== 'ended') void this.#wiring.attempts(call.answer(policy.answer))
    })
  }
}
