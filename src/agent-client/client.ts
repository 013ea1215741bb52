/** A client of a call agent's API: a method for each request, typed both ways. */
import { setTimeout as pause } from 'node:timers/promises'
import type {
  AgentHealth,
  AgentStats,
  CallAnswer,
  CallRecord,
  RegistrationReport,
  RunRecord,
  RunWaveRecords,
  WaveRecords,
} from './answers.js'
import { AgentError, ask, openConnections } from './ask.js'
import type { CallOrder, RegistrationOrder, RunOrder, RunWaveOrder, WaveOrder } from './orders.js'

export interface AgentClientOptions {
  /** Default: RINGPROOF_AGENT_URL, else http://127.0.0.1:8321. */
  readonly url?: string
  /** Default: RINGPROOF_AGENT_TOKEN. */
  readonly token?: string
  /**
   * Milliseconds that an order may be tried again where the target file's limits do not allow it now (429). Default 0: the error is
   * thrown, with `retryAfterMs`.
   */
  readonly patienceMs?: number
}

export interface AskOptions {
  /** Gives up waiting: what was ordered and is still going on is ended by the agent. */
  readonly signal?: AbortSignal
}

/**
 * Orders calls and scenarios of a call agent. All methods reject with an AgentError where it refuses, or is not there. Calls end when
 * the process that ordered them does.
 */
export class AgentClient {
  readonly url: string
  readonly #token: string
  readonly #patienceMs: number
  readonly #connections = openConnections()

  constructor({ url, token, patienceMs = 0 }: AgentClientOptions = {}) {
    this.url = url ?? (process.env['RINGPROOF_AGENT_URL'] || 'http://127.0.0.1:8321')
    this.#token = token ?? process.env['RINGPROOF_AGENT_TOKEN'] ?? ''
    this.#patienceMs = patienceMs
  }

  /** Whether it takes orders, and with how many threads. */
  health(o?: AskOptions): Promise<AgentHealth> {
    return this.#ask('GET', '/v1/health', undefined, o)
  }

  /** Places a call; settles at its final answer. The call goes on: `result` waits for its end, `hangUp` ends it. */
  call(order: CallOrder = {}, o?: AskOptions): Promise<CallAnswer> {
    return this.#ask('POST', '/v1/calls', order, o)
  }

  /** The record of a call, once it is over. It can be fetched for a minute after that. */
  result(id: string, o?: AskOptions): Promise<CallRecord> {
    return this.#ask('GET', `/v1/calls/${encodeURIComponent(id)}/result`, undefined, o)
  }

  /** Hangs up, and has the record. */
  hangUp(id: string, o?: AskOptions): Promise<CallRecord> {
    return this.#ask('DELETE', `/v1/calls/${encodeURIComponent(id)}`, undefined, o)
  }

  /** Makes the calls of a wave; settles when all are over. */
  wave(order: WaveOrder, o?: AskOptions): Promise<WaveRecords> {
    return this.#ask('POST', '/v1/waves', order, o)
  }

  /** Runs one scenario; settles with its verdict. */
  run(order: RunOrder, o?: AskOptions): Promise<RunRecord> {
    return this.#ask('POST', '/v1/runs', order, o)
  }

  /** Runs the scenarios of a wave; settles when all are over. */
  runs(order: RunWaveOrder & { count: number }, o?: AskOptions): Promise<RunWaveRecords> {
    return this.#ask('POST', '/v1/runs', order, o)
  }

  /** Has the devices register again, or flap; settles when that is over. */
  register(order: RegistrationOrder, o?: AskOptions): Promise<RegistrationReport> {
    return this.#ask('POST', '/v1/registrations', order, o)
  }

  /** What goes on now. */
  stats(o?: AskOptions): Promise<AgentStats> {
    return this.#ask('GET', '/v1/stats', undefined, o)
  }

  /** The text that Prometheus reads. */
  metrics({ signal }: AskOptions = {}): Promise<string> {
    return ask({ ...this.#way, method: 'GET', path: '/metrics', signal })
  }

  /** Closes the connections. Calls that were ordered on them and go on are ended by the agent. */
  close(): void {
    this.#connections.destroy()
  }

  get #way() {
    return { url: this.url, token: this.#token, connections: this.#connections }
  }

  async #ask<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, o: AskOptions = {}): Promise<T> {
    const until = performance.now() + this.#patienceMs
    for (;;) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other is what it is for
        const text = await ask({ ...this.#way, method, path, body, signal: o.signal })
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what answers hold, the agent's API says
        return JSON.parse(text) as T
      } catch (error) {
        const again = error instanceof AgentError && error.status === 429 ? error.retryAfterMs : undefined
        if (again === undefined || performance.now() + again > until) throw error
        // oxlint-disable-next-line no-await-in-loop -- see above
        await pause(again, undefined, o.signal === undefined ? {} : { signal: o.signal })
      }
    }
  }
}
