/** The client's side of STUN Binding: RFC 8489 §6.2.1. */
import type { Clock, Timer } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { type Endpoint, type NetworkError, sameEndpoint } from '../transport/network.js'
import { BINDING, encodeStun, looksLikeStun, parseStun, type StunMessage } from './stun-message.js'

export {
  answerBinding,
  BINDING,
  encodeStun,
  looksLikeStun,
  parseStun,
  type StunMessage,
} from './stun-message.js'

/** RFC 8489 §6.2.1. */
export interface StunTimers {
  /** Milliseconds to the first retransmission; doubles. Default 500. */
  readonly rto?: number
  /** How often the request is sent in all. Default 7. */
  readonly rc?: number
  /** The last wait is `rm` times `rto`. Default 16. */
  readonly rm?: number
}

export interface StunResult {
  readonly outcome: 'mapped' | 'error' | 'timeout'
  readonly mapped?: Endpoint
  readonly response?: StunMessage
  /** What the wire said, where it was the wire that failed. */
  readonly error?: NetworkError
  readonly requestsSent: number
  /** Milliseconds; absent where the request was repeated, for then nobody knows which was answered (Karn). */
  readonly roundTripMs?: number
}

/** The client's side of one Binding transaction over UDP: time and messages in, what to do out. RFC 8489 §6.2.1. */
export class StunTransaction {
  readonly request: Buffer
  readonly transactionId: Buffer
  requestsSent = 0
  /** When `advance` wants to be called next. */
  deadline: number
  #lastSentAt: number
  readonly #timers: Required<StunTimers>

  constructor(transactionId: Buffer, now: number, options: { timers?: StunTimers; software?: string } = {}) {
    const { software, timers = {} } = options
    this.transactionId = transactionId
    this.#timers = { rto: timers.rto ?? 500, rc: timers.rc ?? 7, rm: timers.rm ?? 16 }
    this.request = encodeStun({
      class: 'request',
      method: BINDING,
      transactionId,
      ...(software === undefined ? {} : { software }),
      fingerprint: true,
    })
    this.deadline = now
    this.#lastSentAt = now
  }

  /** To be called at the deadline: says what is due. */
  advance(now: number): 'send' | 'timeout' {
    const { rto, rc, rm } = this.#timers
    if (this.requestsSent >= rc) return 'timeout'
    this.requestsSent += 1
    this.#lastSentAt = now
    // Counted from the deadline and not from now, so that a late call does not shift the whole schedule.
    this.deadline += this.requestsSent === rc ? rm * rto : rto * 2 ** (this.requestsSent - 1)
    return 'send'
  }

  /** What the response means; undefined: it is none to this request. */
  receive(response: StunMessage, now: number): StunResult | undefined {
    if (!response.transactionId.equals(this.transactionId) || response.fingerprint === false) return undefined
    if (response.class !== 'success' && response.class !== 'error') return undefined
    const { requestsSent } = this
    const roundTrip = requestsSent === 1 ? { roundTripMs: now - this.#lastSentAt } : {}
    // RFC 8489 §6.3.3: the mapped address must be there, and nothing that we had to understand and do not.
    // MAPPED-ADDRESS is what servers of RFC 3489 send.
    const mapped = response.xorMappedAddress ?? response.mappedAddress
    if (response.class === 'error' || mapped === undefined || response.notUnderstood !== undefined)
      return { outcome: 'error', response, requestsSent, ...roundTrip }

    return { outcome: 'mapped', mapped, response, requestsSent, ...roundTrip }
  }
}

export interface StunClientOptions {
  readonly clock: Clock
  readonly random: Random
  readonly send: (data: Buffer, to: Endpoint) => void
  readonly timers?: StunTimers
  readonly software?: string
}

interface Pending {
  readonly transaction: StunTransaction
  readonly server: Endpoint
  readonly finish: (result: StunResult) => void
  timer: Timer | undefined
}

/** Binding transactions over a socket that is somebody else's. */
export class StunClient {
  readonly #options: StunClientOptions
  readonly #pending = new Map<string, Pending>()

  constructor(options: StunClientOptions) {
    this.#options = options
  }

  /** Asks `server` how it sees us. Never rejects. */
  binding(server: Endpoint): Promise<StunResult> {
    const { clock, random } = this.#options
    return new Promise((resolve) => {
      // RFC 8489 §5: chosen anew for each transaction, and not to be guessed.
      const transactionId = random.bytes(12)
      const key = transactionId.toString('hex')
      const pending: Pending = {
        transaction: new StunTransaction(transactionId, clock.now(), this.#options),
        server,
        finish: (result) => {
          this.#pending.delete(key)
          pending.timer?.cancel()
          resolve(result)
        },
        timer: undefined,
      }
      this.#pending.set(key, pending)
      this.#advance(pending)
    })
  }

  /** Hand every packet that looks like STUN in here; true when it was a response to one of ours. */
  receive(data: Buffer, from: Endpoint, at: number): boolean {
    if (this.#pending.size === 0 || !looksLikeStun(data)) return false
    const message = parseStun(data)
    const pending = message && this.#pending.get(message.transactionId.toString('hex'))
    if (message === undefined || pending === undefined || !sameEndpoint(from, pending.server)) return false
    const result = pending.transaction.receive(message, at)
    if (result === undefined) return false
    pending.finish(result)
    return true
  }

  /** Ends what is under way: as failed where the wire said why (a hard ICMP error), else as timed out. */
  close(error?: NetworkError): void {
    for (const { transaction, finish } of this.#pending.values()) {
      const { requestsSent } = transaction
      finish(error === undefined ? { outcome: 'timeout', requestsSent } : { outcome: 'error', error, requestsSent })
    }
  }

  #advance(pending: Pending): void {
    const { clock, send } = this.#options
    const { transaction, server } = pending
    if (transaction.advance(clock.now()) === 'timeout') {
      pending.finish({ outcome: 'timeout', requestsSent: transaction.requestsSent })
      return
    }
    // Before sending: the wire may fail at once and finish the transaction.
    pending.timer = clock.after(transaction.deadline - clock.now(), () => this.#advance(pending))
    send(transaction.request, server)
  }
}
