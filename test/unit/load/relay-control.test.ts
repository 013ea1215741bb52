/** Relays' own counters: how they are asked, and what becomes of answers that are none. In virtual time, with an rtpengine of our own. */
import {
  array,
  assert,
  boolean,
  letrec,
  maxSafeInteger,
  nat,
  oneof,
  property,
  string,
  tuple,
  uint8Array,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { type Bencoded, BencodeError, decodeBencode, encodeBencode } from '../../../src/load/relay-control/bencode.js'
import { OwnTraffic } from '../../../src/load/relay-control/own-traffic.js'
import { RelayWatch } from '../../../src/load/relay-control/relay-watch.js'
import { askRtpengine, readingIn } from '../../../src/load/relay-control/rtpengine.js'
import type { RelayCounts } from '../../../src/result/load-relays.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import type { Endpoint } from '../../../src/transport/network.js'
import { call, leg, report } from './samples.js'

describe('bencoding', () => {
  const { value } = letrec<{ value: Bencoded }>((tie) => ({
    value: oneof(
      { maxDepth: 4 },
      maxSafeInteger(),
      string({ unit: 'grapheme' }),
      array(tie('value'), { maxLength: 4 }),
      array(tuple(string(), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
    ),
  }))

  test('comes back as it was written', () => {
    assert(
      property(value, (one) => {
        expect(decodeBencode(encodeBencode(one))).toEqual(one)
      }),
    )
  })

  test.each([
    ['i42e', 42],
    ['i-7e', -7],
    ['0:', ''],
    ['l4:spami0ee', ['spam', 0]],
    // BEP 3 wants keys in order; rtpengine has them otherwise.
    [
      'd4:spam4:eggs3:cow3:mooe',
      new Map([
        ['spam', 'eggs'],
        ['cow', 'moo'],
      ]),
    ],
    ['d9:__proto__i1ee', new Map([['__proto__', 1]])],
    ['i18446744073709551615e', 2 ** 64],
  ])('%s', (text, expected) => {
    expect(decodeBencode(Buffer.from(text))).toEqual(expected)
  })

  test('keys are written in the order of their octets (BEP 3)', () => {
    const text = encodeBencode(
      new Map([
        ['é', 1],
        ['b', 2],
        ['a', 3],
      ]),
    ).toString()
    expect(text).toBe('d1:ai3e1:bi2e2:éi1ee')
  })

  test('only whole numbers can be written', () => {
    for (const number of [0.5, NaN, Infinity, 2 ** 60]) expect(() => encodeBencode(number)).toThrow(RangeError)
    expect(encodeBencode(-0).toString()).toBe('i0e')
  })

  test('what is cut, padded, too deep or no bencoding is refused', () => {
    const texts = [
      '',
      'e',
      'i',
      'ie',
      'i1',
      'i01e',
      'i-0e',
      'i 1e',
      'i1.5e',
      'l',
      'li1e',
      'd',
      'd1:a',
      'd1:ae',
      'di1ei2ee',
      '5:ab',
      '-1:a',
      '01:a',
      '9999999999:a',
      '4294967295:a',
      'i1ei2e',
      'i1e ',
      'l'.repeat(100_000),
    ]
    for (const text of texts) expect(() => decodeBencode(Buffer.from(text)), text.slice(0, 20)).toThrow(BencodeError)
  })

  test('whatever octets come, and wherever an answer is cut or altered, it is read or refused', () => {
    const read = (bytes: Buffer) => {
      try {
        readingIn(decodeBencode(bytes), 0)
      } catch (error) {
        expect(error).toBeInstanceOf(BencodeError)
      }
    }
    assert(property(uint8Array({ maxLength: 200 }), (bytes) => read(Buffer.from(bytes))))
    const answer = statistics({ packets: 10 })
    assert(
      property(nat(answer.length - 1), nat(255), boolean(), (at, octet, isCut) => {
        const bytes = Buffer.from(isCut ? answer.subarray(0, at) : answer)
        if (!isCut) bytes[at] = octet
        read(bytes)
      }),
    )
  })
})

/** As rtpengine 10.5.3 answers, with what is not read left out: some numbers are texts. */
function statistics(
  o: Partial<Record<'packets' | 'errors' | 'kernel' | 'up' | 'ended' | 'uptime', number>> = {},
): Buffer {
  const { packets = 0, errors = 0, kernel = 0, up = 0, ended = 0, uptime = 100 } = o
  const whole = new Map<string, Bencoded>([
    [
      'currentstatistics',
      new Map([
        ['sessionsown', up],
        ['sessionsforeign', 3],
        ['sessionstotal', up + 3],
      ]),
    ],
    [
      'totalstatistics',
      new Map<string, Bencoded>([
        ['uptime', String(uptime)],
        ['managedsessions', ended],
        ['relayedpackets_user', packets - kernel],
        ['relayedpackets_kernel', kernel],
        ['relayedpackets', packets],
        ['relayedpacketerrors', errors],
        ['avgcallduration', '1.500000'],
      ]),
    ],
    ['interfaces', [new Map([['address', '192.0.2.9']])]],
  ])
  return encodeBencode(
    new Map<string, Bencoded>([
      ['statistics', whole],
      ['result', 'ok'],
    ]),
  )
}

const AT: Endpoint = { address: '192.0.2.9', port: 2223 }
/** What a relay answers, to the nth question; undefined: nothing. */
type Relay = (nth: number, cookie: string, now: number) => Buffer | string | undefined

/** A network with a relay in it. */
async function withRelay<T>(answer: Relay, story: (network: MemoryNetwork, asked: string[]) => Promise<T>): Promise<T> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1) })
  return clock.run(async () => {
    const asked: string[] = []
    const socket = await network.bindUdp(AT)
    socket.onMessage = (data, from) => {
      const [cookie = '', question = ''] = data.toString('latin1').split(' ')
      asked.push(question)
      const told = answer(asked.length, cookie, clock.now())
      if (told === undefined) return
      socket.send(typeof told === 'string' ? Buffer.from(told) : Buffer.concat([Buffer.from(`${cookie} `), told]), from)
    }
    return story(network, asked)
  })
}

const random = new SeededRandom(2)
const ask = (answer: Relay) =>
  withRelay(answer, async (network, asked) => {
    const from = network.clock.now()
    return { answer: await askRtpengine(AT, { network, random }), asked, tookMs: network.clock.now() - from }
  })

describe('asking an rtpengine', () => {
  test('its counters are read, those written as texts too; sessions of other servers are not its own', async () => {
    const { answer, asked } = await ask(() =>
      statistics({ packets: 9, kernel: 4, errors: 1, up: 2, ended: 7, uptime: 60 }),
    )
    expect(asked).toEqual(['d7:command10:statisticse'])
    expect(answer).toMatchObject({ packets: 9, inKernel: 4, errors: 1, sessions: 2, endedSessions: 7, uptimeS: 60 })
  })

  test('a lost question is sent again, and a mute relay is given up after two seconds', async () => {
    expect((await ask((nth) => (nth < 3 ? undefined : statistics()))).answer).toMatchObject({ packets: 0 })
    const mute = await ask(() => undefined)
    expect(mute).toMatchObject({ answer: { why: 'nothing answers at 192.0.2.9:2223' }, tookMs: 2000 })
    expect(mute.asked.length).toBe(3)
  })

  test.each<[string, Relay, RegExp]>([
    ['octets', () => 'hello', /it has another cookie/],
    ['nothing at all', () => '', /it has another cookie/],
    ['the answer to another question', () => `other ${statistics().toString('latin1')}`, /it has another cookie/],
    ['an answer that is cut', () => statistics().subarray(0, 80), /expected \d+ octets at octet|expected a number/],
    ['a list', () => encodeBencode([1]), /expected a dictionary/],
    [
      'an error',
      () =>
        encodeBencode(
          new Map([
            ['result', 'error'],
            ['error-reason', 'go\naway'],
          ]),
        ),
      /it says: go away/,
    ],
    ['no statistics', () => encodeBencode(new Map([['result', 'ok']])), /expected relayedpackets, managedsessions/],
  ])('%s is no answer, and says so', async (_what, relay, why) => {
    const { answer, tookMs } = await ask(relay)
    expect(answer).toEqual({ why: expect.stringMatching(/^what answers at 192\.0\.2\.9:2223 is not understood: /) })
    expect(answer).toEqual({ why: expect.stringMatching(why) })
    expect(tookMs).toBe(2000)
  })

  test('what is no answer does not hide the one that follows', async () => {
    expect((await ask((nth) => (nth === 1 ? 'noise' : statistics({ packets: 3 })))).answer).toMatchObject({
      packets: 3,
    })
  })

  test('an address that nothing can be sent to is told', async () => {
    const answer = await withRelay(
      () => undefined,
      (network) => askRtpengine({ address: 'nowhere', port: 1 }, { network, random }),
    )
    expect(answer).toEqual({ why: expect.stringContaining('nowhere:1') })
  })
})

const published = (control = '192.0.2.9:2223') => ({
  published: {
    signalling: [],
    relays: [
      { name: 'relay-1', addresses: ['192.0.2.9'], udp: ['10000-20000'], control: { rtpengine: control } },
      { name: 'relay-2', addresses: ['192.0.2.10'], udp: ['10000-20000'] },
    ],
  },
})

interface Watched {
  readonly rows: readonly RelayCounts[]
  readonly told: readonly string[]
  readonly openedMs: number
  readonly closedMs: number
}

/** A load of a minute with two calls, each 500 packets and 2 of RTCP from each of its ends. */
const watch = (
  answer: Relay,
  o: { settled?: boolean; partial?: boolean; patienceMs?: number } = {},
): Promise<Watched> =>
  withRelay(answer, async (network) => {
    const { clock } = network
    const told: string[] = []
    const document = published()
    const traffic = new OwnTraffic(document)
    const { settled = true, partial = false, patienceMs } = o
    const opened = await RelayWatch.open({
      document,
      network,
      random,
      tell: (line) => told.push(line),
      patienceMs,
    })
    const openedMs = clock.now()
    await clock.sleep(60_000 - openedMs)
    for (const _ of [1, 2])
      traffic.add(call({ far: 'account', legs: [leg({ role: 'caller' }), leg({ role: 'callee' })] }))
    const rows = (await opened?.close({ traffic, runs: 0, dropped: 0, settled, partial })) ?? []
    return { rows, told, openedMs, closedMs: clock.now() - 60_000 }
  })

/** Counters before and after the load: what the two calls send, or what is given. */
const relay =
  (before: Parameters<typeof statistics>[0], after: Parameters<typeof statistics>[0]): Relay =>
  (_nth, _cookie, now) =>
    now < 60_000 ? statistics(before) : statistics({ uptime: 160, ...after })

describe('a load with a relay that may be asked', () => {
  test('counts agree', async () => {
    const { rows, openedMs, closedMs } = await watch(
      relay({ packets: 70, ended: 3, errors: 1 }, { packets: 70 + 2008, ended: 5, errors: 1 }),
    )
    expect(rows).toMatchObject([
      {
        relays: ['relay-1'],
        control: '192.0.2.9:2223',
        state: 'agree',
        took: 2008,
        errors: 0,
        sessions: 2,
        ours: { calls: 2 },
      },
    ])
    expect([openedMs < 5, closedMs < 5]).toEqual([true, true])
  })

  test('a relay that is mute before, or after, is not reached, and not asked for long', async () => {
    const mute = await watch(() => undefined)
    expect(mute.rows).toMatchObject([{ state: 'not-reached', text: 'Not reached: nothing answers at 192.0.2.9:2223.' }])
    expect([mute.openedMs, mute.closedMs]).toEqual([2000, 0])
    const gone = await watch((_nth, _cookie, now) => (now < 60_000 ? statistics() : undefined))
    expect(gone.rows[0]?.text).toBe(
      'Not reached: it answered before the load, and now nothing answers at 192.0.2.9:2223.',
    )
    expect(gone.closedMs).toBe(2000)
  })

  test('one that answers with garbage is not reached', async () => {
    const { rows } = await watch(() => 'HTTP/1.1 400 Bad Request')
    expect(rows).toMatchObject([{ state: 'not-reached', text: expect.stringContaining('is not understood') }])
  })

  test.each([
    ['whose counters fell', { packets: 5000, uptime: 100 }, { packets: 1200, uptime: 20 }, 40_000],
    ['that counted more than before by then', { packets: 5, uptime: 10 }, { packets: 900, uptime: 30 }, 30_000],
  ])('one %s was started again, and when', async (_how, before, after, atMs) => {
    const { rows } = await watch(relay(before, after))
    expect(rows).toMatchObject([{ state: 'restarted' }])
    const start = (rows[0]?.before?.at ?? 0) - 1
    expect(Math.round(((rows[0]?.restartedAt ?? 0) - start) / 1000)).toBe(atMs / 1000)
    expect(rows[0]).not.toHaveProperty('took')
  })

  test('sessions that stay are waited for, as rtpengine deletes with delay, and told when they are left', async () => {
    const deleting: Relay = (_nth, _cookie, now) =>
      now < 60_000
        ? statistics()
        : statistics({ packets: 2008, uptime: 160, ...(now < 90_000 ? { up: 2 } : { ended: 2 }) })
    const delayed = await watch(deleting)
    expect(delayed.rows).toMatchObject([{ state: 'agree', sessions: 2 }])
    expect(delayed.rows[0]).not.toHaveProperty('left')
    expect(delayed.told).toEqual([expect.stringMatching(/^waiting until 192\.0\.2\.9:2223 has ended its sessions/)])
    expect(Math.round(delayed.closedMs / 1000)).toBe(30)

    const kept = await watch(relay({}, { packets: 2008, up: 1, ended: 1 }))
    expect(kept.rows).toMatchObject([
      { left: 1, text: expect.stringContaining('1 session of ours is left 33 s after') },
    ])

    // Nor is anything said by who has no time to wait: they may only be deleted with delay.
    const hurried = await watch(relay({}, { packets: 2008, up: 1, ended: 1 }), { patienceMs: 5_000 })
    expect(hurried.rows[0]).not.toHaveProperty('left')
    expect(hurried.closedMs).toBeLessThan(7_000)

    // Where calls of ours may still be up, nothing is said of it.
    const broken = await watch(relay({}, { packets: 2008, up: 1, ended: 1 }), { settled: false })
    expect(broken.rows[0]).not.toHaveProperty('left')
    expect(broken.closedMs).toBeLessThan(5)
  })

  test('silent sessions of before are those of the survey; others that go on are not ours to judge', async () => {
    const survey = await watch(relay({ up: 2 }, { packets: 2008, ended: 4 }))
    expect(survey.rows).toMatchObject([{ state: 'agree', movedBefore: 0, sessions: 2 }])
    expect(Math.round(survey.openedMs / 1000)).toBe(1)

    const busy: Relay = (nth, _cookie, now) =>
      statistics({ packets: 100 * nth, up: now < 60_000 ? 7 : 9, uptime: 1000 + now / 1000 })
    const { rows, closedMs } = await watch(busy)
    expect(rows).toMatchObject([{ state: 'lost', movedBefore: 100, movedAfter: 100 }])
    expect(rows[0]).not.toHaveProperty('left')
    // Nobody knows how long they last.
    expect(closedMs).toBeLessThan(4000)
  })

  test('a kernel module’s counts are waited for', async () => {
    const late: Relay = (_nth, _cookie, now) =>
      now < 60_000
        ? statistics()
        : statistics({ packets: now < 60_500 ? 1500 : 2008, kernel: now < 60_500 ? 1400 : 1900, ended: 2, uptime: 160 })
    expect((await watch(late)).rows).toMatchObject([{ state: 'agree', took: 2008 }])
  })

  test('nobody is asked whose address the target file does not tell', async () => {
    const asked = await withRelay(
      () => statistics(),
      async (network, questions) => {
        const { signalling, relays } = published().published
        const document = { published: { signalling, relays: relays.slice(1) } }
        expect(await RelayWatch.open({ document, network, random })).toBeUndefined()
        return questions
      },
    )
    expect(asked).toEqual([])
  })
})

describe('what our calls sent through a relay', () => {
  test('is that of both ends, with what was refused; relays of one control address are one', () => {
    const relays = [1, 2, 3].map((nth) => ({
      name: `relay-${nth}`,
      addresses: [`192.0.2.${nth}`],
      udp: ['1-2'],
      ...(nth === 3 ? {} : { control: { rtpengine: nth === 1 ? '[2001:db8::1]:2223' : '[2001:DB8:0::1]:2223' } }),
    }))
    const traffic = new OwnTraffic({ published: { signalling: [], relays } })
    expect(traffic.controlled).toMatchObject([{ relays: ['relay-1', 'relay-2'], control: '[2001:db8::1]:2223' }])
    const ends = (caller: string, callee: string) => [
      leg({ role: 'caller', relay: caller }),
      leg({ role: 'callee', relay: callee }),
    ]
    traffic.add(call({ far: 'account', legs: ends('relay-1', 'relay-2') }))
    traffic.add(call({ far: 'account', legs: ends('relay-1', 'relay-3') }))
    traffic.add(call({ far: 'echo', legs: [leg({ relay: 'relay-2' })] }))
    traffic.add(call({ far: 'echo', legs: [{ ...leg({ relay: 'relay-2' }), refused: { replayed: 4 } }] }))
    traffic.add(call({ far: 'account', legs: [] }))
    traffic.add(call({ far: 'account', legs: ends('relay-3', 'relay-3') }))
    expect(traffic.counts('[2001:db8::1]:2223')).toEqual({
      calls: 4,
      farEnds: 3,
      unplaced: 1,
      sent: 2500,
      received: 2504,
      rtcpSent: 10,
      rtcpReceived: 10,
      lost: 0,
      edges: 15,
    })
  })

  test('beginnings and ends cost a packet for each 20 ms of the way, and seconds where an end did not hear of the BYE', () => {
    const edgesOf = (o: Parameters<typeof call>[0]) => {
      const traffic = new OwnTraffic(published())
      traffic.add(call(o))
      return traffic.counts('192.0.2.9:2223').edges
    }
    expect(edgesOf({ disconnectMs: 0 })).toBe(2)
    expect(edgesOf({ disconnectMs: 81 })).toBe(7)
    expect(edgesOf({ disconnectMs: 3, legs: [leg({ report: report({ roundTripMs: 200 }) })] })).toBe(12)
    expect(edgesOf({ end: 'bye-unanswered' })).toBe(202)
  })
})
