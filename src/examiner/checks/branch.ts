/** EXAM-BRANCH: each transaction has a branch of its own (RFC 3261 §8.1.1.7, §16.6 step 8). */
import type { Kind, StandingCheck } from '../check.js'
import { isProperBranch } from '../memory/branches.js'

const IMPROPER: Kind = {
  gravity: 'letter',
  title: 'Via without a proper branch',
  harm: 'Phones have to match such requests by the rules of RFC 2543, which few still do well.',
}

// Known of proxies that forward the ACK of a 2xx without state; no receiver matches it by its branch.
const OF_ACKS: Kind = {
  severity: 'info',
  gravity: 'letter',
  title: 'ACKs of different calls carry the same branch',
  harm: 'No phone matches the ACK of a 2xx by its branch.',
}

export const branch: StandingCheck = {
  id: 'EXAM-BRANCH',
  text: {
    severity: 'fail',
    gravity: 'harm',
    title: 'Two transactions carry the same branch',
    rule: 'RFC 3261 §8.1.1.7',
    provider: [],
    harm: 'Phones take a new request for a retransmission and ignore it: calls do not ring or cannot be ended.',
    advice: 'The branch must differ for each request and each fork; look at the component that wrote the topmost Via.',
  },
  violations: {
    'via-branch-missing': 'own look',
    'via-branch-cookie': 'own look',
    'via-branch-empty': 'own look',
  },
  watch(_, report) {
    return {
      request({ seen, request, via, callId, cseq, earlier }) {
        const { method } = request
        if (!isProperBranch(via.branch)) {
          const actual = via.branch ?? 'no branch'
          report({ ...IMPROPER, expected: 'a branch that begins with z9hG4bK', actual })
          return
        }
        if (earlier === undefined || method === 'CANCEL') return
        if (method === 'ACK') {
          if (earlier.callId !== callId) report({ ...OF_ACKS, expected: 'a branch of its own', actual: via.branch })
          return
        }
        if (earlier.method === 'CANCEL' || earlier.method === 'ACK') return
        const sameDevice = earlier.device === seen.device
        const sameCall = earlier.callId === callId
        const sameRequest = sameCall && earlier.cseq === cseq.number && earlier.method === method
        if (sameRequest && sameDevice) return
        report({
          rule: sameDevice ? 'RFC 3261 §8.1.1.7' : 'RFC 3261 §16.6',
          expected: 'a branch for each transaction',
          actual: sameRequest
            ? `the same branch towards ${earlier.device} and ${seen.device}`
            : `${via.branch} for ${earlier.method} ${earlier.cseq} and for ${method} ${cseq.number}${sameCall ? '' : ' of another call'}`,
        })
      },
    }
  },
}
