import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { asRequestUri, Dialog } from '../../../src/dialog/dialog.js'
import { glareDelayMs, InviteSession, ResponseRepeater } from '../../../src/dialog/invite-session.js'
import { createRequest, createResponse } from '../../../src/message/build.js'

const invite = createRequest({
  method: 'INVITE',
  uri: 'sip:bob@example.net',
  from: '"Alice" <sip:alice@example.net>;tag=a',
  to: '<sip:bob@example.net>',
  callId: 'c',
  cseq: 7,
  contact: '<sip:alice@10.0.0.1>',
})
const routed = invite.clone()
routed.headers.add('Record-Route', '<sip:p2;lr>, <sip:p1;lr;x=y>')

describe('Dialog', () => {
  it('of the caller: Record-Route of the response reversed, own CSeq counted on (RFC 3261 §12.1.2)', () => {
    const response = createResponse(invite, 180, undefined, {
      toTag: 'b',
      contact: '<sip:bob@10.0.0.2>',
      headers: [['Record-Route', '<sip:p2;lr>, <sip:p1;lr;x=y>']],
    })
    const dialog = Dialog.ofCaller(invite, response)
    expect(dialog).toMatchObject({ state: 'early', localTag: 'a', remoteTag: 'b', localSequence: 7, secure: false })
    expect(dialog.remoteSequence).toBeUndefined()
    expect(dialog.routeSet).toEqual(['sip:p1;lr;x=y', 'sip:p2;lr'])
    const request = dialog.request('INFO')
    expect(request.uri).toBe('sip:bob@10.0.0.2')
    expect(request.cseq).toEqual({ number: 8, method: 'INFO' })
    expect(request.headers.values('Route')).toEqual(['<sip:p1;lr;x=y>', '<sip:p2;lr>'])
    expect(request.from).toMatchObject({ display: 'Alice', uri: 'sip:alice@example.net', tag: 'a' })
    expect(request.to.tag).toBe('b')
    expect(dialog.ack(7).cseq).toEqual({ number: 7, method: 'ACK' })
    expect(dialog.request('BYE').cseq.number).toBe(9)
  })

  it('confirmed: the route set is computed again, the CSeq is not (RFC 3261 §13.2.2.4)', () => {
    const dialog = Dialog.ofCaller(invite, createResponse(invite, 180, undefined, { toTag: 'b' }))
    expect(dialog.routeSet).toEqual([])
    dialog.request('PRACK')
    const ok = createResponse(invite, 200, undefined, {
      toTag: 'b',
      contact: '<sip:bob@10.0.0.3>',
      headers: [['Record-Route', '<sip:p;lr>']],
    })
    dialog.confirm(ok)
    expect(dialog).toMatchObject({ state: 'confirmed', remoteTarget: 'sip:bob@10.0.0.3', localSequence: 8 })
    expect(dialog.routeSet).toEqual(['sip:p;lr'])
  })

  it('of the callee: Record-Route in order, no CSeq of its own yet (RFC 3261 §12.1.1)', () => {
    const dialog = Dialog.ofCallee(routed, 'b')
    expect(dialog).toMatchObject({
      localTag: 'b',
      remoteTag: 'a',
      remoteSequence: 7,
      remoteTarget: 'sip:alice@10.0.0.1',
    })
    expect(dialog.localSequence).toBeUndefined()
    expect(dialog.routeSet).toEqual(['sip:p2;lr', 'sip:p1;lr;x=y'])
    expect(dialog.request('BYE', {}, 41).cseq.number).toBe(41)
    expect(dialog.request('BYE', {}, 1).cseq.number).toBe(42)
  })

  it('admits rising CSeq numbers, gaps included (RFC 3261 §12.2.2)', () => {
    const dialog = Dialog.ofCallee(routed, 'b')
    const at = (cseq: number, method = 'INFO') =>
      createRequest({ method, uri: 'sip:b', from: '<sip:a>;tag=a', to: '<sip:b>;tag=b', callId: 'c', cseq })
    expect(dialog.admit(at(12))).toEqual({ ok: true })
    expect(dialog.admit(at(11))).toMatchObject({ ok: false, status: 500 })
    expect(dialog.admit(at(12))).toMatchObject({ ok: false, status: 500 })
    expect(dialog.admit(at(7, 'ACK'))).toEqual({ ok: true })
    expect(dialog.remoteSequence).toBe(12)
  })

  it('strips from a strict router what may not stand in a Request-URI', () => {
    expect(asRequestUri('sip:p;method=INVITE;transport=tcp?Subject=x')).toBe('sip:p;transport=tcp')
    expect(asRequestUri('sip:p@h;x=y')).toBe('sip:p@h;x=y')
  })
})

describe('InviteSession (RFC 3261 §14)', () => {
  const random = new SeededRandom('session')
  it('491 while ours is under way, 500 while theirs waits for its answer', () => {
    const session = new InviteSession()
    session.sent(true)
    expect(session.mayInvite).toBe(false)
    expect(session.admit(random)).toEqual({ ok: false, status: 491 })
    session.finished(false)
    expect([session.mayInvite, session.offer]).toEqual([true, 'idle'])
    expect(session.admit(random)).toEqual({ ok: true })
    expect(session.admit(random)).toMatchObject({ ok: false, status: 500 })
    session.answered(true)
    expect(session.mayInvite).toBe(false)
    // RFC 5407 §3.1.4
    expect(session.admit(random)).toEqual({ ok: true })
    session.answered(true)
    session.acknowledged()
    expect(session.mayInvite).toBe(true)
  })

  it('back-off ranges of §14.1, in steps of 10 ms', () => {
    const owner = Array.from({ length: 2000 }, () => glareDelayMs(true, random))
    const other = Array.from({ length: 2000 }, () => glareDelayMs(false, random))
    expect([Math.min(...owner), Math.max(...owner)]).toEqual([2100, 4000])
    expect([Math.min(...other), Math.max(...other)]).toEqual([0, 2000])
    expect([...owner, ...other].every((delay) => delay % 10 === 0)).toBe(true)
  })
})

describe('ResponseRepeater', () => {
  const times = (repeater: ResponseRepeater) => {
    const at: number[] = []
    for (;;) {
      at.push(repeater.due)
      if (repeater.fire(repeater.due) === 'give-up') return at
    }
  }
  it('2xx: T1 doubling to T2, over after 64*T1 (RFC 3261 §13.3.1.4)', () => {
    expect(times(new ResponseRepeater({ T1: 500, T2: 4000, now: 0 }))).toEqual([
      500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500, 32000,
    ])
  })
  it('reliable provisional: doubling without cap (RFC 3262 §3)', () => {
    expect(times(new ResponseRepeater({ T1: 500, now: 0 }))).toEqual([500, 1500, 3500, 7500, 15500, 31500, 32000])
  })
})
