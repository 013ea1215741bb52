/**
 * Registrations as load: all devices come back at once, as after a power failure, or devices that share an account
 * register by turns (flapping).
 */
import { z } from 'zod'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { parsed } from './call-order.js'

const LONGEST_MS = 86_400_000

/** Body of `POST /v1/registrations`. */
const stormSchema = z.union(
  [
    z.strictObject({
      /** Every device forgets its binding and registers. */
      again: z.literal(true),
      /** Milliseconds that their beginnings are spread over. */
      overMs: z.int().min(0).max(LONGEST_MS).default(0),
      /** Milliseconds after which devices that are not registered by then give up. */
      withinMs: z.int().min(1).max(LONGEST_MS).default(60_000),
    }),
    z.strictObject({
      /** A second device of every account takes turns with the first. */
      flap: z.strictObject({
        everyMs: z.int().min(100).max(LONGEST_MS).default(2_000),
        forMs: z.int().min(1).max(LONGEST_MS),
      }),
    }),
  ],
  { error: 'expected { "again": true, "overMs": …, "withinMs": … } or { "flap": { "everyMs": …, "forMs": … } }' },
)
export type StormOrder = z.output<typeof stormSchema>

/** @throws BadOrderError */
export const stormOf = (body: unknown): StormOrder => parsed(stormSchema, body)

/** What came of it. */
export interface StormReport {
  readonly devices: number
  /** Devices that were registered in the end. */
  readonly registered: number
  /** Registrations that were tried; one that asks for credentials first is one. */
  readonly tries: number
  /** Tries that did not succeed, by final status: 408 unanswered, 503 transport error. */
  readonly refused: Readonly<Record<string, number>>
  /** Of each device: from its first try until it was registered; of devices that take turns: of each registration. */
  readonly delaysMs: readonly number[]
  /** From the first try to the end of the last one. */
  readonly tookMs: number
}

/** One registration that was tried. */
export interface TriedRegistration {
  readonly ok: boolean
  readonly status: number
  readonly tookMs: number
  /** Seconds, where the answer says. */
  readonly retryAfterS?: number | undefined
}

/** A device of a storm. */
export interface StormDevice {
  /** Registers as a device that was just switched on. */
  comeBack(): Promise<TriedRegistration>
}

/** Devices that share an account: each call registers the one whose turn it is. */
export interface FlappingDevices {
  takeTurn(): Promise<TriedRegistration>
  /** The first device has the account again. */
  settle(): Promise<void>
}

/** Pauses between tries where the answer names none, ms (RFC 5626 §4.5 with shorter ones: devices of a storm are impatient). */
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000

/** Storms of one worker. */
export class Storms {
  readonly #clock: Clock
  readonly #random: Random
  #calmed = 0

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Ends those that go on. */
  calm(): void {
    this.#calmed += 1
  }

  /** Every device comes back, and tries until it is registered. */
  async again(devices: readonly StormDevice[], { overMs, withinMs }: { overMs: number; withinMs: number }) {
    const { sum, isOver } = this.#begin(devices.length)
    const until = this.#clock.now() + overMs + withinMs
    await Promise.all(
      devices.map(async (device, index) => {
        await this.#clock.sleep((index * overMs) / devices.length)
        const since = this.#clock.now()
        for (let failures = 0; !isOver(); failures++) {
          const tried = await device.comeBack()
          sum.count(tried)
          if (tried.ok) {
            sum.done(this.#clock.now() - since)
            return
          }
          const pauseMs = this.#pauseMs(failures, tried.retryAfterS)
          if (this.#clock.now() + pauseMs > until) return
          await this.#clock.sleep(pauseMs)
        }
      }),
    )
    return sum.report()
  }

  /** By turns, until the time is over. Accounts begin spread over one turn. */
  async flap(accounts: readonly FlappingDevices[], { everyMs, forMs }: { everyMs: number; forMs: number }) {
    const { sum, isOver } = this.#begin(accounts.length)
    const until = this.#clock.now() + forMs
    await Promise.all(
      accounts.map(async (account, index) => {
        await this.#clock.sleep((index * everyMs) / accounts.length)
        while (!isOver() && this.#clock.now() < until) {
          const tried = await account.takeTurn()
          sum.count(tried)
          if (tried.ok) sum.delaysMs.push(tried.tookMs)
          await this.#clock.sleep(Math.max(0, Math.min(everyMs, until - this.#clock.now())))
        }
        await account.settle()
        sum.registered += 1
      }),
    )
    return sum.report()
  }

  #begin(devices: number): { sum: StormSum; isOver: () => boolean } {
    const calmed = this.#calmed
    return { sum: new StormSum(devices, this.#clock), isOver: () => this.#calmed > calmed }
  }

  #pauseMs(failures: number, retryAfterS: number | undefined): number {
    const usual = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures) * (0.5 + this.#random.float() / 2)
    return Math.max(usual, 1000 * (retryAfterS ?? 0))
  }
}

class StormSum {
  readonly delaysMs: number[] = []
  registered = 0
  readonly #devices: number
  readonly #clock: Clock
  readonly #since: number
  readonly #refused: Record<string, number> = {}
  #tries = 0
  #lastAt: number

  constructor(devices: number, clock: Clock) {
    this.#devices = devices
    this.#clock = clock
    this.#since = clock.now()
    this.#lastAt = this.#since
  }

  count({ ok, status }: TriedRegistration): void {
    this.#tries += 1
    this.#lastAt = this.#clock.now()
    if (!ok) this.#refused[String(status)] = (this.#refused[String(status)] ?? 0) + 1
  }

  done(delayMs: number): void {
    this.registered += 1
    this.delaysMs.push(delayMs)
  }

  report(): StormReport {
    const { registered, delaysMs } = this
    return {
      devices: this.#devices,
      registered,
      tries: this.#tries,
      refused: this.#refused,
      delaysMs,
      tookMs: this.#lastAt - this.#since,
    }
  }
}

/** What the workers of an agent report, together. */
export function joined(reports: readonly StormReport[]): StormReport {
  const refused: Record<string, number> = {}
  for (const report of reports)
    for (const [status, count] of Object.entries(report.refused)) refused[status] = (refused[status] ?? 0) + count
  const sum = (of: (report: StormReport) => number) => reports.reduce((total, report) => total + of(report), 0)
  return {
    devices: sum(({ devices }) => devices),
    registered: sum(({ registered }) => registered),
    tries: sum(({ tries }) => tries),
    refused,
    delaysMs: reports.flatMap(({ delaysMs }) => delaysMs),
    tookMs: Math.max(0, ...reports.map(({ tookMs }) => tookMs)),
  }
}
