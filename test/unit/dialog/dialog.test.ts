import { describe, expect, it } from 'vitest'
import { asRequestUri, Dialog, dialogId } from '../../../src/dialog/dialog.js'
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

  it.each([
    [101, 'early'],
    [199, 'early'],
    [200, 'confirmed'],
    [299, 'confirmed'],
  ] as const)('of the caller by a %i is %s (§12.1, §13.2.2.4)', (status, state) => {
    expect(Dialog.ofCaller(invite, createResponse(invite, status, undefined, { toTag: 'b' })).state).toBe(state)
  })

  it.each([
    ['sips:bob@example.net', true, true],
    ['SIPS:bob@example.net', true, true],
    ['sips:bob@example.net', false, false],
    ['sip:bob@example.net', true, false],
    // A user named sips.
    ['sip:sips:secret@example.net', true, false],
  ])('to %s, over TLS: %s, is secure: %s (§12.1.1, §12.1.2)', (uri, overTls, secure) => {
    const request = createRequest({ method: 'INVITE', uri, from: '<sip:a>;tag=a', to: '<sip:b>', callId: 'c', cseq: 1 })
    const response = createResponse(request, 200, undefined, { toTag: 'b' })
    expect(Dialog.ofCaller(request, response, { overTls }).secure).toBe(secure)
    expect(Dialog.ofCallee(request, 'b', { overTls }).secure).toBe(secure)
  })

  it('of the callee is early unless told, and ends', () => {
    const dialog = Dialog.ofCallee(invite, 'b')
    expect(dialog.state).toBe('early')
    dialog.terminate()
    expect(dialog.state).toBe('terminated')
    expect(Dialog.ofCallee(invite, 'b', { state: 'confirmed' }).state).toBe('confirmed')
  })

  it('knows whose the Call-ID is (§14.1)', () => {
    expect(Dialog.ofCaller(invite, createResponse(invite, 200)).ownsCallId).toBe(true)
    expect(Dialog.ofCallee(invite, 'b').ownsCallId).toBe(false)
  })

  it('is told by Call-ID, local and remote tag, in that order; no tag is a value, too (§12, §12.1.1)', () => {
    const caller = Dialog.ofCaller(invite, createResponse(invite, 200, undefined, { toTag: 'b' }))
    expect(caller.id).toBe(dialogId('c', 'a', 'b'))
    expect(Dialog.ofCallee(invite, 'b').id).toBe(dialogId('c', 'b', 'a'))
    const ids = [
      ['c', 'a', 'b'],
      ['c', 'b', 'a'],
      ['d', 'a', 'b'],
      ['c', 'a', undefined],
      ['c', undefined, 'a'],
      ['c', undefined, undefined],
      ['ca', 'b', undefined],
    ] as const
    expect(new Set(ids.map(([callId, local, remote]) => dialogId(callId, local, remote))).size).toBe(ids.length)
    expect(dialogId('c', undefined, 'b')).toBe(dialogId('c', '', 'b'))
    expect(dialogId('c', 'a', undefined)).toBe(dialogId('c', 'a', ''))
  })

  it('without tags leaves them away in requests (§12.2.1.1)', () => {
    const old = createRequest({ method: 'INVITE', uri: 'sip:b', from: '<sip:a>', to: '<sip:b>', callId: 'c', cseq: 1 })
    const request = Dialog.ofCaller(old, createResponse(old, 200)).request('BYE')
    expect([request.headers.get('From'), request.headers.get('To')]).toEqual(['<sip:a>', '<sip:b>'])
  })

  it('names the parties as they named themselves, without tags', () => {
    const dialog = Dialog.ofCallee(routed, 'b')
    expect(dialog.remote).toEqual({ display: 'Alice', uri: 'sip:alice@example.net' })
    expect(dialog.local).toEqual({ display: undefined, uri: 'sip:bob@example.net' })
  })

  it.each([
    ['no Contact', []],
    // Only REGISTER may have that (§10.2.2).
    ['Contact: *', [['Contact', '*']]],
  ] as const)('with %s keeps to the target that it had', (_, headers) => {
    const response = createResponse(invite, 200, undefined, { toTag: 'b', headers })
    const dialog = Dialog.ofCaller(invite, response)
    expect(dialog.remoteTarget).toBe('sip:bob@example.net')
    dialog.remoteTarget = 'sip:bob@10.0.0.7'
    dialog.refreshTarget(response)
    expect(dialog.remoteTarget).toBe('sip:bob@10.0.0.7')
  })

  it.each([
    ['no route set', [], 'sip:target', []],
    ['a loose router', ['sip:p1;lr', 'sip:p2'], 'sip:target', ['<sip:p1;lr>', '<sip:p2>']],
    // The example of §12.2.1.1.
    [
      'a strict router',
      ['sip:proxy1', 'sip:proxy2', 'sip:proxy3;lr', 'sip:proxy4'],
      'sip:proxy1',
      ['<sip:proxy2>', '<sip:proxy3;lr>', '<sip:proxy4>', '<sip:target>'],
    ],
    ['one strict router', ['sip:p?Subject=x'], 'sip:p', ['<sip:target>']],
  ] as const)('with %s composes Request-URI and Route (§12.2.1.1) and finds the next hop', (_, routes, uri, route) => {
    const dialog = Dialog.ofCaller(invite, createResponse(invite, 200, undefined, { toTag: 'b' }))
    dialog.remoteTarget = 'sip:target'
    dialog.routeSet = routes
    const request = dialog.request('INFO')
    expect(request.uri).toBe(uri)
    expect(request.headers.values('Route')).toEqual(route)
    expect(request.headers.list().filter(({ name }) => name !== 'Route')).toHaveLength(6)
    expect(dialog.request('INFO', { headers: [['X-More', '1']] }).headers.get('X-More')).toBe('1')
    expect(dialog.nextHop).toBe(routes[0] ?? 'sip:target')
  })

  it('with a CSeq number from outside does not count on (CANCEL, and what is to be wrong)', () => {
    const dialog = Dialog.ofCaller(invite, createResponse(invite, 200, undefined, { toTag: 'b' }))
    expect(dialog.request('INFO', { cseq: 3 }).cseq.number).toBe(3)
    expect(dialog.request('INFO').cseq.number).toBe(8)
  })

  it('of the caller takes any first CSeq number of the peer (§12.2.2), and CANCEL as it takes ACK', () => {
    const dialog = Dialog.ofCaller(invite, createResponse(invite, 200, undefined, { toTag: 'b' }))
    const at = (cseq: number, method: string) =>
      createRequest({ method, uri: 'sip:a', from: '<sip:b>;tag=b', to: '<sip:a>;tag=a', callId: 'c', cseq })
    expect(dialog.admit(at(0, 'INFO'))).toEqual({ ok: true })
    expect(dialog.admit(at(0, 'CANCEL'))).toEqual({ ok: true })
    expect(dialog.admit(at(0, 'INFO'))).toEqual({ ok: false, status: 500 })
  })

  it('strips from a strict router what may not stand in a Request-URI', () => {
    expect(asRequestUri('sip:p;method=INVITE;transport=tcp?Subject=x')).toBe('sip:p;transport=tcp')
    expect(asRequestUri('sip:p;method=INVITE')).toBe('sip:p')
    expect(asRequestUri('sip:p;x=y?Subject=x&body=')).toBe('sip:p;x=y')
    // What may stand there stays as it was written.
    expect(asRequestUri('SIP:p@h;X=y')).toBe('SIP:p@h;X=y')
  })
})
