/** The services behind Kamailio, which judge ringproof as ringproof judges them: what they are made of. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest'
import { wavOfTone } from '../../peers/phones/tone.js'

const load = (file: string) => import(new URL(`../../../peers/services/${file}`, import.meta.url).href)

const { decode, encode } = await load('g711.mjs')
const { KeyReader } = await load('key-reader.mjs')
const { Mailboxes } = await load('mailboxes.mjs')
const { WakeUps } = await load('wake-ups.mjs')
const sdp = await load('sdp.mjs')
const { openStream } = await load('rtp-stream.mjs')
const { services } = await load('services.mjs')
const { SipEndpoint } = await load('sip-endpoint.mjs')
const { spoken } = await load('speech.mjs')
const { allOf, header, parameter, parse, write } = await load('sip-message.mjs')

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('')

describe('G.711', () => {
  it.each(['PCMA', 'PCMU'])('%s gives each code back, and silence as silence', (codec) => {
    const codes = Buffer.from(Array.from({ length: 256 }, (_, code) => code))
    const linear = decode(codec, codes)
    expect(decode(codec, encode(codec, linear))).toEqual(linear)
    expect(Math.max(...linear)).toBeGreaterThan(32_000)
    expect(Math.abs(decode(codec, encode(codec, [0]))[0])).toBeLessThanOrEqual(8)
  })

  // ITU-T G.711, tables 1 and 2: the codes of the largest values.
  it('has the largest values where the recommendation has them', () => {
    expect([decode('PCMU', [0x80])[0], decode('PCMU', [0x00])[0]]).toEqual([32_124, -32_124])
    expect([decode('PCMA', [0xaa])[0], decode('PCMA', [0x2a])[0]]).toEqual([32_256, -32_256])
  })
})

describe('keys out of telephone-events', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())
  const END = 0x80

  /** Packets `[event, second octet, duration, timestamp]`. */
  const keysOf = (...packets: readonly (readonly [number, number, number, number])[]) => {
    const heard: string[] = []
    const reader = new KeyReader((key: string) => heard.push(key))
    for (const [event, second, duration, timestamp] of packets)
      reader.take(Buffer.from([event, second, duration >> 8, duration & 0xff]), timestamp)
    vi.advanceTimersByTime(1_000)
    return heard.join('')
  }

  it('counts a key once, however often its end comes', () => {
    expect(keysOf([5, 10, 160, 1000], [5, 10, 320, 1000], [5, END, 480, 1000], [5, END, 480, 1000])).toBe('5')
  })
  it('counts the same key twice where it was pressed twice', () => {
    expect(keysOf([5, END, 480, 1000], [5, END, 480, 2000], [11, END, 480, 3000])).toBe('55#')
  })
  it('counts a key whose end was lost, by the next one or after a while', () => {
    expect(keysOf([1, 10, 160, 1000], [2, 10, 160, 2000])).toBe('12')
  })
  it('takes the segments of a long key for one', () => {
    expect(keysOf([6, 10, 0xffff, 1000], [6, 10, 160, 1000 + 0xffff], [6, END, 320, 1000 + 0xffff])).toBe('6')
  })
  it('passes over what comes late, and what is no key', () => {
    expect(keysOf([7, END, 480, 2000], [6, END, 480, 1000], [16, END, 480, 3000])).toBe('7')
  })
})

describe('SIP messages', () => {
  it('are read with compact names, folded lines, and several values in a line', () => {
    const message = parse(
      lines(
        'INVITE sip:echo@192.0.2.1 SIP/2.0',
        'v: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK2',
        'Record-Route: <sip:192.0.2.4;lr,x>,',
        ' "a, b" <sip:192.0.2.5;lr>',
        'f: "x;tag=no" <sip:a@b;tag=no>;tag=yes',
        '',
      ) + 'body',
    )
    expect(allOf(message, 'via').map((via: string) => parameter(via, 'branch'))).toEqual(['z9hG4bK1', 'z9hG4bK2'])
    expect(allOf(message, 'record-route')).toEqual(['<sip:192.0.2.4;lr,x>', '"a, b" <sip:192.0.2.5;lr>'])
    expect([parameter(header(message, 'from'), 'tag'), message.method, message.body]).toEqual(['yes', 'INVITE', 'body'])
  })
  it('are written with a length in octets', () => {
    const text = write({ status: 200, reason: 'OK', headers: [['cseq', '1 INVITE']], body: 'ä' })
    expect(text).toBe(`${lines('SIP/2.0 200 OK', 'CSeq: 1 INVITE', 'Content-Length: 2', '')}ä`)
  })
})

describe('session descriptions', () => {
  const offered = lines('v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0')
  const ours = { address: '192.0.2.1', port: 4000, id: 7, version: 1 }

  it('take the first codec that is known, and telephone-event by its number', () => {
    const offer = sdp.read(
      offered +
        lines('m=video 5000 RTP/AVP 96', 'm=audio 6000 RTP/AVP 9 8 0 96', 'a=rtpmap:96 telephone-event/8000') +
        lines('a=sendonly'),
    )
    expect(offer).toMatchObject({ address: '192.0.2.9', port: 6000, codec: 'PCMA', tones: 96, direction: 'sendonly' })
    const answer: string = sdp.answer(offer, ours)
    expect(answer.match(/^m=.*$/gm)).toEqual(['m=video 0 RTP/AVP 96', 'm=audio 4000 RTP/AVP 8 96'])
    expect(answer).toContain('a=recvonly\r\n')
  })
  it.each(['m=audio 6000 RTP/SAVP 8', 'm=audio 0 RTP/AVP 8', 'm=audio 6000 RTP/AVP 9'])('refuse %s', (line) => {
    expect(sdp.read(offered + lines(line))).toBeUndefined()
  })
})

type Order = (account: string, time: { hour: number; minute: number }) => void
interface Orders {
  order: Order
  cancel: Order
}

describe('wake-up calls', () => {
  /** Orders at 06:29:30 of the process's own clock, looks at it every minute, and says who was called when. */
  const called = (act: (wakeUps: Orders) => void, minutes: number) => {
    let now = new Date(2026, 5, 14, 6, 29, 30).getTime()
    const began = now
    const calls: string[] = []
    const wakeUps = new WakeUps(
      (account: string) => calls.push(`${account} ${Math.round((now - began) / 60_000)}`),
      () => now,
    )
    act(wakeUps)
    for (let minute = 0; minute < minutes; minute++, now += 60_000) wakeUps.look()
    return calls
  }

  it('come twice, five minutes apart, for each order', () => {
    const time = { hour: 6, minute: 31 }
    expect(called((wakeUps) => wakeUps.order('a', time), 30)).toEqual(['a 2', 'a 7'])
  })
  it('come tomorrow where the time is past', () => {
    expect(called((wakeUps) => wakeUps.order('a', { hour: 6, minute: 29 }), 25 * 60)).toEqual(['a 1440', 'a 1445'])
  })
  it('do not come where they were cancelled, and others do', () => {
    const calls = called((wakeUps) => {
      for (const minute of [31, 33]) wakeUps.order('a', { hour: 6, minute })
      wakeUps.order('b', { hour: 6, minute: 31 })
      wakeUps.cancel('a', { hour: 6, minute: 31 })
    }, 30)
    expect(calls).toEqual(['b 2', 'a 4', 'b 7', 'a 9'])
  })
})

describe('mailboxes', () => {
  it('are told apart by account, and tell of each change', () => {
    const changed: string[] = []
    const mailboxes = new Mailboxes((account: string) => changed.push(account))
    const [first, second] = ['first', 'second']
    mailboxes.of('a').add(first)
    mailboxes.of('a').add(second)
    expect([mailboxes.of('a').after(undefined), mailboxes.of('a').after(first)]).toEqual([first, second])
    mailboxes.of('a').delete(first)
    expect([mailboxes.of('a').messages, mailboxes.of('b').messages, changed]).toEqual([[second], [], ['a', 'a', 'a']])
  })
})

describe('what goes wrong in one call ends no other', () => {
  const LOOPBACK = '127.0.0.1'
  let told: string[] = []
  beforeEach(() => {
    told = []
    vi.spyOn(console, 'error').mockImplementation((line: string) => told.push(line.split('\n')[0] ?? ''))
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
  })

  const bound = async (test: TestContext): Promise<Socket> => {
    const socket = createSocket('udp4').bind(0, LOOPBACK)
    test.onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    return socket
  }
  /** At a port that was free a moment ago. */
  const endpoint = async (test: TestContext, onRequest: () => unknown = () => undefined) => {
    const socket = createSocket('udp4').bind(0, LOOPBACK)
    await once(socket, 'listening')
    const { port } = socket.address()
    await new Promise<void>((resolve) => socket.close(() => resolve()))
    const made = new SipEndpoint({ address: LOOPBACK, port, onRequest })
    await made.listen()
    test.onTestFinished(() => made.close())
    return made
  }
  const headers = (method: string) => [
    'From: <sip:a@example.com>;tag=1',
    'To: <sip:b@example.com>',
    'Call-ID: x',
    `CSeq: 1 ${method}`,
    'Content-Length: 0',
  ]

  const failsLater = () => Promise.reject(new Error('there is no port'))
  const failsAtOnce = () => {
    throw new Error('there is no port')
  }
  it.for([
    ['at once', failsAtOnce],
    ['after a while', failsLater],
  ] as const)('a request whose service fails %s is answered with 500', async ([, fails], test) => {
    const [server, client] = [await endpoint(test, fails), await bound(test)]
    const via = `Via: SIP/2.0/UDP ${LOOPBACK}:${client.address().port};branch=z9hG4bK1`
    client.send(lines('OPTIONS sip:b@example.com SIP/2.0', via, ...headers('OPTIONS'), ''), server.port, LOOPBACK)
    const [answer] = await once(client, 'message')
    expect(String(answer)).toMatch(/^SIP\/2\.0 500 /)
    expect(told).toEqual(['OPTIONS: Error: there is no port'])
  })

  it('a response whose taking fails is passed over', async (test) => {
    const [client, server] = [await endpoint(test), await bound(test)]
    const request = { method: 'OPTIONS', uri: 'sip:b@example.com', headers: [['cseq', '1 OPTIONS']] }
    client.request(request, server.address(), failsAtOnce)
    const [data, from] = await once(server, 'message')
    const via = header(parse(String(data)), 'via')
    server.send(lines('SIP/2.0 200 OK', `Via: ${via}`, ...headers('OPTIONS'), ''), from.port, from.address)
    await expect.poll(() => told).toEqual(['a message: Error: there is no port'])
  })

  it('a call whose key brings about a failure is hung up', async () => {
    const call = {
      account: 'a',
      stream: { stopPlaying: failsAtOnce, play: () => undefined, onKey: vi.fn<(key: string) => void>() },
    }
    const hangUp = vi.fn()
    const mailboxes = new Mailboxes(() => {})
    void services(mailboxes, undefined)
      .mailbox({ ...call, hangUp })
      .catch(() => {})
    call.stream.onKey('1')
    await expect.poll(() => hangUp.mock.calls.length).toBe(1)
    expect(told).toContain('a call: Error: there is no port')
  })

  it('a wake-up call that cannot be made is told, and the order stays for its second one', async () => {
    let now = new Date(2026, 5, 14, 6, 29, 30).getTime()
    const wakeUps = new WakeUps(failsLater, () => now)
    wakeUps.order('a', { hour: 6, minute: 30 })
    now += 60_000
    wakeUps.look()
    await expect.poll(() => told).toEqual(['a wake-up call: Error: there is no port'])
    expect(wakeUps.ordersOf('a')).toEqual([{ hour: 6, minute: 30 }])
  })

  it('what could not be spoken once is spoken when it is wanted again', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-flite-'))
    const path = process.env['PATH'] ?? ''
    process.env['PATH'] = `${folder}${delimiter}${path}`
    test.onTestFinished(() => {
      process.env['PATH'] = path
      rmSync(folder, { recursive: true })
    })
    writeFileSync(join(folder, 'speech.wav'), wavOfTone(440, 1))
    writeFileSync(join(folder, 'flite'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    await expect(spoken('A sentence of this test.')).rejects.toThrow('Command failed')
    writeFileSync(join(folder, 'flite'), `#!/bin/sh\ncp ${join(folder, 'speech.wav')} "$6"\n`, { mode: 0o755 })
    expect(await spoken('A sentence of this test.')).toHaveLength(8_000)
  })

  it('audio that cannot be sent is lost', async (test) => {
    const stream = await openStream(LOOPBACK, { first: 20_000, last: 29_998 })
    test.onTestFinished(() => stream.close())
    // No name has labels of more than 63 letters.
    stream.use({ address: `${'a'.repeat(64)}.invalid`, port: 9, codec: 'PCMA', payloadType: 8, direction: 'sendrecv' })
    await stream.play(new Int16Array(480))
    await expect.poll(() => told.length).toBe(3)
    expect(told[0]).toMatch(/^audio: Error: getaddrinfo /)
  })

  it('an INVITE that is given up and never answered is over after 64·T1: RFC 3261 §9.1', async (test) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const [client, server] = [await endpoint(test), await bound(test)]
    const responses: unknown[] = []
    const heard: string[] = []
    const request = { method: 'INVITE', uri: 'sip:b@example.com', headers: [['cseq', '1 INVITE']] }
    const sent = client.request(request, server.address(), (one: { status: number } | undefined) =>
      responses.push(one?.status),
    )
    const [data, from] = await once(server, 'message')
    server.on('message', (one) => heard.push(String(one).split(' ')[0] ?? ''))
    // Not before a provisional response.
    sent.cancel()
    const via = header(parse(String(data)), 'via')
    server.send(lines('SIP/2.0 180 Ringing', `Via: ${via}`, ...headers('INVITE'), ''), from.port, from.address)
    await once(server, 'message')
    expect([heard, responses]).toEqual([['CANCEL'], [180]])
    vi.advanceTimersByTime(31_900)
    expect(responses).toEqual([180])
    vi.advanceTimersByTime(200)
    expect(responses).toEqual([180, undefined])
  })
})
