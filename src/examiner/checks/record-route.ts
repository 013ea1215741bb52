/** EXAM-RECORD-ROUTE: a proxy that stays in a call records itself as a loose router (RFC 3261 §16.6 step 4). */
import { parseNameAddr, type SipRequest, type SipResponse } from '../../message/message.js'
import type { StandingCheck } from '../check.js'
import { quietly } from '../reading.js'

export const recordRoute: StandingCheck = {
  id: 'EXAM-RECORD-ROUTE',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'route-lost',
    title: 'Record-Route has no lr parameter',
    rule: 'RFC 3261 §16.6',
    provider: [],
    harm: 'Some phones cannot hold or end calls: they take the server for a strict router and rewrite the Request-URI.',
    advice: 'Add ;lr to the URI that the proxy records.',
  },
  watch({ sentMessages }, report) {
    const look = (message: SipRequest | SipResponse): void => {
      if (!message.headers.has('record-route')) return
      for (const value of message.headers.values('record-route')) {
        if (/;\s*lr\b/i.test(value.slice(0, value.indexOf('>') + 1))) continue
        if (quietly(() => parseNameAddr(value)) === undefined || sentMessages.hasField('record-route', value)) continue
        report({ expected: 'a URI with ;lr', actual: value })
      }
    }
    return {
      request({ request, odd }) {
        if (!odd) look(request)
      },
      response({ response, differences, odd }) {
        if (!odd && differences.length === 0) look(response)
      },
    }
  },
}
