/** What the two ends of a call do besides talking: ring, refuse, dial digits, hold. All of it on purpose, as the order says. */
import type { IncomingCall, OutgoingCall } from '../agent/call.js'
import type { Clock } from '../clock/clock.js'
import { type CallOrder, isAnswered } from './call-order.js'
import type { Leg } from './leg.js'
import type { Line } from './line.js'
import { noAudio } from './no-audio.js'

/** Digits are dialled when both ends have agreed on their audio. */
export const DIGITS_AFTER_MS = 500
/** How long the called end may take to hear of a CANCEL. */
const CANCEL_MS = 3_000

/** The called device rings, and does what it is meant to. It rejects where the call is over meanwhile. */
export async function beCalled(
  call: IncomingCall,
  leg: Leg | undefined,
  line: Pick<Line, 'localAddress'>,
  order: CallOrder,
  clock: Clock,
): Promise<void> {
  const { outcome = 'answered', ringMs = 0 } = order
  // Who is busy, or declines at once, does not ring.
  if (ringMs > 0 || isAnswered(outcome) || outcome === 'cancelled') await call.ring()
  if (ringMs > 0 && outcome !== 'cancelled') await Promise.race([clock.sleep(ringMs), call.ended])
  switch (outcome) {
    case 'answered':
      return call.answer(leg === undefined ? {} : { media: () => leg.open() })
    case 'signalling':
      return call.answer({ sdp: noAudio(line.localAddress) })
    case 'busy':
      return call.reject(486)
    case 'declined':
      return call.reject(603)
    case 'unanswered':
      return call.reject(480)
    case 'cancelled':
      return undefined
    default: {
      const never: never = outcome
      throw new Error(`unknown outcome ${String(never)}`)
    }
  }
}

/** The caller gives up when it has rung for as long as the order says. */
export async function giveUpRinging(call: OutgoingCall, { ringMs = 0 }: CallOrder, clock: Clock): Promise<void> {
  if ((await call.ringing) === undefined) return
  await Promise.race([clock.sleep(ringMs), call.ended])
  await call.cancel()
}

export const NOT_RUNG = 'the called account did not ring'

/** What the called device of ours did not see of a call that was not meant to be answered; undefined where all was right. */
export async function amissAtCallee(
  call: IncomingCall | undefined,
  { outcome }: CallOrder,
  clock: Clock,
): Promise<string | undefined> {
  if (call === undefined) return NOT_RUNG
  if (outcome !== 'cancelled') return undefined
  const told = call.cancelled.then((cancel) => cancel !== undefined)
  const isTold = await Promise.race([told, clock.sleep(CANCEL_MS).then(() => false)])
  return isTold ? undefined : 'the called device was not told that the caller gave up (CANCEL)'
}

/** What the caller does while the call is up. */
export class CallSteps {
  /** What went wrong, in words. */
  broken: string | undefined
  #dialled = false
  readonly #call: OutgoingCall
  readonly #leg: Leg
  readonly #order: CallOrder
  readonly #clock: Clock

  constructor(call: OutgoingCall, leg: Leg, order: CallOrder, clock: Clock) {
    this.#call = call
    this.#leg = leg
    this.#order = order
    this.#clock = clock
  }

  /** Takes the steps; ends early with the call. */
  async take(): Promise<void> {
    const answeredAt = this.#clock.now()
    const { dtmf, onHold } = this.#order
    try {
      if (dtmf !== undefined) {
        await this.#clock.sleep(DIGITS_AFTER_MS)
        await this.#call.sendDigits(dtmf)
        this.#dialled = true
      }
      if (onHold === undefined) return
      await this.#clock.sleep(answeredAt + onHold.atMs - this.#clock.now())
      if (!(await this.#hold(true))) return
      await this.#clock.sleep(onHold.forMs)
      await this.#hold(false)
    } catch (error) {
      if (this.#isUp) this.broken = error instanceof Error ? error.message : String(error)
    }
  }

  /** @param heard digits that the called end heard @returns what is wrong with them, in words */
  digitsAmiss(heard: string | undefined): string | undefined {
    const { dtmf } = this.#order
    if (!this.#dialled || heard === undefined || heard === dtmf) return undefined
    return `the caller sent the digits ${dtmf}, the callee received ${heard === '' ? 'none' : heard}`
  }

  get #isUp(): boolean {
    return this.#call.state === 'established'
  }

  /** @returns whether the other side agreed */
  async #hold(on: boolean): Promise<boolean> {
    if (!this.#isUp) return false
    this.#leg.session?.hold(on)
    const { final, status } = await this.#call.reinvite()
    if (final !== undefined && final.status < 300) return true
    if (this.#isUp)
      this.broken = `${on ? 'hold' : 'resume'} (re-INVITE) was ${final === undefined ? 'not answered' : `answered with ${status}`}`
    return false
  }
}
