/** Which of several final responses goes back to the caller: RFC 3261 §16.7 steps 6 and 7. */
import type { SipResponse } from '../message/message.js'

/** Answers that tell the caller how to ask again come first among the 4xx (RFC 3261 §16.7 step 6). */
const TELLING = [401, 407, 415, 420, 484]

/** The best of them, with the challenges of all. */
export function bestResponse(finals: readonly SipResponse[], firstIsBest: boolean): SipResponse | undefined {
  const best = firstIsBest ? finals[0] : chooseBest(finals)
  if (best?.status === 401 || best?.status === 407) aggregate(best, finals)
  return best
}

function chooseBest(finals: readonly SipResponse[]): SipResponse | undefined {
  const classOf = ({ status }: SipResponse) => (status >= 600 ? 0 : Math.floor(status / 100))
  const lowest = Math.min(...finals.map(classOf))
  const candidates = finals.filter((response) => classOf(response) === lowest)
  return (
    candidates.find(({ status }) => TELLING.includes(status)) ??
    // What somebody said is better than that nobody was there.
    candidates.find(({ status }) => status !== 408 && status !== 487) ??
    candidates[0]
  )
}

/** §16.7 step 7: one response carries the challenges of all. */
function aggregate(best: SipResponse, finals: readonly SipResponse[]): void {
  for (const other of finals) {
    if (other === best || (other.status !== 401 && other.status !== 407)) continue
    for (const name of ['WWW-Authenticate', 'Proxy-Authenticate'])
      for (const value of other.headers.all(name)) best.headers.add(name, value)
  }
}
