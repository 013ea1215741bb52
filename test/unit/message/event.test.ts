import { describe, expect, it } from 'vitest'
import { isSameEvent, parseEvent, parseSubscriptionState } from '../../../src/message/event.js'
import { formatMessageSummary, parseMessageSummary } from '../../../src/message/message-summary.js'

describe('Event', () => {
  it('is compared byte by byte with its id, and without other parameters (RFC 6665 §8.2.1)', () => {
    const [plain, named, other] = ['foo', 'foo; id=1234', 'foo;param=abcd; id=1234'].map(parseEvent)
    expect(isSameEvent(named, other)).toBe(true)
    expect(isSameEvent(plain, named)).toBe(false)
    expect(isSameEvent(named, parseEvent('Foo; id=1234'))).toBe(false)
    expect(isSameEvent(plain, parseEvent('foo;x'))).toBe(true)
    expect([parseEvent(undefined), parseEvent(' ;id=1')]).toEqual([undefined, undefined])
    expect(isSameEvent(undefined, undefined)).toBe(false)
  })
})

describe('Subscription-State', () => {
  it('tells state, time, reason and when to try again', () => {
    expect(parseSubscriptionState('Active ; Expires=600')).toEqual({
      state: 'active',
      expires: 600,
      reason: undefined,
      retryAfter: undefined,
    })
    expect(parseSubscriptionState('terminated;reason=Probation;retry-after=30')).toMatchObject({
      state: 'terminated',
      reason: 'probation',
      retryAfter: 30,
    })
    expect(parseSubscriptionState('active;expires=soon')?.expires).toBeUndefined()
    expect(parseSubscriptionState(undefined)).toBeUndefined()
  })
})

describe('simple-message-summary', () => {
  it('is read whatever its spelling (RFC 3842 §5.2)', () => {
    const read = parseMessageSummary(
      'MESSAGES-WAITING :  Yes\r\nMessage-Account: sip:alice@example.com\r\nvoice-message: 2 / 8 (0/2)\r\nFax-Message: 0/4\r\n\r\nTo: <x>\r\nPager-Message: 9/9\r\n',
    )
    expect([read.waiting, read.account]).toEqual([true, 'sip:alice@example.com'])
    expect([...read.counts]).toEqual([
      ['voice-message', { fresh: 2, old: 8 }],
      ['fax-message', { fresh: 0, old: 4 }],
    ])
  })

  it('is read in pieces where it is broken, and counts have a limit (§3.5)', () => {
    expect(parseMessageSummary('')).toMatchObject({ waiting: undefined, account: undefined })
    expect(parseMessageSummary('Messages-Waiting: maybe\nVoice-Message: many\n').waiting).toBeUndefined()
    const { counts } = parseMessageSummary('Messages-Waiting: no\r\nVoice-Message: 99999999999/1\r\n')
    expect(counts.get('voice-message')).toEqual({ fresh: 2 ** 32 - 1, old: 1 })
  })

  it('is written as it is read', () => {
    const text = formatMessageSummary({ waiting: true, account: 'sip:a@example.com', voice: { fresh: 1, old: 3 } })
    expect(text).toBe('Messages-Waiting: yes\r\nMessage-Account: sip:a@example.com\r\nVoice-Message: 1/3\r\n')
    expect(parseMessageSummary(text).counts.get('voice-message')).toEqual({ fresh: 1, old: 3 })
    expect(formatMessageSummary({ waiting: false })).toBe('Messages-Waiting: no\r\n')
  })
})
