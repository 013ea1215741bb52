/** Two calls of one device at a time: nothing to each other, where the rules are the right ones. */
import type { SipRequest } from '../message/message.js'
import type { CallLimit } from './call-limit.js'
import type { CallTable, ProxiedCall } from './call-table.js'
import type { ProviderContext } from './context.js'
import type { DeviceTarget } from './targets.js'

export class SecondCalls {
  readonly #context: ProviderContext
  readonly #calls: CallTable
  readonly #limit: CallLimit
  readonly #answered = new WeakSet<ProxiedCall>()

  constructor(context: ProviderContext, calls: CallTable, limit: CallLimit) {
    this.#context = context
    this.#calls = calls
    this.#limit = limit
  }

  /** The call is on; told of every ACK. */
  begins(call: ProxiedCall): void {
    const { callsOfADevice } = this.#context.rules.proxy
    if (callsOfADevice === 'are apart' || this.#answered.has(call)) return
    this.#answered.add(call)
    for (const other of this.#calls.besides(call)) {
      if (callsOfADevice === 'one at a time') this.#limit.ends(other)
      if (callsOfADevice === 'share a relay') for (const { bridge } of other.legs.values()) bridge?.close()
    }
  }

  /** One of its ends has hung up. */
  ends(call: ProxiedCall): void {
    if (this.#context.rules.proxy.callsOfADevice !== 'end together') return
    for (const other of this.#calls.besides(call)) this.#limit.ends(other)
  }

  /** Takes out who calls, where the device is in a call and is not to know. */
  hidesCaller(copy: SipRequest, { hop }: DeviceTarget): void {
    if (this.#context.rules.proxy.secondCallsNameCaller || copy.method !== 'INVITE') return
    if (!this.#calls.isInCall(hop.remote)) return
    const tag = copy.from.tag ?? ''
    copy.headers.set('From', `<sip:${this.#context.names.domain}>;tag=${tag}`)
    copy.headers.remove('P-Asserted-Identity')
  }
}
