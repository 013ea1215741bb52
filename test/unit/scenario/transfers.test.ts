import { expect, it } from 'vitest'
import { createRequest } from '../../../src/message/build.js'
import { isToldNoMore } from '../../../src/scenario/transfers.js'

function noticeWith(state: string) {
  const notice = createRequest({
    method: 'NOTIFY',
    uri: 'sip:alice@192.0.2.1',
    from: '<sip:bob@example.com>;tag=b',
    to: '<sip:alice@example.com>;tag=a',
    callId: 'call',
    cseq: 1,
    via: 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1',
  })
  notice.headers.set('Subscription-State', state)
  return notice
}

it.each([
  ['tried, and that is all', ['terminated;reason=noresource'], [100], true],
  ['tried, and more is to come', ['active;expires=60'], [100], false],
  ['taken', ['active;expires=60', 'terminated;reason=noresource'], [100, 200], false],
  ['ended without a status', ['terminated;reason=noresource'], [], false],
  ['nothing', [], [], false],
])('who transfers a call is told: %s', (_what, states, statuses, toldNoMore) => {
  expect(isToldNoMore({ notices: states.map(noticeWith), statuses })).toBe(toldNoMore)
})
