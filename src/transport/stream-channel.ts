/** One direction of a stream over a link that delays and loses: ordered and reliable, so that loss costs time, as in TCP. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { LinkConditions } from './link-conditions.js'
import type { Losses } from './losses.js'

/** What a direction is like, at the moment. */
export interface Way {
  readonly conditions: () => LinkConditions
  readonly losses: Losses
}

/** What TCP waits before it repeats a lost segment; doubles. */
const RETRANSMIT_MS = 200
/** Waiting longer than this ends the connection. */
const LONGEST_RETRANSMIT_MS = 60_000

/** The way from one end to the other: ordered and reliable; loss costs time, as in TCP. */
export class StreamChannel {
  readonly #clock: Clock
  readonly #random: Random
  readonly #conditions: () => LinkConditions
  readonly #losses: Losses
  readonly #onBroken: () => void
  #lastArrival = 0
  /** The youngest delivery that has not happened; bytes for the same instant may join it. */
  #open: { arrival: number; chunks: Buffer[] } | undefined
  #waiting: (() => void)[] = []
  #stalled = false
  #dead = false

  constructor(clock: Clock, random: Random, { conditions, losses }: Way, onBroken: () => void) {
    this.#clock = clock
    this.#random = random
    this.#conditions = conditions
    this.#losses = losses
    this.#onBroken = onBroken
  }

  /** Whatever was sent and has not arrived is lost. */
  stop(): void {
    this.#dead = true
    this.#waiting = []
  }

  send(data: Buffer, deliver: (data: Buffer) => void): void {
    this.#inTurn(() => {
      const arrival = this.#arrival()
      // Segments that meet on the way may reach the reader as one.
      if (this.#open?.arrival === arrival && this.#random.int(2) === 0) {
        this.#open.chunks.push(data)
        return
      }
      const delivery = { arrival, chunks: [data] }
      this.#open = delivery
      this.#at(arrival, () => {
        if (this.#open === delivery) this.#open = undefined
        deliver(delivery.chunks.length === 1 ? data : Buffer.concat(delivery.chunks))
      })
    })
  }

  /** Something that keeps its place among the data, such as the end. */
  signal(deliver: () => void): void {
    this.#inTurn(() => {
      this.#open = undefined
      this.#at(this.#arrival(), deliver)
    })
  }

  #at(arrival: number, deliver: () => void): void {
    this.#clock.after(arrival - this.#clock.now(), () => {
      if (!this.#dead) deliver()
    })
  }

  #arrival(): number {
    const { delayMs, jitterMs } = this.#conditions()
    const jitter = jitterMs > 0 ? this.#random.float() * jitterMs : 0
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now() + delayMs + jitter)
    return this.#lastArrival
  }

  #inTurn(go: () => void): void {
    if (this.#dead) return
    this.#waiting.push(go)
    if (!this.#stalled) this.#pump(RETRANSMIT_MS)
  }

  #pump(firstWaitMs: number): void {
    this.#stalled = false
    let retransmitMs = firstWaitMs
    while (this.#waiting.length > 0 && !this.#dead) {
      if (this.#losses.takes(this.#conditions())) {
        this.#retry(retransmitMs)
        return
      }
      this.#waiting.shift()?.()
      retransmitMs = RETRANSMIT_MS
    }
  }

  #retry(retransmitMs: number): void {
    this.#stalled = true
    this.#clock.after(retransmitMs, () => {
      if (this.#dead) return
      if (retransmitMs > LONGEST_RETRANSMIT_MS) this.#onBroken()
      else this.#pump(retransmitMs * 2)
    })
  }
}
