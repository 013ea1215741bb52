/** Calls that end because nobody refreshed them (RFC 4028 §10). */
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, side } from '../sides.js'
import { seconds } from '../texts.js'
import { finalOf, firstOf, type Transaction } from '../transactions.js'

const SLACK_MS = 3_500

export const sessionTimer: JudgeRule = {
  id: 'session-timer',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'session-refresh-lost',
    title: 'Calls are cut off because their session timer runs out',
    rule: 'RFC 4028 §10',
    expected: 'a re-INVITE or UPDATE by the refresher after half of the session interval',
    harm: 'Calls are cut off after the same time again and again.',
    advice:
      'Look at who is the refresher: it has to send re-INVITE or UPDATE after half of the interval. Or switch session timers off there.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      const found = call.legs.flatMap((leg) => told(call, leg, scene) ?? [])[0]
      if (found !== undefined) report(found)
    }
  },
}

function told(call: Call, leg: Leg, { view }: Scene): Observation | undefined {
  const { answer, bye, inDialog } = leg
  if (answer === undefined || bye === undefined) return undefined
  const refreshes = inDialog.filter(({ method }) => method === 'INVITE' || method === 'UPDATE')
  const accepted = refreshes.flatMap((one) => {
    const final = finalOf(one)
    return final !== undefined && final.status < 300 ? [{ one, final }] : []
  })
  const last = accepted.at(-1)?.final ?? answer
  const agreed = /^\s*(\d+)\s*(?:;.*?\brefresher\s*=\s*(uac|uas))?/i.exec(
    last.message.headers.get('session-expires') ?? last.message.headers.get('x') ?? '',
  )
  if (agreed === null) return undefined
  const interval = Number(agreed[1]) * 1000
  const ended = firstOf(bye)
  const elapsed = ended.at - last.at
  // RFC 4028 §10: slightly before the end, by 32 s or a third of the interval; or at the end.
  const ends = [interval - Math.min(32_000, interval / 3), interval]
  if (interval <= 0 || !ends.some((end) => Math.abs(elapsed - end) < SLACK_MS)) return undefined
  const request = accepted.at(-1)?.one ?? leg.invite
  const refresher = agreed[2]?.toLowerCase() === 'uas' ? request.server : request.client
  const tried = refreshes.filter((one) => firstOf(one).at > last.at)
  const begin = `The call was ended ${seconds(elapsed)} after ${accepted.length === 0 ? 'the answer' : 'its last refresh'}: its session interval is ${interval / 1000} s, and ${named(refresher.address, view)} was to refresh it`
  return {
    about: call,
    frames: [last.frame, ...tried.map((one) => firstOf(one).frame), ended.frame],
    ...(tried.length === 0
      ? {
          seen: `${begin}, and never tried.`,
          side: view.seesBothWays(leg.caller.address, leg.callee.address)
            ? doingOf(refresher.address, view, 'no refresh was seen here')
            : side('unknown', 'no refresh was seen here'),
        }
      : {
          seen: `${begin}; its ${tried.length === 1 ? 'try' : `${tried.length} tries`} got ${outcomes(tried)}.`,
          side: side('unknown', 'the refresh was sent and did not succeed'),
        }),
  }
}

const outcomes = (tried: readonly Transaction[]): string =>
  [...new Set(tried.map((one) => finalOf(one)?.status ?? 'no answer'))].join(', ')
