import { describe, expect, test } from 'vitest'
import { callIdFilter } from '../../../src/judge/filters.js'
import { type Judged, judgeCapture } from '../../../src/judge/judge.js'
import { keySamples } from '../../../src/media/dtmf-tones.js'
import { encodeG711 } from '../../../src/media/g711.js'
import { judgePage } from '../../../src/report/judge-page.js'
import { judgeSummary } from '../../../src/report/judge-summary.js'
import { judgeResultSchema, type JudgeResult } from '../../../src/result/judge-result.js'
import { ack, audio, bye, byeOk, captureOf, type Hop, invite, ok, sip } from './capture-of.js'

const PHONE = '203.0.113.7:5060'
const SERVER = '198.51.100.1:5060'
const hop: Hop = { caller: PHONE, callee: SERVER }
const OURS = { address: '203.0.113.7', port: 4000 }
const THEIRS = { address: '198.51.100.9', port: 20_000 }
/** When a 2xx without an ACK is sent again (RFC 3261 §13.3.1.4). */
const AGAIN = [0, 500, 1_500, 3_500, 7_500, 11_500]

/** What is no note. */
const problems = ({ findings }: Judged) => findings.filter(({ severity }) => severity !== 'info')

const options = { server: { host: '198.51.100.1' } }

describe('the ACK of a call', () => {
  test('that goes to a private address is told with it, and who named it', () => {
    const contact = '192.168.1.20:5060'
    const capture = captureOf([
      sip(0, PHONE, SERVER, invite(hop, OURS)),
      AGAIN.map((at) => sip(1_000 + at, SERVER, PHONE, ok(hop, contact, THEIRS))),
      AGAIN.map((at) => sip(1_010 + at, PHONE, contact, ack(hop, contact))),
    ])
    const { verdict, exitCode, sentence, findings } = judgeCapture(capture, options)
    expect([verdict, exitCode]).toEqual(['fail', 1])
    expect(sentence).toContain(
      'The ACK of this call never arrived: it was sent to a private address, 192.168.1.20:5060',
    )
    expect(findings[0]).toMatchObject({
      id: 'ack-lost',
      cause: 'ack-lost',
      seen: [{ of: 'call-1', side: { who: 'provider' } }],
    })
    expect(findings[0]?.seen[0]?.filter).toBe('sip.Call-ID == "one@example"')
  })

  test('that is lost once is nobody’s fault', () => {
    const capture = captureOf([
      sip(0, PHONE, SERVER, invite(hop, OURS)),
      sip(1_000, SERVER, PHONE, ok(hop, SERVER, THEIRS)),
      sip(1_010, PHONE, SERVER, ack(hop, SERVER)),
      sip(1_500, SERVER, PHONE, ok(hop, SERVER, THEIRS)),
      sip(1_510, PHONE, SERVER, ack(hop, SERVER)),
    ])
    const judged = judgeCapture(capture, options)
    expect([judged.verdict, judged.exitCode, problems(judged)]).toEqual(['pass', 0, []])
  })
})

const answered = [
  sip(0, PHONE, SERVER, invite(hop, OURS)),
  sip(1_000, SERVER, PHONE, ok(hop, SERVER, THEIRS)),
  sip(1_010, PHONE, SERVER, ack(hop, SERVER)),
  sip(11_000, PHONE, SERVER, bye(hop, SERVER)),
  sip(11_020, SERVER, PHONE, byeOk(hop)),
]
const ourAudio = audio(1_020, '203.0.113.7:4000', '198.51.100.9:20000', { packets: 450 })
const theirAudio = audio(1_030, '198.51.100.9:20000', '203.0.113.7:4000', { packets: 450, ssrc: 2 })

describe('audio', () => {
  test('both ways is fine', () => {
    expect(judgeCapture(captureOf([answered, ourAudio, theirAudio].flat()), options)).toMatchObject({
      verdict: 'pass',
      limits: [],
      streams: [{ of: 'call-1' }, { of: 'call-1' }],
    })
  })

  test('one way is told, and that this side cannot tell whose doing it is', () => {
    const { verdict, findings } = judgeCapture(captureOf([answered, ourAudio].flat()), options)
    expect(verdict).toBe('fail')
    expect(findings[0]).toMatchObject({ id: 'one-way-audio', cause: 'no-audio', seen: [{ side: { who: 'unknown' } }] })
    expect(findings[0]?.seen[0]?.text).toMatch(
      /^The caller hears nothing: in \d+ s, about 4\d\d packets were sent to 198.51.100.9:20000/,
    )
  })

  test('to the private address of the description, though it comes from a public one, is the sender’s doing', () => {
    const behindNat = { address: '10.0.0.5', port: 4000 }
    const messages = [
      sip(0, PHONE, SERVER, invite(hop, behindNat)),
      sip(1_000, SERVER, PHONE, ok(hop, SERVER, THEIRS)),
      ...answered.slice(2),
    ]
    const ours = audio(1_020, '203.0.113.7:61000', '198.51.100.9:20000', { packets: 450 })
    const astray = audio(1_030, '198.51.100.9:20000', '10.0.0.5:4000', { packets: 450, ssrc: 2 })
    const { findings } = judgeCapture(captureOf([messages, ours, astray].flat()), options)
    expect(findings[0]).toMatchObject({ id: 'one-way-audio', cause: 'nat-source-ignored' })
    // To where it comes from, all is well, whatever the description says.
    const right = audio(1_030, '198.51.100.9:20000', '203.0.113.7:61000', { packets: 450, ssrc: 2 })
    expect(problems(judgeCapture(captureOf([messages, ours, right].flat()), options))).toEqual([])
  })

  test('that is missing altogether is said to be missing in the capture', () => {
    const { verdict, limits } = judgeCapture(captureOf(answered), options)
    expect(verdict).toBe('pass')
    expect(limits).toEqual([expect.stringContaining('No audio was seen')])
  })

  test.each([
    [100, []],
    [40, ['warn']],
    [10, ['fail']],
  ])('of which each %ith packet is lost', (nth, severities) => {
    const lossy = audio(1_030, '198.51.100.9:20000', '203.0.113.7:4000', {
      packets: 450,
      ssrc: 2,
      skip: (one) => one % nth === nth - 1,
    })
    const judged = judgeCapture(captureOf([answered, ourAudio, lossy].flat()), options)
    expect(problems(judged).map(({ severity }) => severity)).toEqual(severities)
  })

  test('alone is judged, and that there is no signalling is told', () => {
    const { limits, streams } = judgeCapture(captureOf(ourAudio))
    expect(limits).toEqual([expect.stringContaining('No signalling was seen')])
    expect(streams).toHaveLength(1)
  })
})

describe('keys of the keypad', () => {
  /** The packets of one key (RFC 4733 §2.5.1). */
  const key = (at: number, event: number, sequence: number) =>
    [0, 20, 40].map((later, nth) => {
      const data = Buffer.from([0x80, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, event, nth === 2 ? 0x8a : 0x0a, 0, 160 * nth])
      data.writeUInt16BE(sequence + nth, 2)
      data.writeUInt32BE(at, 4)
      return { at: at + later, from: '203.0.113.7:4000', to: '198.51.100.9:20000', data }
    })
  const info = (at: number, digit: string, cseq: number) => {
    const text = bye(hop, SERVER).replaceAll('BYE', 'INFO').replace('CSeq: 2', `CSeq: ${cseq}`)
    const type = `Content-Type: application/dtmf-relay\n\nSignal=${digit}\nDuration=160`
    return sip(at, PHONE, SERVER, `${text.replace('z9hG4bKb', `z9hG4bKinfo${cseq}`)}\n${type}`)
  }
  const withEvents = (text: string) => text.replace('RTP/AVP 8', 'RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000')
  const call = [
    sip(0, PHONE, SERVER, withEvents(invite(hop, OURS))),
    sip(1_000, SERVER, PHONE, withEvents(ok(hop, SERVER, THEIRS))),
    ...answered.slice(2),
    ...ourAudio,
    ...theirAudio,
  ]
  const infos = [info(3_100, '5', 20), info(5_100, '7', 21)]
  const keys = [key(3_000, 5, 500), key(5_000, 7, 520)].flat()
  /** Audio with tones of keys in it, the first at 3 s, each further one 2 s later. */
  const toned = (o: { digits?: string; toneMs?: number; ours?: boolean; skip?: (nth: number) => boolean } = {}) => {
    const { digits = '57', toneMs = 100, ours = true, skip } = o
    const samples = encodeG711(keySamples(digits, { toneMs, gapMs: 2_000 - toneMs }), 'PCMA')
    return (ours ? ourAudio : theirAudio).flatMap((packet, nth) => {
      if (skip?.(nth) === true) return []
      const data = Buffer.from(packet.data)
      if (nth >= 100) samples.subarray(160 * (nth - 100), 160 * (nth - 99)).copy(data, 12)
      return [{ ...packet, data }]
    })
  }
  const withoutOurs = call.filter((one) => !ourAudio.includes(one))
  const judged = (...all: (typeof call)[]) => {
    const { findings, calls, streams } = judgeCapture(captureOf([withoutOurs, ...all].flat()), options)
    const cards = findings.filter(({ id }) => id === 'keypad')
    const told = cards.map(({ cause, severity, seen }) => [cause, severity, seen[0]?.text])
    return { told, facts: calls[0]?.pressed, tones: streams.map(({ tones }) => tones) }
  }

  test('that are sent in two ways are told, those of one way are not', () => {
    const { told, facts } = judged(ourAudio, keys, infos)
    expect(told).toEqual([
      ['keypad-doubled', 'warn', expect.stringContaining('sent 57 as telephone-event and as INFO')],
    ])
    expect(facts).toEqual(['57 from 203.0.113.7 as telephone-event', '57 from 203.0.113.7 as INFO'])
    expect(judged(ourAudio, infos)).toMatchObject({ told: [], facts: ['57 from 203.0.113.7 as INFO'] })
  })

  test('that are in the audio are told where telephone-event was agreed on and does not come', () => {
    const { told, facts, tones } = judged(toned())
    expect(told).toEqual([['keypad-lost', 'warn', expect.stringContaining('sent 57 as tones in the audio')]])
    expect(facts).toEqual(['57 from 203.0.113.7 as tones in the audio'])
    expect(tones).toContain('57')
    expect(judged(toned({ skip: (nth) => nth % 10 === 1 })).facts).toEqual(facts)
    // A gateway that lets the beginning of a key through, one tone alone, and tones that answer others.
    expect(judged(toned({ toneMs: 45 })).facts).toBeUndefined()
    expect(judged(toned({ digits: '5' })).told).toEqual([])
    const { told: told2 } = judged(toned(), toned({ ours: false }))
    expect(told2).toHaveLength(1)
    expect(told2[0]?.[2]).toContain('203.0.113.7')
  })

  test('that are in the audio and in another way besides are doubled', () => {
    const { told } = judged(toned(), keys)
    expect(told).toEqual([
      ['keypad-doubled', 'warn', expect.stringContaining('sent 57 as telephone-event and as tones in the audio')],
    ])
    expect(judged(toned(), infos).told.map(([cause]) => cause)).toEqual(['keypad-doubled'])
  })

  test('that are in the audio alone are fine where no telephone-event was agreed on', () => {
    const plain = captureOf([answered, toned(), theirAudio].flat())
    const { findings, calls } = judgeCapture(plain, options)
    expect(findings.filter(({ id }) => id === 'keypad')).toEqual([])
    expect(calls[0]?.pressed).toEqual(['57 from 203.0.113.7 as tones in the audio'])
  })
})

describe('what a capture does not show makes no fail', () => {
  test('an empty one, and one of something else', () => {
    expect(judgeCapture(captureOf([]))).toMatchObject({ verdict: 'inconclusive', exitCode: 4 })
    const noise = captureOf([{ at: 0, from: '10.0.0.1:53', to: '10.0.0.2:53', data: Buffer.from([1, 2, 3]) }])
    expect(judgeCapture(noise)).toMatchObject({ verdict: 'inconclusive', exitCode: 4 })
  })

  test.each([1, 2, 3, 4])('a call of which the first %i messages are missing, or the last', (missing) => {
    for (const part of [answered.slice(missing), answered.slice(0, -missing)]) {
      const { findings } = judgeCapture(captureOf([part, ourAudio, theirAudio].flat()), options)
      expect(findings.filter(({ severity }) => severity === 'fail')).toEqual([])
    }
  })

  test('one direction alone', () => {
    const ours = answered.filter(({ from }) => from === PHONE)
    const repeated = [500, 1_500, 3_500, 7_500].map((at) => sip(at, PHONE, SERVER, invite(hop, OURS)))
    const { findings } = judgeCapture(captureOf([...ours, ...repeated]), options)
    expect(findings.filter(({ severity }) => severity === 'fail')).toEqual([])
  })
})

describe('a request without an answer', () => {
  const register = (at: number) =>
    sip(
      at,
      PHONE,
      SERVER,
      `REGISTER sip:example.org SIP/2.0
       Via: SIP/2.0/UDP ${PHONE};branch=z9hG4bKr
       From: <sip:1001@example.org>;tag=r
       To: <sip:1001@example.org>
       Call-ID: r
       CSeq: 1 REGISTER
       Contact: <sip:1001@${PHONE}>`,
    )
  const again = [0, 500, 1_500, 3_500, 7_500].map((at) => register(20_000 + at))

  test('is told where others are answered', () => {
    const { findings } = judgeCapture(captureOf([...answered, ...again]), options)
    expect(findings[0]).toMatchObject({
      id: 'unanswered',
      cause: 'not-reachable',
      seen: [{ of: 'registration-1', side: { who: 'unknown' } }],
    })
  })

  test('of which some were lost is not', () => {
    expect(problems(judgeCapture(captureOf([...answered, ...again.slice(0, 3)]), options))).toEqual([])
  })
})

describe('what is written', () => {
  const secret = sip(
    0,
    PHONE,
    SERVER,
    invite(hop, OURS)
      .replace(
        'Max-Forwards',
        'Authorization: Digest username="1001", realm="x", nonce="n", uri="sip:x", response="0123456789abcdef0123456789abcdef"\nX-Note: <script>alert(1)</script>\nMax-Forwards',
      )
      .replace(
        'm=audio 4000 RTP/AVP 8',
        'm=audio 4000 RTP/SAVP 8\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz',
      ),
  )
  const judged = judgeCapture(captureOf([secret, ...answered.slice(1)]), options)
  const result: JudgeResult = { schemaVersion: 1, ringproof: '0', command: 'judge', file: '<b>x.pcap', ...judged }

  test('has the shape that is described', () => {
    expect(judgeResultSchema.parse(result)).toEqual(result)
  })

  test('has no secrets, and no markup of others', () => {
    for (const text of [JSON.stringify(result), judgePage(result), judgeSummary(result)]) {
      expect(text).not.toContain('0123456789abcdef')
      expect(text).not.toContain('WVNfX19zZW1')
    }
    expect(judgePage(result)).not.toContain('<script>')
    expect(judgePage(result)).not.toContain('<b>x')
    expect(judgeSummary(result)).not.toContain('<b>x')
  })

  test('names each of several calls by --call, or none', () => {
    const capture = captureOf(answered)
    expect(judgeCapture(capture, { call: '1002' }).calls).toHaveLength(1)
    expect(judgeCapture(capture, { call: 'one@example' }).calls).toHaveLength(1)
    expect(judgeCapture(capture, { call: '4711' }).calls).toHaveLength(0)
  })
})

describe('legs of a back-to-back user agent', () => {
  const OTHER = '203.0.113.9:5060'
  const second: Hop = { caller: SERVER, callee: OTHER, callId: 'two@example' }

  test('with Call-IDs of their own are put beside each other', () => {
    const capture = captureOf([
      sip(0, PHONE, SERVER, invite(hop, OURS)),
      sip(30, SERVER, OTHER, invite(second, THEIRS)),
    ])
    expect(judgeCapture(capture, options).calls.map(({ key, legOf }) => [key, legOf])).toEqual([
      ['call-1', undefined],
      ['call-2', 'call-1'],
    ])
  })

  test('are none where a call comes much later, or another way', () => {
    const later = captureOf([
      sip(0, PHONE, SERVER, invite(hop, OURS)),
      sip(9_000, SERVER, OTHER, invite(second, THEIRS)),
    ])
    const elsewhere = captureOf([
      sip(0, PHONE, SERVER, invite(hop, OURS)),
      sip(30, OTHER, SERVER, invite({ ...second, caller: OTHER, callee: SERVER }, THEIRS)),
    ])
    for (const capture of [later, elsewhere])
      expect(judgeCapture(capture, options).calls.every(({ legOf }) => legOf === undefined)).toBe(true)
  })
})

test('damaged captures are judged or said to be damaged, and never end it', () => {
  const whole = captureOf([answered, ourAudio.slice(0, 20), theirAudio.slice(0, 20)].flat())
  let seed = 1
  const chance = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  for (let nth = 0; nth < 200; nth++) {
    const events = whole.events.flatMap((event) => {
      if (event.kind !== 'datagram' || chance() < 0.05) return []
      const data = Buffer.from(event.data)
      for (let change = 0; change < 4; change++)
        if (chance() < 0.5) data[Math.floor(chance() * data.length)] = Math.floor(chance() * 256)
      return [{ ...event, data: chance() < 0.1 ? data.subarray(0, Math.floor(chance() * data.length)) : data }]
    })
    const judged = judgeCapture({ ...whole, events }, options)
    judgePage({ schemaVersion: 1, ringproof: '0', command: 'judge', file: 'x', ...judged })
  }
})

test('a filter has the bytes of what is no ASCII, and quotes what would end it', () => {
  expect(callIdFilter(['a"b\\é\u202e'])).toBe(String.raw`sip.Call-ID == "a\"b\\\xc3\xa9\xe2\x80\xae"`)
})
