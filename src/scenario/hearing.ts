/** What a device hears and says: a filtered view of the record that can also be waited on. */
import { within } from '../clock/within.js'
import { ParseError } from '../message/violation.js'
import type { Clock } from '../clock/clock.js'
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'

/** A method (`INVITE`), a status (`486`), or a class of statuses (`2xx`). */
export type Sound = string | number

/** What else must hold of a message. */
export interface HearingFilter {
  readonly callId?: string
  readonly cseq?: number
  /** Method in CSeq, for responses. */
  readonly to?: string
  readonly where?: (seen: SipSighting) => boolean
  /** Only from this moment (ms) on. */
  readonly since?: number
}

/** The messages of one device that match, as far as they are recorded. */
export class Hearing {
  readonly #record: ScenarioRecord
  readonly #clock: Clock
  readonly #matches: (seen: SipSighting) => boolean
  readonly #patienceMs: number
  #taken = 0

  /** @param patienceMs what a slow target is given beyond what the story says */
  constructor(
    record: ScenarioRecord,
    clock: Clock,
    device: string,
    direction: 'in' | 'out',
    sound: Sound | undefined,
    filter: HearingFilter,
    patienceMs = 0,
  ) {
    this.#patienceMs = patienceMs
    this.#record = record
    this.#clock = clock
    this.#matches = (seen) =>
      seen.device === device && seen.direction === direction && sounds(seen, sound) && passes(seen, filter)
  }

  /** All that match so far. */
  get all(): SipSighting[] {
    return this.#record.messages.filter(this.#matches)
  }
  get count(): number {
    return this.all.length
  }
  get first(): SipSighting | undefined {
    return this.#record.messages.find(this.#matches)
  }
  get last(): SipSighting | undefined {
    return this.#record.messages.findLast(this.#matches)
  }
  /** Milliseconds after the first one. */
  get at(): number[] {
    const all = this.all
    const start = all[0]?.at ?? 0
    return all.map((seen) => seen.at - start)
  }
  /** Milliseconds between one and the next. */
  get gaps(): number[] {
    const at = this.at
    return at.slice(1).map((ms, i) => ms - (at[i] ?? 0))
  }
  /** Branch of each one's top Via; null where it has none. */
  get branch(): (string | null)[] {
    return this.all.map((seen) => quietly(() => seen.message.via.branch) ?? null)
  }
  /** The value of a header of each one; null where it has none. */
  header(name: string): (string | null)[] {
    return this.all.map((seen) => seen.message.headers.get(name) ?? null)
  }
  get status(): number[] {
    return this.all.flatMap((seen) => (seen.message.kind === 'response' ? [seen.message.status] : []))
  }

  /** The next match not yet taken by this hearing, waited for at most `withinMs`; undefined when none came. */
  async next(withinMs: number): Promise<SipSighting | undefined> {
    const pending = () => this.all[this.#taken]
    const found = pending() ?? (await this.#arrival(withinMs, pending))
    if (found) this.#taken += 1
    return found
  }

  /** Waits until at least `count` have come, at most `withinMs`; says whether they did. */
  async reaches(count: number, withinMs: number): Promise<boolean> {
    const enough = () => (this.count >= count ? true : undefined)
    return enough() ?? (await this.#arrival(withinMs, enough)) ?? false
  }

  /** Listens until `end` settles (at most `atMostMs`, default 40 s), then is this hearing with all that came. */
  async until(end: Promise<unknown>, atMostMs = 40_000): Promise<this> {
    await within(this.#clock, end.then(ignore, ignore), atMostMs)
    return this
  }

  /** Listens for so many milliseconds. */
  async during(ms: number): Promise<this> {
    await this.#clock.sleep(ms)
    return this
  }

  #arrival<T>(withinMs: number, look: () => T | undefined): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        forget()
        timer.cancel()
      }
      const done = (value: T | undefined) => {
        stop()
        resolve(value)
      }
      const timer = this.#clock.after(withinMs + this.#patienceMs, () => done(undefined))
      const forget = this.#record.onMessage(() => {
        try {
          const value = look()
          if (value !== undefined) done(value)
        } catch (error) {
          stop()
          reject(error)
        }
      })
    })
  }
}

function sounds({ message }: SipSighting, sound: Sound | undefined): boolean {
  if (sound === undefined) return true
  if (message.kind === 'request') return message.method === sound
  if (typeof sound === 'string' && /^[1-6]xx$/.test(sound)) return Math.floor(message.status / 100) === Number(sound[0])
  return message.status === Number(sound)
}

function passes(seen: SipSighting, { callId, cseq, to, where, since }: HearingFilter): boolean {
  const { message } = seen
  return (
    (since === undefined || seen.at >= since) &&
    (callId === undefined || message.headers.get('Call-ID') === callId) &&
    (cseq === undefined || quietly(() => message.cseq.number) === cseq) &&
    (to === undefined || quietly(() => message.cseq.method) === to) &&
    (where === undefined || quietly(() => where(seen)) === true)
  )
}

/** A header that does not parse is no match; the examiner names it. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}

function ignore(): void {}
