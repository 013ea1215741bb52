/** EXAM-COPY: responses carry Call-ID, From, To and Via as the request had them (RFC 3261 §8.2.6.2). */
import type { Kind, StandingCheck } from '../check.js'

/** RFC 3261 §12.2.1.1: dialogs are told apart by tags, not by URIs. */
const URI: Kind = {
  gravity: 'letter',
  // Who rewrites the dialled number on its way to a trunk, or the caller's on the way to a device in a call, may not change it back.
  follows: ['extension-lost', 'dialog/second-call-in'],
  harm: 'Hardly any phone notices: calls are told apart by tags, not by URIs.',
}

export const copy: StandingCheck = {
  id: 'EXAM-COPY',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'response-changed',
    title: 'A response does not carry back what the request said',
    rule: 'RFC 3261 §8.2.6.2',
    provider: [],
    harm: 'The caller cannot match the response with its request and sends it again until it gives up.',
    advice: 'Look at topology hiding and at scripts that rewrite From, To, Call-ID or Via in one direction only.',
  },
  watch(_, report) {
    return {
      response({ differences }) {
        for (const { what, expected, actual } of differences) {
          if (what === 'CSeq' || what === 'From tag' || what === 'To tag') continue
          const isUri = what === 'From URI' || what === 'To URI'
          const title = `A response carries another ${what} than its request`
          report({ ...(isUri ? URI : {}), title, expected, actual })
        }
      },
    }
  },
}
