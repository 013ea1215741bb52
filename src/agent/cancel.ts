/** The CANCEL of one INVITE, which may have to wait for a provisional response (RFC 3261 §9.1). */
import type { ClientTransaction } from '../transaction/transaction.js'
import type { AgentCore } from './agent-core.js'
import type { Exchange, ExtraHeaders } from './exchange.js'
import { ExchangeRecord } from './exchange-record.js'

export class Cancellation {
  /** Filled while it runs. */
  readonly record: ExchangeRecord
  /** The CANCEL has its final response, or will have none. */
  readonly done: Promise<Exchange>
  readonly #core: AgentCore
  readonly #headers: [string, string][]
  #finish: (exchange: Exchange) => void = () => {}

  constructor(core: AgentCore, headers: ExtraHeaders = {}) {
    this.#core = core
    this.#headers = Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    )
    this.record = new ExchangeRecord('CANCEL', core.clock.now())
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  /** Cancels this try of the INVITE, as soon as that is allowed. */
  send(invite: ClientTransaction): void {
    const { record } = this
    const { clock } = this.#core
    const done = () => {
      record.endedAt = clock.now()
      this.#finish(record)
    }
    invite.cancel({
      headers: this.#headers,
      onSent: (cancel) => {
        record.requests.push(cancel.request)
        record.startedAt = clock.now()
        record.lastSentAt = record.startedAt
      },
      user: {
        onResponse: (response, flow) => {
          record.flow = flow
          if (response.status < 200) {
            record.provisionals.push(response)
          } else {
            record.final = response
            done()
          }
        },
        onTimeout: () => {
          record.error = 'timeout'
          done()
        },
        onTransportError: (error) => {
          record.error = error
          done()
        },
      },
    })
  }
}
