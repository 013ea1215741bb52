/** The services behind Kamailio, which judge ringproof as ringproof judges them: what they are made of. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

const load = (file: string) => import(new URL(`../../../peers/services/${file}`, import.meta.url).href)

const { decode, encode } = await load('g711.mjs')
const { KeyReader } = await load('key-reader.mjs')
const { Mailboxes } = await load('mailboxes.mjs')
const { WakeUps } = await load('wake-ups.mjs')
const sdp = await load('sdp.mjs')
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
