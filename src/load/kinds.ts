/** The kinds of calls that a script ordered, in words for the report. */
import { isAnswered } from './call-order.js'
import type { LoadResult } from '../result/load-result.js'
import type { OrderedCalls, OrderedFlow } from './reconciliation.js'

/**
 * `70 % office: to account, held 90 s (median), PCMA, 30 ms packets, SRTP, TLS`; one line for each kind.
 * @param dialled what `auto` turned out to be: the echo test, accounts, or both
 */
export function kindsInWords({ calls }: OrderedFlow, dialled: Dialled = BOTH): string[] {
  const all = calls.reduce((sum, { weight }) => sum + weight, 0)
  return calls.map(({ weight, call }) => {
    const share = calls.length === 1 ? '' : `${Number(((100 * weight) / all).toFixed(1))} % `
    return `${share}${call.name === undefined ? '' : `${call.name}: `}${wordsOf(call, dialled).join(', ')}`
  })
}

type Dialled = Pick<NonNullable<LoadResult['calls']['dialled']>, 'echo' | 'account'>
const BOTH: Dialled = { echo: 1, account: 1 }

function whom({ echo, account }: Dialled): string {
  const all = [echo > 0 ? 'to the echo test' : '', account > 0 ? 'between accounts' : ''].filter((one) => one !== '')
  return `${all.join(' and ')} (auto)`.trimStart()
}

function wordsOf(
  { to = 'auto', outcome = 'answered', holdMs, media, transport, family }: OrderedCalls,
  dialled: Dialled,
): string[] {
  return [
    to === 'auto' ? whom(dialled) : `to ${to}`,
    ...(isAnswered(outcome) ? heldInWords(holdMs) : [`${outcome} on purpose`]),
    ...(outcome === 'signalling' ? ['without audio'] : []),
    ...(media?.codec === undefined ? [] : [media.codec]),
    ...(media?.ptimeMs === undefined ? [] : [`${media.ptimeMs} ms packets`]),
    ...encryptionInWords(media?.srtp),
    ...byTurns(transport, (name) => name.toUpperCase()),
    ...byTurns(family, (name) => name.replace('ip', 'IP')),
  ]
}

/** `UDP and TLS` of a list. */
function byTurns(names: string | readonly string[] | undefined, word: (name: string) => string): string[] {
  const all = [names ?? []].flat()
  return all.length === 0 ? [] : [all.map(word).join(' and ')]
}

function heldInWords(holdMs: OrderedCalls['holdMs']): string[] {
  if (holdMs === undefined) return []
  if (typeof holdMs === 'number') return [`held ${holdMs / 1000} s`]
  return [`held ${holdMs.medianMs / 1000} s (median, log-normal, sigma ${holdMs.sigma})`]
}

function encryptionInWords(srtp: boolean | string | number | undefined): string[] {
  if (srtp === undefined) return []
  if (typeof srtp === 'number') return [`${Number((srtp * 100).toFixed(1))} % SRTP`]
  return [srtp === false ? 'RTP' : srtp === true ? 'SRTP' : `SRTP ${srtp}`]
}
