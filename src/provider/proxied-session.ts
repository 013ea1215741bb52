/** Session timers of calls that are led through the proxy, where its house rules want them: RFC 4028 §8. */
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { ProviderContext } from './context.js'
import { refuse } from './own-answers.js'

/** §5, seconds. */
const LEAST_S = 90

/** §8.1: asks for a session timer, or for a shorter interval, in a request that is forwarded. */
export function askForSession(context: ProviderContext, copy: SipRequest): void {
  const { lengthensSessions } = context.rules.proxy
  if (lengthensSessions && (copy.method === 'INVITE' || copy.headers.has('Session-Expires')))
    copy.headers.set('Session-Expires', '1800;refresher=uac')
  const wanted = wantedOf(context, copy)
  if (wanted !== undefined) copy.headers.set('Session-Expires', wanted)
}

/** §8.1: 422 with our least session interval, where the request asks for less and can be asked to ask again. */
export function refusesInterval(context: ProviderContext, tx: ServerTransaction, request: SipRequest): boolean {
  const { checksSessionInterval, tellsMinSe } = context.rules.proxy
  const least = context.policy.minSessionExpires
  const asked = Number.parseInt(request.headers.get('Session-Expires') ?? '', 10)
  if (Number.isNaN(asked) || asked >= least || !checksSessionInterval || !knowsTimer(request)) return false
  refuse(context, tx, 422, undefined, tellsMinSe ? { headers: [['Min-SE', String(least)]] } : {})
  return true
}

/** §8.2: what a 2xx tells the caller, where the callee does not know session timers. @param request as it came */
export function tellSession(context: ProviderContext, request: SipRequest, { headers, status }: SipResponse): void {
  const wanted = status >= 200 && status < 300 ? wantedOf(context, request) : undefined
  if (wanted === undefined || headers.has('Session-Expires') || !knowsTimer(request)) return
  headers.set('Session-Expires', `${Number.parseInt(wanted, 10)};refresher=uac`)
  if (!headers.values('Require').includes('timer')) headers.add('Require', 'timer')
}

/** Session-Expires as the house rules want it, the refresher as the caller has it; undefined: as it is. */
function wantedOf({ policy }: ProviderContext, { method, headers }: SipRequest): string | undefined {
  const { longestSession } = policy
  if (longestSession === undefined || (method !== 'INVITE' && method !== 'UPDATE')) return undefined
  const [asked, ...parameters] = (headers.get('Session-Expires') ?? '').split(';')
  const least = Number.parseInt(headers.get('Min-SE') ?? '', 10) || LEAST_S
  const seconds = Math.min(Number.parseInt(asked ?? '', 10) || longestSession, Math.max(least, longestSession))
  return [String(seconds), ...parameters].join(';')
}

const knowsTimer = ({ headers }: SipRequest): boolean =>
  headers.values('Supported').some((tag) => tag.toLowerCase() === 'timer')
