/** The one interpreter of the four transaction tables. No clock, no socket: events and the present moment in, actions out. */

export type TimerName =
  | 'A'
  | 'B'
  | 'D'
  | 'E'
  | 'F'
  | 'G'
  | 'H'
  | 'I'
  | 'J'
  | 'K'
  | 'L'
  | 'M'
  | 'trying'
  | 'unanswered'
  | 'cancelled'

export type ClientAction =
  | 'send-request'
  | 'send-ack'
  | 'response-to-user'
  | 'timeout-to-user'
  | 'error-to-user'
  | 'destroy'

export type ServerAction =
  | 'request-to-user'
  | 'send-response'
  | 'send-trying'
  | 'ack-to-user'
  | 'timeout-to-user'
  | 'error-to-user'
  | 'destroy'

export interface Arming {
  readonly timer: TimerName
  /** ms; `Infinity` never fires. */
  readonly delay: number
  /** Present on a timer that has just fired: twice its last interval, at most this many ms. */
  readonly doubleUpTo?: number
}

export interface Transition<S extends string, A extends string> {
  readonly to: S
  /** What the driver has to do, in this order. */
  readonly actions: readonly A[]
  readonly arm: readonly Arming[]
  /** A repeating timer that stops though the state stays. */
  readonly disarm?: TimerName
}

export interface StateRow<S extends string, E extends string, A extends string> {
  /** Timers that go on running when this state is entered from another; all others are disarmed. */
  readonly keeps?: readonly TimerName[]
  readonly on: { readonly [event in E | TimerName]?: Transition<S, A> }
}

/** A whole machine. An event that a state does not list is ignored in that state. */
export interface MachineTable<S extends string, E extends string, A extends string> {
  readonly initial: S
  readonly states: { readonly [state in S]: StateRow<S, E, A> }
}

/** Any of them, as a driver looks things up. `E` only says which events may be asked for. */
export interface AnyTable<S extends string, E extends string, A extends string> {
  readonly initial: S
  readonly states: {
    readonly [state: string]:
      | {
          readonly keeps?: readonly TimerName[]
          readonly on: { readonly [event: string]: Transition<S, A> | undefined }
        }
      | undefined
  }
  readonly events?: E
}

export function to<S extends string, A extends string>(
  state: S,
  actions: readonly A[] = [],
  arm: readonly Arming[] = [],
  disarm?: TimerName,
): Transition<S, A> {
  return disarm === undefined ? { to: state, actions, arm } : { to: state, actions, arm, disarm }
}

export function arm(timer: TimerName, delay: number): Arming {
  return { timer, delay }
}

/** Arms a timer again that has just fired, with twice its interval. */
export function armDoubled(timer: TimerName, doubleUpTo = Number.POSITIVE_INFINITY): Arming {
  return { timer, delay: 0, doubleUpTo }
}

const NOTHING: readonly never[] = []

/**
 * One running machine. A state has at most two timers: one that repeats (A, E, G) or hurries (the automatic 100), and
 * one that ends it.
 */
export class Machine<S extends string, E extends string, A extends string> {
  state: S
  readonly #table: AnyTable<S, E, A>
  #repeating: TimerName | undefined
  #repeatAt = Number.POSITIVE_INFINITY
  #interval = 0
  #lastFiring = 0
  #ending: TimerName | undefined
  #endAt = Number.POSITIVE_INFINITY

  constructor(table: AnyTable<S, E, A>) {
    this.#table = table
    this.state = table.initial
  }

  /** Would this event do anything now? */
  accepts(event: E): boolean {
    return this.#table.states[this.state]?.on[event] !== undefined
  }

  /** Takes an event at the moment `at` (ms) and returns what is to be done. */
  on(event: E | TimerName, at: number): readonly A[] {
    const transition = this.#table.states[this.state]?.on[event]
    if (transition === undefined) return NOTHING
    if (transition.to !== this.state) {
      this.state = transition.to
      const keeps = this.#table.states[transition.to]?.keeps
      if (this.#repeating !== undefined && !keeps?.includes(this.#repeating)) this.#disarmRepeating()
      if (this.#ending !== undefined && !keeps?.includes(this.#ending)) this.#disarmEnding()
    }
    if (transition.disarm === this.#repeating) this.#disarmRepeating()
    for (const arming of transition.arm) this.#arm(arming, at)
    return transition.actions
  }

  /** When the next timer is due, ms; Infinity when none runs. */
  get due(): number {
    return this.#repeatAt < this.#endAt ? this.#repeatAt : this.#endAt
  }

  /** The timers that run now, by name, with the moment they are due. */
  timers(): Partial<Record<TimerName, number>> {
    const running: Partial<Record<TimerName, number>> = {}
    if (this.#repeating !== undefined) running[this.#repeating] = this.#repeatAt
    if (this.#ending !== undefined) running[this.#ending] = this.#endAt
    return running
  }

  /** Takes the earliest timer that is due at `at`; the ending one first when both are due at the same moment. */
  takeDue(at: number): TimerName | undefined {
    if (this.#endAt <= at && this.#endAt <= this.#repeatAt) {
      const name = this.#ending
      this.#disarmEnding()
      return name
    }
    if (this.#repeatAt > at) return undefined
    const name = this.#repeating
    this.#lastFiring = this.#repeatAt
    this.#disarmRepeating()
    return name
  }

  /** Stops all timers. */
  disarm(): void {
    this.#disarmRepeating()
    this.#disarmEnding()
  }

  #arm(arming: Arming, at: number): void {
    if (isRepeating(arming.timer)) {
      if (arming.doubleUpTo === undefined) {
        this.#interval = Math.max(1, arming.delay)
        this.#repeatAt = at + this.#interval
      } else {
        this.#interval = Math.min(this.#interval * 2, arming.doubleUpTo)
        // Counted from when the last one was due, so that a late driver adds no drift, but never two at once.
        const next = this.#lastFiring + this.#interval
        this.#repeatAt = next > at ? next : at + this.#interval
      }
      this.#repeating = this.#repeatAt === Number.POSITIVE_INFINITY ? undefined : arming.timer
    } else {
      this.#endAt = at + arming.delay
      this.#ending = this.#endAt === Number.POSITIVE_INFINITY ? undefined : arming.timer
    }
  }

  #disarmRepeating(): void {
    this.#repeating = undefined
    this.#repeatAt = Number.POSITIVE_INFINITY
  }

  #disarmEnding(): void {
    this.#ending = undefined
    this.#endAt = Number.POSITIVE_INFINITY
  }
}

function isRepeating(timer: TimerName): boolean {
  return timer === 'A' || timer === 'E' || timer === 'G' || timer === 'trying'
}
