/** EXAM-NUMBERS-IN-CLEAR: who calls whom can be read on the line, as everywhere where SIP is not on TLS. */
import type { NameAddr } from '../../message/message.js'
import type { StandingCheck } from '../check.js'
import type { SeenMessage } from '../types.js'

const NUMBER = /^(?:sips?|tel):\+?[0-9][0-9.()-]{2,}(?:[@;]|$)/i

export const numbersInClear: StandingCheck = {
  id: 'EXAM-NUMBERS-IN-CLEAR',
  text: {
    severity: 'info',
    gravity: 'exposure',
    title: 'Caller and callee can be read on the line',
    rule: 'BH-7',
    provider: ['BH-7'],
    harm: 'Anyone on the path can see who calls whom, as wherever SIP is not on TLS.',
    advice: 'Customers who mind should use TLS together with SRTP.',
  },
  watch(_, report) {
    let isTold = false
    const look = ({ transport }: SeenMessage, from: NameAddr, to: NameAddr): void => {
      if (isTold || transport === 'tls' || !NUMBER.test(from.uri) || !NUMBER.test(to.uri)) return
      isTold = true
      report({
        expected: 'numbers over TLS only, where privacy is wanted',
        actual: `From and To over ${transport.toUpperCase()}`,
      })
    }
    return {
      request: ({ seen, from, to }) => look(seen, from, to),
      response({ seen, cseq, from, to }) {
        if (cseq.method === 'INVITE') look(seen, from, to)
      },
    }
  },
}
