import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Bench, type Fields, published, SERVER } from './bench.js'

const INVITE = 'INVITE sip:0211550002@test SIP/2.0'
const TO_ALICE = 'INVITE sip:0211550001@192.0.2.1 SIP/2.0'
const branch = (name: string, below?: string): string =>
  `SIP/2.0/UDP 203.0.113.71;branch=z9hG4bK${name}${below === undefined ? '' : `, SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${below}`}`
/** What a telephone sends first, so that the target is known. */
const registered = (bench = new Bench()): Bench =>
  bench.out('REGISTER sip:test SIP/2.0', { 'Call-ID': 'r', Contact: '<sip:0211550001@192.0.2.1>' })

describe('responses carry back what the request said', () => {
  const cases: [string, Fields, string[]][] = [
    [
      'all of it, with received and rport',
      { Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1;rport=5060;received=192.0.2.1' },
      [],
    ],
    [
      'an IPv6 address that is spelt otherwise',
      { Via: 'SIP/2.0/UDP [2001:DB8:0:0::10]:5060;branch=z9hG4bKours6', 'Call-ID': 'six', CSeq: '6 INVITE' },
      [],
    ],
    ['a From that is spelt otherwise and says the same', { From: '"x" <sip:0211550001@TEST>;tag=ours' }, []],
    ['another CSeq number', { CSeq: '2 INVITE' }, ['fail EXAM-CSEQ']],
    ['another method in CSeq', { CSeq: '1 BYE' }, ['fail EXAM-CSEQ']],
    ['another Call-ID', { 'Call-ID': 'call-2' }, ['fail EXAM-COPY']],
    ['another From tag', { From: '<sip:0211550001@test>;tag=other' }, ['fail EXAM-TAGS']],
    ['another From URI', { From: '<sip:x@test>;tag=ours' }, ['fail EXAM-COPY']],
    ['another To URI', { To: '<sip:x@test>;tag=theirs' }, ['fail EXAM-COPY']],
    [
      'a Via too many',
      { Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1, SIP/2.0/UDP a.test;branch=z9hG4bKx' },
      ['fail EXAM-COPY'],
    ],
    ['another port in Via', { Via: 'SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKours1' }, ['fail EXAM-COPY']],
    ['no To tag', { To: '<sip:0211550002@test>' }, ['fail EXAM-TAGS']],
    ['an answer to nothing of ours', { Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKunknown', CSeq: '9 BYE' }, []],
  ]
  it.each(cases)('%s', (_, fields, alarms) => {
    const six = { Via: 'SIP/2.0/UDP [2001:db8::10]:5060;branch=z9hG4bKours6', 'Call-ID': 'six', CSeq: '6 INVITE' }
    const bench = new Bench().out(INVITE).out(INVITE, six)
    expect(bench.in('SIP/2.0 486 Busy Here', fields).alarms).toEqual(alarms)
  })

  it('100 needs no To tag', () => {
    expect(new Bench().out(INVITE).in('SIP/2.0 100 Trying', { To: '<sip:0211550002@test>' }).alarms).toEqual([])
  })
  it('a branch that a story uses twice fits either request', () => {
    const bench = new Bench().out(INVITE).out(INVITE, { 'Call-ID': 'call-2', CSeq: '5 INVITE' })
    bench.in('SIP/2.0 486 Busy', { To: '<sip:0211550002@test>;tag=a' })
    bench.in('SIP/2.0 486 Busy', { 'Call-ID': 'call-2', CSeq: '5 INVITE', To: '<sip:0211550002@test>;tag=b' })
    expect(bench.alarms).toEqual([])
  })
  it('INVITE and CANCEL share a branch', () => {
    const bench = new Bench().out(INVITE).out('CANCEL sip:0211550002@test SIP/2.0')
    bench.in('SIP/2.0 200 OK', { CSeq: '1 CANCEL', To: '<sip:0211550002@test>;tag=a' })
    expect(bench.in('SIP/2.0 487 Request Terminated').alarms).toEqual([])
  })
  it('a repeated refusal with another To tag', () => {
    const bench = new Bench()
      .out(INVITE)
      .in('SIP/2.0 486 Busy Here')
      .in('SIP/2.0 486 Busy Here', { To: '<sip:0211550002@test>;tag=new' })
    expect(bench.alarms).toEqual(['fail EXAM-TAGS'])
  })
  it('forks answer under tags of their own, and the refusal of the last has another', () => {
    const bench = new Bench().out(INVITE)
    for (const [status, tag] of [
      [180, 'a'],
      [183, 'b'],
      [200, 'a'],
      [200, 'b'],
    ] as const)
      bench.in(`SIP/2.0 ${status} X`, { To: `<sip:0211550002@test>;tag=${tag}`, Contact: '<sip:x@y>' })

    expect(bench.alarms).toEqual([])
    expect(
      new Bench().out(INVITE).in('SIP/2.0 180 R').in('SIP/2.0 503 X', { To: '<sip:0211550002@test>;tag=proxy' }).alarms,
    ).toEqual([])
  })
  it('a malformed request of ours excuses what was copied from it', () => {
    const odd = { From: '<sip:0211550001@test', To: '<sip:0211550002@test>' }
    expect(new Bench().out(INVITE, odd).in('SIP/2.0 400 Bad Request', { ...odd }).alarms).toEqual([])
  })
  it('from another port than the request was sent to', () => {
    const elsewhere = { address: SERVER.address, port: 5061 }
    const bench = new Bench().out(INVITE).on({ remote: elsewhere })
    expect(bench.in('SIP/2.0 486 Busy Here').alarms).toEqual(['fail EXAM-RESPONSE-SOURCE'])
    const old = new Bench()
      .out(INVITE, { Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1' })
      .on({ remote: elsewhere })
    expect(old.in('SIP/2.0 486 Busy', { Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours1' }).alarms).toEqual([])
  })
})

describe('provisional responses', () => {
  const OPTIONS = 'OPTIONS sip:test SIP/2.0'
  const fields = { CSeq: '1 OPTIONS' }
  it('101 to 199 to a request other than INVITE', () => {
    expect(new Bench().out(OPTIONS).in('SIP/2.0 180 Ringing', fields).alarms).toEqual(['fail EXAM-PROVISIONAL'])
  })
  it('100 early over UDP, in time, over TCP', () => {
    expect(new Bench().out(OPTIONS).after(200).in('SIP/2.0 100 Trying', fields).alarms).toEqual([
      'fail EXAM-PROVISIONAL',
    ])
    expect(new Bench().out(OPTIONS).after(3500).in('SIP/2.0 100 Trying', fields).alarms).toEqual([])
    const tcp = new Bench().on({ transport: 'tcp' }).out(OPTIONS)
    expect(tcp.in('SIP/2.0 100 Trying', fields).alarms).toEqual([])
  })
  it("the callee's 100 reaches the caller", () => {
    const bench = registered().out(INVITE).on({ device: 'bob' })
    const down = { From: '<sip:0211550001@test>;tag=ours', To: '<sip:0211550002@test>', Via: branch('p', 'ours1') }
    bench
      .in(INVITE, down)
      .out('SIP/2.0 100 Trying', { ...down, To: '<sip:0211550002@test>;tag=bobs' })
      .on({})
    expect(bench.alarms).toEqual([])
    bench.in('SIP/2.0 100 Trying', { To: '<sip:0211550002@test>;tag=bobs' })
    expect(bench.alarms).toEqual(['fail EXAM-100-FORWARDED'])
  })
})

describe('requests from the target', () => {
  it('a proper call is no matter', () => {
    const bench = registered()
      .in(TO_ALICE)
      .out('SIP/2.0 200 OK')
      .in('ACK sip:a@b SIP/2.0', { Via: branch('2'), To: '<sip:0211550001@test>;tag=ours' })
    bench.in('BYE sip:a@b SIP/2.0', { Via: branch('3'), To: '<sip:0211550001@test>;tag=ours', CSeq: '2 BYE' })
    expect(bench.alarms).toEqual([])
  })
  const cases: [string, Fields, string[]][] = [
    ['without Max-Forwards', { 'Max-Forwards': null }, ['fail EXAM-MAX-FORWARDS']],
    ['without Contact', { Contact: null }, ['fail EXAM-CONTACT']],
    ['without the cookie', { Via: 'SIP/2.0/UDP 203.0.113.71;branch=1' }, ['fail EXAM-BRANCH']],
    ['without a branch', { Via: 'SIP/2.0/UDP 203.0.113.71' }, ['fail EXAM-BRANCH']],
    ['without a From tag', { From: '<sip:0211550002@test>' }, ['fail EXAM-TAGS']],
    ['Record-Route without lr', { 'Record-Route': '<sip:203.0.113.71>' }, ['fail EXAM-RECORD-ROUTE']],
    ['Record-Route with lr', { 'Record-Route': '<sip:203.0.113.71;lr>, <sip:203.0.113.71;transport=tcp;lr=on>' }, []],
    ['a parameter lr outside of the URI', { 'Record-Route': '<sip:203.0.113.71>;lr' }, ['fail EXAM-RECORD-ROUTE']],
    ['a header field that cannot be read', { Route: 'sip:x' }, ['fail EXAM-GRAMMAR']],
    ['a Date in another form', { Date: 'today' }, ['info EXAM-GRAMMAR']],
    ['a method in CSeq that is not its own', { CSeq: '1 BYE' }, ['fail EXAM-CSEQ']],
  ]
  it.each(cases)('%s', (_, fields, alarms) => {
    expect(registered().in(TO_ALICE, fields).alarms).toEqual(alarms)
  })

  it('keep-alives without Max-Forwards harm nobody', () => {
    expect(registered().in('OPTIONS sip:0211550001@192.0.2.1 SIP/2.0', { 'Max-Forwards': null }).alarms).toEqual([
      'warn EXAM-MAX-FORWARDS',
    ])
  })
  it('scanners from the Internet are not the target', () => {
    const bench = registered().on({ remote: { address: '198.51.100.99', port: 5060 } })
    bench.in('OPTIONS sip:100@192.0.2.1 SIP/2.0', { Via: 'SIP/2.0/UDP x', 'Call-ID': 'scan', 'Max-Forwards': null })
    expect(bench.notes).toEqual([])
  })
  it('a story that plays the stranger is not the target either', () => {
    const bench = new Bench({ isOwn: ({ port }) => port === 9999 }).out(INVITE)
    expect(
      bench.on({ remote: { address: SERVER.address, port: 9999 } }).in('BYE sip:a@b SIP/2.0', { 'Max-Forwards': null })
        .alarms,
    ).toEqual([])
  })
  it('from an address or port that is not published', () => {
    for (const remote of [
      { address: SERVER.address, port: 32768 },
      { address: '203.0.113.72', port: 5060 },
    ])
      expect(registered().on({ remote }).in(TO_ALICE).alarms).toEqual(['fail EXAM-PUBLISHED-SIGNALLING'])

    const tcp = registered().on({ remote: { address: SERVER.address, port: 40000 }, transport: 'tcp' })
    expect(tcp.in(TO_ALICE, { Via: 'SIP/2.0/TCP 203.0.113.71;branch=z9hG4bKt' }).alarms).toEqual([])
  })

  it('one branch for two transactions', () => {
    const bye = { To: '<sip:0211550001@test>;tag=ours', CSeq: '2 BYE' }
    expect(registered().in(TO_ALICE).out('SIP/2.0 200 OK').in('BYE sip:a@b SIP/2.0', bye).alarms).toEqual([
      'fail EXAM-BRANCH',
    ])
    expect(registered().in(TO_ALICE).in(TO_ALICE, { 'Call-ID': 'call-2' }).alarms).toEqual(['fail EXAM-BRANCH'])
    expect(registered().in(TO_ALICE).on({ device: 'bob' }).in(TO_ALICE).alarms).toEqual(['fail EXAM-BRANCH'])
  })
  it('CANCEL and the ACK of a refusal share the branch of their INVITE', () => {
    const bench = registered()
      .in(TO_ALICE)
      .in('CANCEL sip:a@b SIP/2.0')
      .out('SIP/2.0 487 X')
      .in('ACK sip:a@b SIP/2.0', { To: '<sip:0211550001@test>;tag=ours' })
    expect(bench.alarms).toEqual([])
    expect(registered().in(TO_ALICE).in('CANCEL sip:a@b SIP/2.0', { CSeq: '2 CANCEL' }).alarms).toEqual([
      'fail EXAM-CSEQ',
    ])
    expect(registered().in(TO_ALICE).in('ACK sip:a@b SIP/2.0', { CSeq: '2 ACK' }).alarms).toEqual(['fail EXAM-CSEQ'])
  })
  it('ACKs with one branch for all calls are only worth a remark', () => {
    const bench = registered()
      .in(TO_ALICE)
      .in(TO_ALICE, { 'Call-ID': 'call-2', Via: branch('2') })
    for (const id of ['call-1', 'call-2']) bench.in('ACK sip:a@b SIP/2.0', { 'Call-ID': id, Via: branch('cydzigwkX') })
    expect(bench.alarms).toEqual(['info EXAM-BRANCH'])
  })

  const inDialog = { To: '<sip:0211550001@test>;tag=ours' }
  it('numbers within a call rise', () => {
    const call = (): Bench =>
      registered().in(TO_ALICE, { CSeq: '10 INVITE' }).out('SIP/2.0 200 OK', { CSeq: '10 INVITE' })
    const info = { ...inDialog, Via: branch('2'), CSeq: '12 INFO' }
    expect(
      call()
        .in('INFO sip:a@b SIP/2.0', info)
        .in('BYE sip:a@b SIP/2.0', { ...inDialog, Via: branch('3'), CSeq: '13 BYE' }).alarms,
    ).toEqual([])
    expect(
      call()
        .in('INFO sip:a@b SIP/2.0', info)
        .in('BYE sip:a@b SIP/2.0', { ...inDialog, Via: branch('3'), CSeq: '11 BYE' }).alarms,
    ).toEqual(['fail EXAM-CSEQ'])
    expect(call().in('BYE sip:a@b SIP/2.0', { ...inDialog, Via: branch('3'), CSeq: '10 BYE' }).alarms).toEqual([
      'fail EXAM-CSEQ',
    ])
    // An INFO whose first copy was lost comes after the next one.
    expect(
      call()
        .in('INFO sip:a@b SIP/2.0', info)
        .in('UPDATE sip:a@b SIP/2.0', { ...inDialog, Via: branch('4'), CSeq: '11 UPDATE' }).alarms,
    ).toEqual([])
    // Another server is tried with a new branch (RFC 3263 §4.3).
    expect(
      call()
        .in('INFO sip:a@b SIP/2.0', info)
        .in('INFO sip:a@b SIP/2.0', { ...info, Via: branch('4') }).alarms,
    ).toEqual([])
  })
  it('a tag that nobody gave', () => {
    const call = registered().in(TO_ALICE).out('SIP/2.0 200 OK')
    const bye = { To: '<sip:0211550001@test>;tag=what', Via: branch('3'), CSeq: '2 BYE' }
    expect(call.in('BYE sip:a@b SIP/2.0', bye).alarms).toEqual(['fail EXAM-TAGS'])
  })
  it('what our other device sent is its matter: order, tags, hops', () => {
    const bench = registered().out(INVITE).on({ device: 'bob' })
    const down = { From: '<sip:0211550001@test>;tag=ours', To: '<sip:0211550002@test>' }
    bench
      .in(INVITE, { ...down, Via: branch('p', 'ours1') })
      .out('SIP/2.0 200 OK', { ...down, To: '<sip:0211550002@test>;tag=bobs', Via: branch('p', 'ours1') })
    bench.on({}).out('BYE sip:b SIP/2.0', {
      To: '<sip:0211550002@test>;tag=odd',
      CSeq: '1 BYE',
      Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours2;rport',
    })
    bench.on({ device: 'bob' }).in('BYE sip:b SIP/2.0', {
      ...down,
      To: '<sip:0211550002@test>;tag=odd',
      CSeq: '1 BYE',
      Via: branch('q', 'ours2'),
    })
    expect(bench.alarms).toEqual([])
  })
  it('hops are counted down on the way from our other device', () => {
    const through = (hops: string): string[] =>
      registered()
        .out(INVITE)
        .on({ device: 'bob' })
        .in(INVITE, { From: '<sip:0211550001@test>;tag=ours', Via: branch('p', 'ours1'), 'Max-Forwards': hops }).alarms
    expect(through('69')).toEqual([])
    expect(through('70')).toEqual(['fail EXAM-MAX-FORWARDS'])
  })
  it('a malformed field of our other device is not the target’s', () => {
    const odd = { From: '<sip:0211550001@test>;tag=ours', Subject: 'x', Date: 'today' }
    expect(
      registered()
        .out(INVITE, odd)
        .on({ device: 'bob' })
        .in(INVITE, { ...odd, Via: branch('p', 'ours1') }).alarms,
    ).toEqual([])
  })
})

describe('the answer that sets up a call', () => {
  it('has Contact', () => {
    expect(new Bench().out(INVITE).in('SIP/2.0 200 OK', { Contact: null }).alarms).toEqual(['fail EXAM-CONTACT'])
    const again = { To: '<sip:0211550002@test>;tag=theirs' }
    expect(new Bench().out(INVITE, again).in('SIP/2.0 200 OK', { Contact: null }).alarms).toEqual(['warn EXAM-CONTACT'])
    expect(new Bench().out(INVITE).in('SIP/2.0 183 Progress').alarms).toEqual([])
  })
  it('of our own callee may lack it', () => {
    const bench = registered()
      .out(INVITE)
      .on({ device: 'bob' })
      .in(INVITE, { From: '<sip:0211550001@test>;tag=ours', Via: branch('p', 'ours1') })
    bench
      .out('SIP/2.0 200 OK', { Contact: null, Via: branch('p', 'ours1') })
      .on({})
      .in('SIP/2.0 200 OK', { Contact: null })
    expect(bench.alarms).toEqual([])
  })
})

describe('Content-Length', () => {
  it('is there on streams, and fits on UDP', () => {
    const tcp = new Bench()
      .on({ transport: 'tcp' })
      .out('OPTIONS sip:test SIP/2.0', { Via: 'SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKours1' })
    const ok = { CSeq: '1 OPTIONS', Via: 'SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKours1' }
    expect(tcp.in('SIP/2.0 200 OK', { ...ok, 'Content-Length': null }).alarms).toEqual(['fail EXAM-CONTENT-LENGTH'])
    const udp = new Bench().out('OPTIONS sip:test SIP/2.0')
    expect(udp.in('SIP/2.0 200 OK', { CSeq: '1 OPTIONS', 'Content-Length': null }).alarms).toEqual([])
    expect(new Bench().out(INVITE).in('SIP/2.0 486 Busy', { 'Content-Length': '7' }).alarms).toEqual([
      'fail EXAM-CONTENT-LENGTH',
    ])
  })
})

describe('log-in', () => {
  const challenge = (rest: string): Fields => ({
    'WWW-Authenticate': `Digest realm="test", nonce="n"${rest}`,
    CSeq: '1 REGISTER',
  })
  const asks = (fields: Fields): string[] =>
    new Bench().out('REGISTER sip:test SIP/2.0').in('SIP/2.0 401 Unauthorized', fields).alarms
  it('is asked for with qop, and never with Basic', () => {
    expect(asks(challenge(', qop="auth"'))).toEqual([])
    expect(asks(challenge(''))).toEqual(['fail EXAM-CHALLENGE'])
    expect(asks({ 'WWW-Authenticate': 'Basic realm="test"', CSeq: '1 REGISTER' })).toEqual(['fail EXAM-CHALLENGE'])
  })

  const accounts = [
    { user: 'alice', password: 'hunter2hunter2' },
    { user: '00012345', password: '00012345' },
  ]
  it('a password or its hash never comes back', () => {
    const bench = (): Bench => new Bench({ accounts }).out('REGISTER sip:test SIP/2.0')
    const found = bench().in('SIP/2.0 403 Forbidden', { CSeq: '1 REGISTER', Warning: '399 x "not hunter2hunter2"' })
    expect(found.alarms).toEqual(['fail EXAM-SECRET'])
    expect(JSON.stringify(found.notes)).not.toContain('hunter2')
    const hash = '4db6f4b0d2e4a0a8bb8a7e38b22f2bd5'
    expect(bench().in('SIP/2.0 403 X', { CSeq: '1 REGISTER', Warning: `399 x "${hash}"` }).alarms).toEqual([])
    expect(bench().in('SIP/2.0 403 X', { CSeq: '1 REGISTER', Warning: '399 x "who is 00012345"' }).alarms).toEqual([])
  })
  it('a password of digits may stand within a longer number by chance', () => {
    const bench = (): Bench =>
      new Bench({ accounts: [{ user: 'alice', password: '472911' }] }).out('REGISTER sip:test SIP/2.0')
    const says = (text: string) =>
      bench().in('SIP/2.0 403 X', { CSeq: '1 REGISTER', Warning: `399 x "${text}"` }).alarms
    expect(says('case 8847291103')).toEqual([])
    expect(says('a472911')).toEqual([])
    expect(says('8847291103, not 472911')).toEqual(['fail EXAM-SECRET'])
    expect(says('password=472911')).toEqual(['fail EXAM-SECRET'])
  })
  it('the hash of realm and password is known once the realm is', () => {
    const ha1 = createHash('md5').update('alice:test:hunter2hunter2').digest('hex')
    const bench = new Bench({ accounts })
      .out('REGISTER sip:test SIP/2.0')
      .in('SIP/2.0 401 Unauthorized', challenge(', qop="auth"'))
    expect(bench.in('SIP/2.0 500 X', { CSeq: '1 REGISTER', Warning: `399 x "${ha1}"` }).alarms).toEqual([
      'fail EXAM-SECRET',
    ])
  })
  it("the caller's log-in does not reach the callee", () => {
    const login =
      'Digest username="a", realm="test", nonce="n", uri="sip:test", response="0123456789abcdef0123456789abcdef"'
    const forwarded = { From: '<sip:0211550001@test>;tag=ours', Via: branch('p', 'ours1') }
    const bench = registered().out(INVITE, { 'Proxy-Authorization': login }).on({ device: 'bob' })
    expect(bench.in(INVITE, { ...forwarded, 'Proxy-Authorization': login }).alarms).toEqual(['warn EXAM-SECRET'])
    const other = registered().out(INVITE, { 'Proxy-Authorization': login }).on({ device: 'bob' }).in(INVITE, forwarded)
    expect(other.alarms).toEqual([])
  })
})

it('numbers in clear are told once', () => {
  const bench = new Bench().out(INVITE).in('SIP/2.0 180 Ringing').in('SIP/2.0 486 Busy Here')
  expect(bench.notes.map(({ id, severity, count }) => ({ id, severity, count }))).toEqual([
    { id: 'EXAM-NUMBERS-IN-CLEAR', severity: 'info', count: 1 },
  ])
  expect(new Bench().on({ transport: 'tls' }).out(INVITE).in('SIP/2.0 180 Ringing').notes).toEqual([])
})

it('what is no SIP at all counts, if the target sent it', () => {
  const said = (remote = SERVER): string[] => {
    const bench = registered()
    const violations = [
      { code: 'request-line-malformed', rule: 'RFC 3261 §7.1', offset: 0, expected: 'x', actual: 'y' },
    ]
    bench.examiner.garbage({ remote, bytes: Buffer.from('HELLO sip:x SIP/2.0 x\r\n'), violations })
    return bench.alarms
  }
  expect(said()).toEqual(['fail EXAM-GRAMMAR'])
  expect(said({ address: '198.51.100.1', port: 5060 })).toEqual([])
})

it('counts and does not grow: the same thing a thousand times is one note', () => {
  const bench = new Bench({ published })
  for (let i = 0; i < 1000; i++)
    bench.out(INVITE, { 'Call-ID': `c${i}`, Via: `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${i};rport` })
  for (let i = 0; i < 1000; i++) {
    bench.in('SIP/2.0 486 Busy', {
      'Call-ID': `c${i}`,
      CSeq: '7 INVITE',
      Via: `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${i};rport`,
    })
  }
  expect(bench.notes.filter(({ id }) => id === 'EXAM-CSEQ')).toMatchObject([{ count: 1000 }])
})
