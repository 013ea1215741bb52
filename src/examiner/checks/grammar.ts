/** EXAM-GRAMMAR: messages follow the grammar of RFC 3261 §25.1 and what is built on it. */
import type { Violation } from '../../message/parse.js'
import type { Kind, StandingCheck } from '../check.js'

/** No receiver is told to refuse it, and yet it is lost or cannot be used. */
const HARMFUL = new Set(['header-end-missing', 'content-type-missing'])

/** Written wrongly all over the world and read by everybody; nobody's call fails. */
const COSMETIC = new Set([
  'uri-component-forbidden',
  'user-agent-malformed',
  'server-malformed',
  'date-malformed',
  'timestamp-malformed',
  'warning-malformed',
  'reason-malformed',
  'accept-language-malformed',
  'alert-info-malformed',
  'call-info-malformed',
  'version-case',
])

/** Refused by the letter, and yet understood by all but the strictest. */
const TOLERATED = new Set(['display-name-malformed', 'request-uri-component-forbidden', 'header-repeated'])

const LOST = 'Phones cannot use such a message: the request or response is lost.'
const REFUSED =
  'Phones that read strictly reject or drop such messages: calls may fail with some makes and not with others.'
const READ_OVER = 'Hardly any phone notices.'

export const grammar: StandingCheck = {
  id: 'EXAM-GRAMMAR',
  text: {
    severity: 'warn',
    gravity: 'letter',
    title: 'Messages break the grammar',
    rule: 'RFC 3261 §25.1',
    provider: [],
    harm: REFUSED,
    advice: 'Show the message to the vendor of the server that wrote it; the marked header field is the one.',
  },
  otherViolation: (violation) => ({
    title: `Messages break the grammar: ${violation.code}`,
    ...kindOf(violation),
    ...broughtAbout(violation),
  }),
  watch(_, report) {
    return {
      garbage({ bytes, violations: [violation] }) {
        const line = bytes.toString('latin1', 0, 60).split(/[\r\n]/)[0] ?? ''
        const isSip = line.includes('SIP/2.0')
        report({
          title: `What arrives is not a SIP message: ${violation?.code ?? 'unreadable'}`,
          severity: isSip ? 'fail' : 'warn',
          gravity: isSip ? 'harm' : 'letter',
          rule: violation?.rule ?? 'RFC 3261 §7',
          harm: isSip ? LOST : READ_OVER,
          expected: violation?.expected ?? 'a request or a response',
          actual: line,
        })
      },
    }
  },
}

/** Who forwards a request with Max-Forwards 0 counts it down below 0. */
const broughtAbout = ({ code }: Violation): Kind =>
  code === 'max-forwards-malformed' ? { follows: ['proxy/max-forwards-zero'] } : {}

/**
 * A receiver that goes by the book refuses (request) or drops (response) what has a status: that is a failure. The rest is worth
 * a warning, or only a remark.
 */
function kindOf({ code, status }: Violation): Kind {
  if (HARMFUL.has(code)) return { severity: 'fail', gravity: 'harm', harm: LOST }
  if (COSMETIC.has(code)) return { severity: 'info', harm: READ_OVER }
  return status === undefined || TOLERATED.has(code) ? { harm: READ_OVER } : { severity: 'fail' }
}
