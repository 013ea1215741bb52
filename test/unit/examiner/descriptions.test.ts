import { describe, expect, it } from 'vitest'
import { Bench, crypto, key, type SdpOptions, sdp } from './bench.js'

const INVITE = 'INVITE sip:0211550002@test SIP/2.0'
const OURS: SdpOptions = { address: '192.0.2.1', port: 30000 }
const SAVP = { protocol: 'RTP/SAVP' }
const answered = (answer: SdpOptions, offer: SdpOptions = {}, bench = new Bench()): string[] =>
  bench.call(sdp({ ...OURS, ...offer }), sdp(answer)).alarms
const via = (name: string): string => `SIP/2.0/UDP 203.0.113.71;branch=z9hG4bK${name}`
const reinvite = { To: '<sip:0211550001@test>;tag=ours', CSeq: '2 INVITE', Via: via('2') }

describe('addresses in session descriptions', () => {
  it('are those of published relays', () => {
    expect(answered({})).toEqual([])
    expect(answered({ address: '203.0.113.200' })).toEqual(['fail EXAM-PUBLISHED-RELAYS'])
    expect(answered({ port: 9000 })).toEqual(['fail EXAM-PUBLISHED-RELAYS'])
    expect(answered({ port: 0, address: '203.0.113.200' })).toEqual([])
    expect(answered({ address: '0.0.0.0' })).toEqual([])
  })
  it("may be our other device's, where the target leads no media", () => {
    const bobs = sdp({ address: '192.0.2.2', port: 31000 })
    const bench = new Bench().out(INVITE, {}, sdp(OURS)).on({ device: 'bob' })
    bench.out('SIP/2.0 200 OK', { Via: via('9') }, bobs).on({})
    expect(bench.in('SIP/2.0 200 OK', {}, bobs).alarms).toEqual([])
  })
  it('are of the family that they say, and that was offered', () => {
    expect(answered({ type: 'IP4', address: '2001:db8::156' })).toContain('fail EXAM-SDP')
    const six = { type: 'IP6', address: '2001:db8::1' } as const
    expect(new Bench({ published: undefined }).call(sdp({ ...OURS, ...six }), sdp({})).alarms).toEqual([
      'warn EXAM-SDP',
    ])
    expect(
      new Bench({ published: undefined }).call(sdp({ ...OURS, ...six }), sdp({ ...six, port: 4000 })).alarms,
    ).toEqual([])
  })
})

describe('session descriptions among other parts of a body', () => {
  const parts = (...descriptions: readonly string[]): string =>
    [
      ...descriptions.map((one) => `--b\r\nContent-Type: application/sdp\r\n\r\n${one}`),
      '--b\r\nContent-Type: text/plain\r\n\r\n7 cents',
      '--b--\r\n',
    ].join('\r\n')
  const multipart = (answer: string): string[] =>
    new Bench()
      .out(INVITE, {}, sdp(OURS))
      .in('SIP/2.0 200 OK', { 'Content-Type': 'multipart/mixed;boundary=b' }, parts(answer)).alarms
  it('are looked at as those that stand alone', () => {
    expect(multipart(sdp({}))).toEqual([])
    expect(multipart(sdp({ address: '203.0.113.200' }))).toEqual(['fail EXAM-PUBLISHED-RELAYS'])
    expect(multipart(sdp({ formats: '8 96' }))).toEqual(['fail EXAM-SDP'])
  })
})

describe('the grammar of session descriptions', () => {
  it('is all that spaces too many break: what stands between them is read', () => {
    const spaced = (text: string): string => text.replace(/^([co]=.*)IN IP4 /gm, '$1IN  IP4  ')
    const told = (text: string): string[] => new Bench().call(sdp(OURS), text).alarms
    expect(new Set(told(spaced(sdp({}))).map((alarm) => alarm.split(' ')[1]))).toEqual(new Set(['EXAM-SDP']))
    expect(told(spaced(sdp({ address: '203.0.113.200' })))).toContain('fail EXAM-PUBLISHED-RELAYS')
    const versions = (now: number): string[] =>
      new Bench()
        .call(sdp(OURS), sdp({}).replace('o=- 7', 'o=-  7'))
        .in('INVITE sip:a@b SIP/2.0', reinvite, sdp({ version: now, port: 20002 }).replace('o=- 7', 'o=-  7'))
        .notes.map(({ title }) => title)
    expect(versions(1)).toContain('A session description changes and keeps its version')
    expect(versions(2)).not.toContain('A session description changes and keeps its version')
  })
  it('is kept', () => {
    expect(answered({ formats: '8 96' })).toEqual(['fail EXAM-SDP'])
    expect(answered({ lines: ['a=sendrecv', 'a=sendonly'] })).toEqual(['warn EXAM-SDP'])
    expect(answered({ lines: ['a=crypto:1 F8_UNHEARD_OF inline:%'] })).toContain('info EXAM-SDP')
  })
  it('is not judged in lines that our own device wrote', () => {
    const bobs = { address: '192.0.2.2', port: 31000, lines: ['a=sendrecv', 'a=sendonly'] }
    const bench = new Bench()
      .out(INVITE, {}, sdp(OURS))
      .on({ device: 'bob' })
      .out('SIP/2.0 200 OK', { Via: via('9') }, sdp(bobs))
    expect(bench.on({}).in('SIP/2.0 200 OK', {}, sdp({ ...bobs, address: '203.0.113.156' })).alarms).toEqual([])
  })
})

describe('versions of session descriptions', () => {
  const again = (later: SdpOptions): string[] => {
    const bench = new Bench().call(sdp(OURS), sdp({}))
    return bench.in('INVITE sip:a@b SIP/2.0', reinvite, sdp(later)).alarms
  }
  it('rise with what changes', () => {
    expect(again({})).toEqual([])
    expect(again({ version: 2, port: 20002 })).toEqual([])
    expect(again({ version: 3, port: 20002 })).toEqual([])
    expect(again({ port: 20002 })).toEqual(['fail EXAM-SDP'])
    expect(again({ lines: ['a=ptime:20'] })).toEqual(['info EXAM-SDP'])
    expect(again({ port: 20002, session: '8' })).toEqual([])
  })
  it('may stay in an answer that names one of the keys offered before, and not in another one', () => {
    const savp = (lines: readonly string[], o: SdpOptions = {}) => sdp({ protocol: 'RTP/SAVP', lines, ...o })
    const ours = savp([crypto(9)], OURS)
    const offered = [crypto(1), crypto(2, 2)]
    const after = (later: string): string[] =>
      new Bench()
        .in('INVITE sip:0211550001@test SIP/2.0', {}, savp(offered))
        .out('SIP/2.0 200 OK', { Via: via('theirs1') }, ours)
        .out('INVITE sip:x@203.0.113.71 SIP/2.0', { To: '<sip:0211550002@test>;tag=theirs' }, ours)
        .in('SIP/2.0 200 OK', {}, later)
        .notes.filter(({ title }) => title.includes('keeps its version'))
        .map(({ severity }) => severity)
    expect(after(savp([crypto(2, 2)]))).toEqual(['info'])
    expect(after(savp([crypto(3)]))).toEqual(['fail'])
    expect(after(savp([]))).toEqual(['fail'])
    expect(after(savp([crypto(1)], { port: 20002 }))).toEqual(['fail'])
    expect(again({ lines: [crypto(1)] })).toContain('fail EXAM-SDP')
  })
  it('of an offer that comes round again through another relay port stay', () => {
    const bench = new Bench().out('REGISTER sip:test SIP/2.0', { 'Call-ID': 'r' })
    for (const [i, port] of [20002, 20004].entries())
      bench.in('INVITE sip:0211550001@192.0.2.1 SIP/2.0', { Via: via(`spiral${i}`) }, sdp({ port }))

    expect(bench.alarms).toEqual([])
  })
  it('are each fork’s own, and early media is not held against the answer', () => {
    const bench = new Bench().out(INVITE, {}, sdp(OURS))
    bench.in('SIP/2.0 183 P', { To: '<sip:0211550002@test>;tag=a' }, sdp({ port: 20002 }))
    bench.in('SIP/2.0 183 P', { To: '<sip:0211550002@test>;tag=b' }, sdp({ port: 20004 }))
    expect(bench.in('SIP/2.0 200 OK', { To: '<sip:0211550002@test>;tag=b' }, sdp({ port: 20006 })).alarms).toEqual([])
  })
})

describe('keys', () => {
  const secure = (n: number, o: SdpOptions = {}): SdpOptions => ({ ...SAVP, ...o, lines: [crypto(n)] })
  const tls = (): Bench => new Bench().on({ transport: 'tls' })

  it('of the target belong on TLS', () => {
    expect(answered(secure(2), secure(1), tls())).toEqual([])
    expect(answered(secure(2), secure(1))).toEqual(['warn EXAM-KEYS-IN-CLEAR'])
  })
  it('that our own devices put into clear text are not its fault, those that they kept from it are', () => {
    const through = (transport: 'udp' | 'tls'): string[] => {
      const bench = new Bench().out(INVITE, {}, sdp({ ...OURS, ...secure(1) })).on({ device: 'bob', transport })
      bench.out('SIP/2.0 200 OK', { Via: via('9') }, sdp(secure(2, { address: '192.0.2.2', port: 31000 })))
      return bench.on({}).in('SIP/2.0 200 OK', {}, sdp(secure(2))).alarms
    }
    expect(through('udp')).toEqual([])
    expect(through('tls')).toEqual(['warn EXAM-KEYS-IN-CLEAR'])
  })
  it('of the answer are not those of the offer', () => {
    expect(answered(secure(1), secure(1), tls())).toEqual(['fail EXAM-KEY-REUSE'])
  })
  it('that pass through from one device to the other are no reuse', () => {
    const bench = tls()
      .out(INVITE, {}, sdp({ ...OURS, ...secure(1) }))
      .on({ device: 'bob', transport: 'tls' })
    const down = {
      From: '<sip:0211550001@test>;tag=ours',
      Via: `${via('p')}, SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1`,
    }
    bench
      .in(INVITE, down, sdp(secure(1, { port: 20002 })))
      .out('SIP/2.0 200 OK', down, sdp(secure(2, { address: '192.0.2.2' })))
    expect(bench.on({ transport: 'tls' }).in('SIP/2.0 200 OK', {}, sdp(secure(2))).alarms).toEqual([])
  })
  it('stay the same in a new offer of the same call', () => {
    const bench = tls().call(sdp({ ...OURS, ...secure(1) }), sdp(secure(2)))
    expect(bench.in('INVITE sip:a@b SIP/2.0', reinvite, sdp(secure(2))).alarms).toEqual([])
  })
  it('are not the same in two calls', () => {
    const bench = tls().call(sdp({ ...OURS, ...secure(1) }), sdp(secure(2)))
    const other = { 'Call-ID': 'call-2', Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2;rport' }
    bench.out(INVITE, other, sdp({ ...OURS, ...secure(3) })).in('SIP/2.0 200 OK', other, sdp(secure(2)))
    expect(bench.alarms).toEqual(['fail EXAM-KEY-REUSE'])
  })
  it('are not the same towards caller and callee', () => {
    const bench = tls()
      .out(INVITE, {}, sdp({ ...OURS, ...secure(1) }))
      .on({ device: 'bob', transport: 'tls' })
    const down = {
      From: '<sip:0211550001@test>;tag=ours',
      Via: `${via('p')}, SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1`,
    }
    bench.in(INVITE, down, sdp(secure(9, { port: 20002 }))).on({ transport: 'tls' })
    expect(bench.in('SIP/2.0 200 OK', {}, sdp(secure(9))).alarms).toEqual(['fail EXAM-KEY-REUSE'])
  })
  it('are the same at two devices that one offer rings', () => {
    const wake = (device: string, id: string): unknown =>
      bench
        .on({ device, transport: 'tls' })
        .in('INVITE sip:0211550001@192.0.2.1 SIP/2.0', { 'Call-ID': id, Via: via(id) }, sdp(secure(9)))
    const bench = tls().out('REGISTER sip:test SIP/2.0')
    wake('alice', 'leg-1')
    wake('bob', 'leg-2')
    expect(bench.alarms).toEqual([])
  })
  it('are a dozen different ones in one offer, not the same twice', () => {
    const lines = Array.from({ length: 12 }, (_, i) => crypto(20 + i, i + 1))
    expect(answered({ ...SAVP, lines }, secure(1), tls())).toEqual([])
    expect(answered({ ...SAVP, lines: [crypto(2, 1), crypto(2, 2)] }, secure(1), tls())).toEqual([
      'fail EXAM-KEY-REUSE',
    ])
  })
  it('never stand in a note', () => {
    const bench = new Bench()
    answered(secure(1), secure(1), bench)
    answered({ ...SAVP, lines: [`a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(5)}|x`] }, {}, bench)
    expect(JSON.stringify(bench.notes)).not.toContain(key(1))
    expect(JSON.stringify(bench.notes)).not.toContain(key(5))
  })
})
