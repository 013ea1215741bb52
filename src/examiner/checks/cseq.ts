/** EXAM-CSEQ: requests of a call are numbered in their order; responses, ACK and CANCEL carry the number they belong to. */
import type { Kind, Report, StandingCheck } from '../check.js'
import type { PeerDialog } from '../memory/calls.js'
import type { RequestSeen } from '../seen.js'

/** 64*T1 with its default: for so long an earlier request may still be on its way. */
const LIFETIME_MS = 32_000
const MOST_NUMBERS = 100

const OF_A_RESPONSE: Kind = {
  cause: 'response-changed',
  title: 'A response carries another CSeq than its request',
  rule: 'RFC 3261 §8.2.6.2',
  harm: 'The caller cannot match the response with its request and sends it again until it gives up.',
  advice: 'Look at scripts and border controllers that rewrite CSeq in one direction only.',
}

export const cseq: StandingCheck = {
  id: 'EXAM-CSEQ',
  text: {
    severity: 'fail',
    gravity: 'harm',
    title: 'Requests of a call are not numbered in their order',
    rule: 'RFC 3261 §12.2.1.1',
    provider: [],
    harm: 'Phones reject requests that are out of order (500): calls cannot be held, transferred or ended.',
    advice:
      'Look at the component that writes requests within calls: back-to-back user agent, session timers, services.',
  },
  violations: {
    'cseq-method-mismatch': {
      title: 'CSeq names another method than the request',
      harm: 'Phones reject the request (400).',
    },
    'cseq-range': { title: 'A CSeq number is too large', harm: 'Phones may reject the request (400).' },
  },
  watch(_, report) {
    return {
      request(seen) {
        const { method } = seen.request
        if (method === 'ACK' || method === 'CANCEL') ofInvite(seen, method, report)
        else if (!seen.handedOn) inOrder(seen.dialog, seen.cseq.number, method, seen.seen.at, report)
      },
      response({ differences }) {
        for (const { what, expected, actual } of differences)
          if (what === 'CSeq') report({ ...OF_A_RESPONSE, expected, actual })
      },
    }
  },
}

/** RFC 3261 §9.1, §17.1.1.3: CANCEL and the ACK of a refusal share branch and number with their INVITE. */
function ofInvite({ seen, callId, cseq: own, earlier }: RequestSeen, method: 'ACK' | 'CANCEL', report: Report): void {
  if (earlier === undefined) return
  const sameCall = earlier.callId === callId && earlier.device === seen.device
  // The ACK of a 2xx is no part of the transaction (EXAM-BRANCH).
  if (method === 'ACK' && !(sameCall && earlier.method === 'INVITE')) return
  if (sameCall && earlier.cseq === own.number) return
  report({
    title: `${method} does not carry the CSeq number of its INVITE`,
    rule: method === 'ACK' ? 'RFC 3261 §17.1.1.3' : 'RFC 3261 §9.1',
    harm:
      method === 'ACK'
        ? 'Phones do not recognise the ACK and repeat their response for 32 seconds.'
        : 'Phones do not recognise the CANCEL and keep ringing.',
    expected: `CSeq: ${earlier.cseq} ${method}`,
    actual: `CSeq: ${own.number} ${method}${earlier.callId === callId ? '' : ' and another Call-ID'}`,
  })
}

/** RFC 3261 §12.2.1.1: the peer's own requests have rising numbers. */
function inOrder(dialog: PeerDialog, number: number, method: string, at: number, report: Report): void {
  const used = `${number} ${method}`
  const before = dialog.numbers.find((one) => one.startsWith(`${number} `))
  if (before !== undefined && before !== used) {
    report({
      title: 'Two requests of a call carry the same CSeq number',
      expected: 'a number one higher for each request',
      actual: `${before} and ${used}`,
    })
  } else if (
    before === undefined &&
    number < dialog.highest &&
    // An earlier request may come late, if its first copy was lost; a BYE is never the earlier one.
    (method === 'BYE' || at - dialog.highestAt > LIFETIME_MS)
  ) {
    report({
      title: 'CSeq numbers of a call run backwards',
      expected: `more than ${dialog.highest}`,
      actual: used,
    })
  }
  if (before === undefined && dialog.numbers.length < MOST_NUMBERS) dialog.numbers.push(used)
  if (number > dialog.highest) {
    dialog.highest = number
    dialog.highestAt = at
  }
}
