/** The session timer of a call, as the side that is called: RFC 4028. */
import type { Timer } from '../../clock/clock.js'
import type { SipRequest, SipResponse } from '../../message/message.js'
import type { ProviderContext } from '../context.js'

/** What falls due. */
interface SessionEvents {
  /** Half the interval is over: it is for us to refresh the session for so many seconds. */
  refresh(seconds: number): void
  /** Nobody has refreshed it. */
  expire(): void
}

export class SessionTimer {
  readonly #context: ProviderContext
  readonly #events: SessionEvents
  #timer: Timer | undefined

  constructor(context: ProviderContext, events: SessionEvents) {
    this.#context = context
    this.#events = events
  }

  /** Agrees to what the request asks for, in the response to it. */
  agree(request: SipRequest, response: SipResponse): void {
    const { clock, rules } = this.#context
    const header = request.headers.get('Session-Expires')
    const seconds = Number.parseInt(header ?? '', 10)
    this.stop()
    if (header === undefined || Number.isNaN(seconds) || !rules.service.agreesToSessionTimer) return
    const peerKnows = wants(request, 'timer')
    // §9: the caller's choice counts; who does not know the extension can't refresh.
    const asked = /refresher\s*=\s*(uac|uas)/i.exec(header)?.[1]?.toLowerCase()
    const refresher = peerKnows ? (asked ?? 'uac') : 'uas'
    response.headers.set('Session-Expires', `${seconds};refresher=${refresher}`)
    if (refresher === 'uac') response.headers.add('Require', 'timer')
    if (refresher === 'uas') {
      this.refreshed(seconds)
      return
    }
    // §10: who waits for the other gives up somewhat before the interval ends.
    this.#timer = clock.after((seconds - Math.min(32, seconds / 3)) * 1000, () => {
      if (rules.service.endsDeadSessions) this.#events.expire()
    })
  }

  /** Ours to refresh again, after half the interval (§10). */
  refreshed(seconds: number): void {
    const { clock, rules } = this.#context
    const afterMs = rules.service.refreshesSession ? (seconds / 2) * 1000 : 100
    this.#timer = clock.after(afterMs, () => this.#events.refresh(seconds))
  }

  stop(): void {
    this.#timer?.cancel()
  }
}

/** Does the sender know the extension, or insist on it? */
export function wants(request: SipRequest, extension: string): boolean {
  return [...request.headers.values('Supported'), ...request.headers.values('Require')].some(
    (tag) => tag.toLowerCase() === extension,
  )
}
