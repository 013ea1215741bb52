/** EXAM-MAX-FORWARDS: each proxy counts the hops down, so that loops end (RFC 3261 §16.6 step 3). */
import type { StandingCheck } from '../check.js'
import { quietly } from '../reading.js'

export const maxForwards: StandingCheck = {
  id: 'EXAM-MAX-FORWARDS',
  text: {
    severity: 'fail',
    gravity: 'exposure',
    cause: 'max-forwards-not-counted',
    title: 'Max-Forwards is not counted down',
    rule: 'RFC 3261 §16.6',
    provider: [],
    harm: 'A call that is diverted in a circle never ends: two customers are enough to overload the servers.',
    advice: 'Switch on the check of Max-Forwards in every proxy on the way (Kamailio: mf_process_maxfwd_header).',
  },
  violations: { 'max-forwards-missing': 'own look' },
  watch(_, report) {
    return {
      request({ request, origin, to, odd }) {
        if (odd) return
        const { method } = request
        const hops = quietly(() => request.maxForwards)
        if (hops === undefined) {
          if (request.headers.has('max-forwards')) return
          // Keep-alives, and what goes one hop only, harm nobody.
          const harmless = method === 'ACK' || method === 'CANCEL' || (to.tag === undefined && method !== 'INVITE')
          report({
            gravity: 'letter',
            cause: 'max-forwards-missing',
            title: 'A request has no Max-Forwards',
            severity: harmless ? 'warn' : 'fail',
            rule: origin === undefined ? 'RFC 3261 §8.1.1.6' : 'RFC 3261 §16.6',
            harm: 'Hardly any phone notices; where the request is forwarded in a circle, it does not end.',
            expected: 'Max-Forwards',
            actual: `${method} without`,
          })
          return
        }
        if (origin?.maxForwards === undefined || origin.method !== method || hops < origin.maxForwards) return
        report({ expected: `less than the ${origin.maxForwards} that our device sent`, actual: String(hops) })
      },
    }
  },
}
