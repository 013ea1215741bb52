/** EXAM-TAGS: the tags of From and To name the dialog (RFC 3261 §8.2.6.2, §12.2.1.1). */
import type { Kind, Report, StandingCheck } from '../check.js'
import type { ResponseSeen } from '../seen.js'

/** ms within which a refusal of the same status is a repetition. */
const REPETITION_MS = 16_000

const OF_A_RESPONSE: Kind = {
  harm: 'The caller cannot tell which call is meant: the response is dropped, or the call cannot be ended.',
  advice: 'Look at scripts and border controllers that rewrite From or To in one direction only.',
}

const NONE_IN_A_RESPONSE: Kind = {
  gravity: 'letter',
  cause: 'to-tag-missing',
  // Whoever cannot read a request answers it without state, and often without a tag.
  follows: ['tcp/header-forms'],
  title: 'A response has no To tag',
  harm: 'Hardly any phone notices, unless the response begins a call.',
  advice: 'Let the server add a tag to responses that it writes without state.',
}

const ANOTHER_WHEN_REPEATED: Kind = {
  gravity: 'letter',
  cause: 'to-tag-changed',
  title: 'A repeated response carries another To tag',
  harm: 'Hardly any phone notices.',
  advice: 'Let the server compute the tag of responses that it writes without state from the request.',
}

export const tags: StandingCheck = {
  id: 'EXAM-TAGS',
  text: {
    severity: 'fail',
    gravity: 'harm',
    title: 'A request within a call carries a To tag that its phone did not give',
    rule: 'RFC 3261 §12.2.1.1',
    provider: [],
    harm: 'Phones cannot tell which call is meant and answer 481: calls cannot be held, transferred or ended.',
    advice: 'Look at scripts and border controllers that rewrite From or To.',
  },
  violations: {
    'from-tag-missing': {
      gravity: 'letter',
      title: 'A request has no From tag',
      harm: 'Phones have to tell calls apart by the rules of RFC 2543; some reject the request.',
    },
    'to-tag-missing': 'own look',
  },
  watch(memory, report) {
    return {
      request({ request, to, side, handedOn }) {
        if (handedOn || to.tag === undefined || side.tags.length === 0 || side.tags.includes(to.tag)) return
        report({ expected: 'our tag of the dialog in To', actual: `${request.method} with To tag ${to.tag}` })
      },
      response(seen) {
        for (const { what, expected, actual } of seen.differences) {
          if (what !== 'From tag' && what !== 'To tag') continue
          const title = `A response carries another ${what} than its request`
          const cause = what === 'To tag' ? 'to-tag-changed' : 'response-changed'
          report({ ...OF_A_RESPONSE, cause, title, rule: 'RFC 3261 §8.2.6.2', expected, actual })
        }
        if (seen.differences.length === 0) ofAnswerer(seen, seen.sent.odd || memory.oddResponses, report)
      },
    }
  },
}

/** RFC 3261 §8.2.6.2: who answers adds a tag, and the same one each time. */
function ofAnswerer(
  { seen, response, to: { tag }, sent, candidates }: ResponseSeen,
  odd: boolean,
  report: Report,
): void {
  const { status } = response
  if (status === 100 || sent.to.tag !== undefined) return
  const rule = 'RFC 3261 §8.2.6.2'
  if (tag === undefined) {
    const expected = 'a tag in To of every response but 100'
    if (!odd) report({ ...NONE_IN_A_RESPONSE, rule, expected, actual: `${status} to ${sent.method} without` })
    return
  }
  // Of several forks a proxy passes on one refusal; a repetition carries the same tag. A scenario may use a branch again.
  if (status < 300 || candidates.filter((one) => one.method === sent.method).length > 1) return
  const before = sent.refusal
  if (before === undefined) sent.refusal = { status, tag, at: seen.at }
  else if (before.status === status && before.tag !== tag && seen.at - before.at < REPETITION_MS)
    report({ ...ANOTHER_WHEN_REPEATED, rule, expected: `${status} with the tag ${before.tag} again`, actual: tag })
}
