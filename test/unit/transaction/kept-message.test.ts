import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRequest, createResponse } from '../../../src/message/build.js'
import type { SipMessage, SipRequest } from '../../../src/message/message.js'
import { isRequest, isResponse, KeptMessage, ownString } from '../../../src/transaction/kept-message.js'

const request = (body = ''): SipRequest =>
  createRequest({
    method: 'MESSAGE',
    uri: 'sip:bob@10.0.0.2',
    via: 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
    from: '<sip:alice@10.0.0.1>;tag=a',
    to: '<sip:bob@10.0.0.2>',
    callId: 'c1',
    cseq: 1,
    body,
  })
const kept = (body = '') => new KeptMessage(request(body), isRequest)

describe('a kept message', () => {
  it('is the message itself until it is packed, then one that is read again, once', () => {
    const whole = request('hello')
    const message = new KeptMessage(whole, isRequest)
    expect(message.message).toBe(whole)
    message.pack()
    const again = message.message
    expect(again).not.toBe(whole)
    expect(message.message).toBe(again)
    expect(again.toString()).toBe(whole.toString())
    message.pack()
    message.pack()
    expect(message.message).not.toBe(again)
    expect(message.message.toString()).toBe(whole.toString())
  })

  it('makes its bytes once, and anew after a change', () => {
    const message = kept()
    const { bytes } = message
    expect(message.bytes).toBe(bytes)
    message.message.headers.add('Subject', 'later')
    expect(message.bytes.toString()).not.toContain('later')
    message.changed()
    expect(message.bytes.toString()).toContain('Subject: later\r\n')
    message.pack()
    expect(message.bytes.toString()).toContain('Subject: later\r\n')
  })

  it('stays what it was, however many others are packed beside it', () => {
    const bodies = fc.array(fc.nat(30_000), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(bodies, (sizes) => {
        const messages = sizes.map((size, nth) => kept(String(nth % 10).repeat(size)))
        for (const message of messages) message.pack()
        for (const [nth, message] of messages.entries())
          expect(message.message.body.toString()).toBe(String(nth % 10).repeat(sizes[nth]!))
      }),
      { numRuns: 30 },
    )
  })

  it('takes memory of its own only where it is large: small ones share, and hold none of the messages they came from', () => {
    const packed = Array.from({ length: 300 }, () => kept('x'.repeat(500)))
    for (const message of packed) message.pack()
    const pieces = new Set(packed.map(({ bytes }) => bytes.buffer))
    for (const piece of pieces) expect(piece.byteLength).toBe(65_536)
    expect(pieces.size).toBeLessThan(6)
    const large = kept('x'.repeat(10_000))
    large.pack()
    expect(large.bytes.buffer.byteLength).toBe(large.bytes.length)
  })

  it('that cannot be read again is our defect', () => {
    const never = (message: SipMessage | undefined): message is SipRequest => message === null
    const message = new KeptMessage(request(), never)
    message.pack()
    expect(() => message.message).toThrow('a kept message cannot be read again')
  })
})

it('a request is no response, nothing is neither', () => {
  const [asked, answered] = [request(), createResponse(request(), 200)]
  expect([asked, answered, undefined].map(isRequest)).toEqual([true, false, false])
  expect([asked, answered, undefined].map(isResponse)).toEqual([false, true, false])
})

it('a string of its own is the same string', () => expect(ownString('z9hG4bK-é')).toBe('z9hG4bK-é'))
