/** EXAM-100-FORWARDED: a 100 is for one hop only (RFC 3261 §16.7 step 5). */
import type { StandingCheck } from '../check.js'

export const hundredForwarded: StandingCheck = {
  id: 'EXAM-100-FORWARDED',
  text: {
    severity: 'fail',
    gravity: 'letter',
    cause: 'hundred-forwarded',
    title: "The callee's 100 is passed on to the caller",
    rule: 'RFC 3261 §16.7',
    provider: [],
    harm: 'Hardly anybody notices: the caller stops repeating its request before the provider has taken charge of it.',
    advice: 'A proxy with transactions keeps 100 to itself; look for one that forwards without state.',
  },
  watch({ ownTags }, report) {
    return {
      response({ response, to: { tag }, sent, differences }) {
        if (response.status !== 100 || tag === undefined || differences.length > 0) return
        if (sent.to.tag !== undefined || !ownTags.has(tag)) return
        report({ expected: "the proxy's own 100", actual: "100 with our callee's To tag" })
      },
    }
  },
}
