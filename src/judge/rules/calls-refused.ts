/** Calls that were refused: with which codes, and what they mean. */
import type { JudgeRule, RuleText } from '../rule.js'
import { named, side, roleOf } from '../sides.js'
import { finalOf, firstOf, isChallenge } from '../transactions.js'

/** Answers that belong to everyday telephony: busy, not there, a wrong number, declined. */
const EVERYDAY = new Set([404, 410, 480, 484, 486, 487, 600, 603, 604])

const MEANINGS: Readonly<Record<number, Partial<RuleText> & { readonly title: string }>> = {
  403: {
    title: 'Calls are refused as not allowed (403)',
    advice: 'Is the account locked, out of credit, or not allowed to call this number, or to show this one?',
  },
  408: {
    title: 'Calls end because somebody did not answer in time (408)',
    advice: 'Is the called telephone reachable? Look at the hop behind the one that says so.',
  },
  415: { title: 'Calls are refused because of their body (415)', cause: 'answer-unusable' },
  420: {
    title: 'Calls are refused because of an extension they require (420)',
    advice: 'Switch off in the telephone what Unsupported names.',
  },
  422: { title: 'Calls are refused: the session interval is too short (422)', cause: 'min-se-lost' },
  423: { title: 'Refused: the interval is too short (423)', cause: 'min-expires-missing' },
  482: { title: 'Calls go round in circles (482)', advice: 'Look at diversions that lead to each other.' },
  483: { title: 'Calls go round in circles (483)', advice: 'Look at diversions that lead to each other.' },
  488: {
    title: 'Calls are refused: no codec or encryption in common (488)',
    cause: 'answer-unusable',
    advice: 'Compare codecs, and RTP/AVP against RTP/SAVP, of both sides.',
  },
  500: { title: 'Calls are refused with an error of the server (500)' },
  503: {
    title: 'Calls are refused: the server has no room or no way (503)',
    advice: 'Is it overloaded, or is its trunk down? Look at Retry-After and Warning.',
  },
  513: {
    title: 'Calls are refused: their messages are too large (513)',
    advice: 'Use TCP or TLS, offer fewer codecs.',
  },
  606: { title: 'Calls are refused: no codec or encryption in common (606)', cause: 'answer-unusable' },
}

export const callsRefused: JudgeRule = {
  id: 'calls-refused',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'call-refused',
    title: 'Calls are refused',
    rule: 'RFC 3261 §21',
    expected: 'a 200, or an answer of everyday telephony',
    harm: 'The call does not come about.',
    advice: 'Look at Reason and Warning in the answer, and at the logs of who gave it.',
    step: 'call',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      const [leg] = call.legs
      if (leg === undefined || call.legs.some(({ answer }) => answer !== undefined) || leg.cancel !== undefined)
        continue
      const final = finalOf(leg.invite)
      if (final?.message.kind !== 'response' || final.status < 300 || isChallenge(final.status)) continue
      const { status, reason, headers } = final.message
      const told = headers.get('reason') ?? headers.get('warning')
      const own = MEANINGS[status] ?? { title: `Calls are refused with ${status}` }
      report({
        ...own,
        about: call,
        kind: String(status),
        ...(EVERYDAY.has(status)
          ? {
              severity: 'info' as const,
              gravity: 'letter' as const,
              title: `Calls end with ${status} ${reason}: an answer of everyday telephony`,
            }
          : {}),
        seen: `${call.from ?? 'unknown'} called ${call.to ?? 'unknown'} and got ${status} ${reason} from ${named(final.from.address, scene.view)}${told === undefined ? '' : ` (${told})`}.`,
        frames: [firstOf(leg.invite).frame, final.frame],
        side: side(
          roleOf(final.from.address, scene.view),
          `${final.from.address} sent the answer; it may have been given behind it`,
        ),
      })
    }
  },
}
