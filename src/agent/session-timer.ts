/** The session timer of one call leg (RFC 4028): what is asked for, what is agreed to, refreshes, and the end without them. */
import type { Clock, Timer } from '../clock/clock.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import { lists } from './capabilities.js'

/** RFC 4028 §5, seconds. */
const LEAST_S = 90

/** What a telephone wants of session timers, as caller and as callee. */
export interface SessionTimerWish {
  /** Seconds: asked for as the caller, and the most that is agreed to as the callee. */
  readonly seconds: number
  /** Who is to refresh, as the caller asks for it. Default: the callee chooses, and takes it on. */
  readonly refresher?: 'uac' | 'uas'
  /** How it refreshes; INVITE too where the peer does not allow UPDATE. Default UPDATE. */
  readonly method?: 'UPDATE' | 'INVITE'
  /** Seconds: the least that it agrees to, as the callee. Default 90. */
  readonly least?: number
}

/** A refresh that this side has sent, and its final status; undefined: no answer. */
interface Refresh {
  readonly at: number
  readonly method: 'UPDATE' | 'INVITE'
  status: number | undefined
}

/** The call, as its session timer sees it. */
interface TimedCall {
  readonly clock: Clock
  /** What else the agent lists under Supported. */
  readonly supported: string
  /** Takes care of work that nobody waits for. */
  unattended(work: Promise<unknown>): void
  /** Asks the peer, without changing the session. Returns the final status. */
  refresh(method: 'UPDATE' | 'INVITE'): Promise<number | undefined>
  /** The session has expired. */
  expire(): void
}

/** So many servers on the way of a call may each tell a longer interval. */
const MOST_RAISES = 4

/** The header fields of a message that say that the timer is known and wanted. */
type Fields = Record<string, string>

export class SessionTimer {
  /** Agreed on; undefined: the session does not expire. */
  intervalS: number | undefined
  /** Who refreshes. */
  refresher: 'we' | 'peer' | undefined
  /** Sent by us. */
  readonly refreshes: Refresh[] = []
  /** The call was ended because nobody refreshed it. */
  expired = false
  readonly #wish: SessionTimerWish
  readonly #call: TimedCall
  #leastS = 0
  /** How many 422 have been followed. */
  #raised = 0
  #isAgreed = false
  /** Its Allow lists UPDATE. */
  #peerUpdates = false
  #timers: Timer[] = []

  constructor(wish: SessionTimerWish, call: TimedCall) {
    this.#wish = wish
    this.#call = call
  }

  // --- as the side that asks

  /** §7.1, §7.4: what an INVITE or UPDATE carries. */
  ask(request: SipRequest): void {
    const { headers } = request
    headers.set('Supported', withTimer(headers.get('Supported')))
    if (this.#isAgreed && this.intervalS === undefined) return
    const seconds = Math.max(this.#leastS, this.intervalS ?? this.#wish.seconds)
    // §7.4: the roles stay as they are.
    const role = this.#isAgreed ? (this.refresher === 'we' ? 'uac' : 'uas') : this.#wish.refresher
    headers.set('Session-Expires', `${seconds}${role === undefined ? '' : `;refresher=${role}`}`)
    if (this.#leastS > 0) headers.set('Min-SE', String(this.#leastS))
  }

  /** §7.3: whether a 422 tells an interval to ask for. Each server on the way may tell a longer one; one that always wants more is not followed. */
  raises(response: SipResponse): boolean {
    const least = response.status === 422 ? Number.parseInt(response.headers.get('Min-SE') ?? '', 10) : 0
    if (!(least > this.#leastS) || this.#raised >= MOST_RAISES) return false
    this.#leastS = least
    this.#raised += 1
    return true
  }

  /** §7.2: a 2xx to an INVITE or UPDATE of ours. */
  answered({ headers }: SipResponse): void {
    const value = headers.get('Session-Expires')
    const seconds = Number.parseInt(value ?? '', 10)
    const allow = headers.values('Allow')
    if (allow.length > 0) this.#peerUpdates = allow.includes('UPDATE')
    this.#agree(seconds, /refresher\s*=\s*uas/i.test(value ?? '') ? 'peer' : 'we')
  }

  // --- as the side that is asked

  tooBrief(request: SipRequest): number | undefined {
    return tooBrief(this.#wish, request)
  }

  /** §9: what the 2xx to an INVITE or UPDATE says. The session counts from here. */
  agreesTo(request: SipRequest): Fields {
    const { headers } = request
    const value = headers.get('Session-Expires')
    const asked = Number.parseInt(value ?? '', 10)
    const allow = headers.values('Allow')
    if (allow.length > 0) this.#peerUpdates = allow.includes('UPDATE')
    const supported = { Supported: withTimer(this.#call.supported) }
    if (Number.isNaN(asked)) {
      this.#agree(Number.NaN, 'we')
      return supported
    }
    const least = Math.max(LEAST_S, Number.parseInt(headers.get('Min-SE') ?? '', 10) || 0)
    this.#leastS = Math.max(this.#leastS, Number.parseInt(headers.get('Min-SE') ?? '', 10) || 0)
    const seconds = Math.min(asked, Math.max(least, this.#wish.seconds))
    const peerKnows = lists(request, 'Supported', 'timer') || lists(request, 'Require', 'timer')
    const chosen = /refresher\s*=\s*(uac|uas)/i.exec(value ?? '')?.[1]?.toLowerCase()
    const refresher = peerKnows ? (chosen ?? 'uas') : 'uas'
    this.#agree(seconds, refresher === 'uac' ? 'peer' : 'we')
    return {
      ...supported,
      'Session-Expires': `${seconds};refresher=${refresher}`,
      ...(peerKnows ? { Require: 'timer' } : {}),
    }
  }

  stop(): void {
    for (const timer of this.#timers) timer.cancel()
    this.#timers = []
  }

  // --- while the call goes on

  #agree(seconds: number, refresher: 'we' | 'peer'): void {
    this.stop()
    this.#isAgreed = true
    this.intervalS = Number.isNaN(seconds) ? undefined : seconds
    this.refresher = Number.isNaN(seconds) ? undefined : refresher
    if (Number.isNaN(seconds)) return
    if (refresher === 'we') {
      // §7.2, §9: at half the interval, and once more where that was refused (§10).
      this.#after(seconds / 2, () => this.#refresh())
      this.#after((seconds * 3) / 4, () => this.#refresh())
      this.#after(seconds, () => this.#expire())
    } else {
      // §10
      this.#after(seconds - Math.min(32, seconds / 3), () => this.#expire())
    }
  }

  #after(seconds: number, then: () => void): void {
    this.#timers.push(this.#call.clock.after(seconds * 1000, then))
  }

  #refresh(): void {
    const method = this.#peerUpdates ? (this.#wish.method ?? 'UPDATE') : 'INVITE'
    const refresh: Refresh = { at: this.#call.clock.now(), method, status: undefined }
    this.refreshes.push(refresh)
    this.#call.unattended(
      this.#call.refresh(method).then((status) => {
        refresh.status = status
        // A peer, or a server on the way, that does not let UPDATE pass is asked by INVITE the next time.
        if (status === 405 || status === 501) this.#peerUpdates = false
      }),
    )
  }

  #expire(): void {
    this.expired = true
    this.#call.expire()
  }
}

/** §9: the least interval, where a request asks for less and can ask again. */
export function tooBrief({ least = LEAST_S }: SessionTimerWish, request: SipRequest): number | undefined {
  const asked = Number.parseInt(request.headers.get('Session-Expires') ?? '', 10)
  return asked < least && lists(request, 'Supported', 'timer') ? least : undefined
}

/** With the option tag, once. */
function withTimer(supported: string | undefined): string {
  const tags = (supported ?? '').split(',').map((tag) => tag.trim())
  return [...tags.filter((tag) => tag !== '' && tag.toLowerCase() !== 'timer'), 'timer'].join(', ')
}
