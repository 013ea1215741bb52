/** Calls between accounts that are meant to go one way or another, and registrations as load: in virtual time, against the embedded provider. */
import { describe, expect, test } from 'vitest'
import { CallMaker } from '../../../src/load/call-maker.js'
import type { CallOrder } from '../../../src/load/call-order.js'
import type { CallRecord } from '../../../src/load/call-record.js'
import { Storms, type StormOrder, type StormReport } from '../../../src/load/registration-storm.js'
import type { ToWorker } from '../../../src/load/worker-protocol.js'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { virtualStages } from '../../../src/worlds/virtual-stages.js'
import { memoryOf } from '../../virtual/memory-of.js'

const BETWEEN: CallOrder = {
  dialled: undefined,
  far: 'account',
  holdMs: 6_000,
  codecs: ['PCMA'],
  srtp: false,
  transport: 'udp',
  family: 'ipv4',
}

/** What a worker with four accounts tells. `wire` sees each datagram, may change it, and loses it by false. */
async function worker(
  o: { orders?: readonly Partial<CallOrder>[]; storm?: StormOrder; forMs?: number },
  wire: (text: string, data: Buffer) => boolean = () => true,
): Promise<{ records: CallRecord[]; report: StormReport | undefined }> {
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  return stages.on('outcomes', async (world) => {
    const { clock, network, random, target } = world
    const hop = target.hop({ transport: 'udp', family: 'ipv4' })
    if (hop === undefined) throw new Error('no way to the target')
    const records: CallRecord[] = []
    let report: StormReport | undefined
    const maker = new CallMaker({
      data: {
        index: 0,
        workers: 1,
        reach: [],
        document,
        accounts: document.accounts.slice(0, 4),
        ways: [{ transport: 'udp', family: 'ipv4', hop, domain: target.domain('udp') }],
        home: { transport: 'udp', family: 'ipv4' },
        addresses: { ipv4: world.address('ipv4') ?? '' },
        authority: undefined,
        patternBase: 1,
      },
      clock,
      network,
      random,
      send: (message) => {
        if (message.kind === 'events')
          for (const event of message.events) if (event.kind === 'ended') records.push(event.record)
        if (message.kind === 'stormed') report = message.report
      },
    })
    const tell = (message: ToWorker) => maker.receive(message)
    await maker.start()
    memoryOf(network).filter = ({ data }) => wire(data.toString('latin1'), data)
    if (o.storm !== undefined) tell({ kind: 'register-again', order: o.storm })
    const calls = (o.orders ?? []).map((order, index) => ({
      id: `wave-1.${index}`,
      startAt: clock.unixMs() + index * 250,
      order: { ...BETWEEN, ...order },
    }))
    tell({ kind: 'wave', wave: 'wave-1', calls })
    await clock.sleep(o.forMs ?? 70_000)
    await maker.stop(5_000)
    return { records, report }
  })
}

async function recordOf(
  order: Partial<CallOrder>,
  wire?: (text: string, data: Buffer) => boolean,
): Promise<CallRecord> {
  const { records } = await worker({ orders: [order] }, wire)
  const [record] = records
  if (record === undefined) throw new Error('the call has no record')
  return record
}

const is = (text: string, method: string) => text.startsWith(`${method} `)

describe('a call that is meant not to be answered', () => {
  test.each([
    ['busy', 486, 'refused'],
    ['declined', 603, 'refused'],
    ['cancelled', 487, 'cancelled'],
    ['unanswered', 480, 'refused'],
  ] as const)('%s: succeeds with %i, without audio and without a deaf end', async (outcome, status, end) => {
    const record = await recordOf({ outcome, ...(outcome === 'busy' ? {} : { ringMs: 3000 }) })
    expect(record).toMatchObject({ outcome, status, end, success: true, twoWay: false, wrongAudio: false })
    expect(record.oneWay).toBeUndefined()
    expect(record.reason).toBeUndefined()
    expect(record.packetsSent).toBe(0)
    if (outcome !== 'busy') expect(record.endedAt - record.startedAt).toBeGreaterThanOrEqual(3000)
  })
  test('fails where another answer comes', async () => {
    const record = await recordOf({ outcome: 'busy' }, (text, data) => {
      if (text.startsWith('SIP/2.0 486')) data.write('480', 8, 'latin1')
      return true
    })
    expect(record).toMatchObject({ status: 480, success: false })
    expect(record.reason).toMatch(/^the call was to be busy \(486\): rejected: 480/)
    expect(record.oneWay).toBeUndefined()
  })
  test('fails where it is answered, and is hung up at once', async () => {
    const record = await recordOf({ dialled: { scheme: 'sip', user: '00038799999' }, far: 'echo', outcome: 'declined' })
    expect(record).toMatchObject({ status: 200, end: 'normal', success: false })
    expect(record.reason).toBe('the call was to be declined (603): it ended with 200')
    expect(record.endedAt - (record.answeredAt ?? 0)).toBeLessThan(1000)
  })
  test('fails where the called device does not hear of the CANCEL', async () => {
    let cancels = 0
    const record = await recordOf({ outcome: 'cancelled', ringMs: 1000 }, (text) => {
      if (is(text, 'CANCEL')) cancels += 1
      // The first is ours to the proxy, what follows is the proxy's.
      return !is(text, 'CANCEL') || cancels === 1
    })
    expect(record).toMatchObject({ success: false })
    expect(record.reason).toContain('CANCEL')
  })
})

describe('a call that is signalling alone', () => {
  const ECHO = { dialled: { scheme: 'sip', user: '00038799999' }, far: 'echo' } as const

  test.each([
    ['to the echo test', ECHO],
    ['between accounts', {}],
  ] as const)('%s: is set up, held and ended, and nobody sends audio', async (_, order) => {
    let [inactive, packets] = [0, 0]
    const record = await recordOf({ ...order, outcome: 'signalling' }, (text, data) => {
      if (/^(?:INVITE|SIP\/2\.0 200)/.test(text) && text.includes('m=audio ') && text.includes('a=inactive'))
        inactive += 1
      // RTP, and not the farewell of RTCP.
      if (((data[0] ?? 0) & 0xc0) === 0x80 && (data[1] ?? 0) < 200) packets += 1
      return true
    })
    expect(record).toMatchObject({ outcome: 'signalling', status: 200, end: 'normal', success: true, twoWay: false })
    expect(record.oneWay).toBeUndefined()
    expect(record.reason).toBeUndefined()
    expect(record.endedAt - (record.answeredAt ?? 0)).toBeGreaterThanOrEqual(6000)
    expect(inactive).toBeGreaterThan(1)
    expect(packets).toBe(0)
  })
  test('fails where its BYE is refused', async () => {
    const record = await recordOf({ ...ECHO, outcome: 'signalling' }, (text, data) => {
      if (text.startsWith('SIP/2.0 200') && text.includes(' BYE\r\n')) data.write('500', 8, 'latin1')
      return true
    })
    expect(record).toMatchObject({ success: false, end: 'bye-refused', reason: 'BYE was answered with 500' })
  })
  test('fails where somebody else than the called account answers', async () => {
    const user = '00038799999'
    const record = await recordOf({ dialled: { scheme: 'sip', user }, far: 'account', outcome: 'signalling' })
    expect(record).toMatchObject({ success: false, status: 200, reason: 'the called account did not ring' })
  })
})

describe('a call that is answered', () => {
  test('after it has rung', async () => {
    const record = await recordOf({ ringMs: 4000 })
    expect(record).toMatchObject({ success: true, twoWay: true })
    expect((record.answeredAt ?? 0) - record.startedAt).toBeGreaterThanOrEqual(4000)
    // RFC 6076 §4.3: to the first answer that is heard, which is the ringing.
    expect(record.setupMs).toBeLessThan(1000)
  })
  test('digits arrive', async () => {
    expect(await recordOf({ dtmf: '159#' })).toMatchObject({ success: true, twoWay: true })
  })
  test('digits that do not arrive are a failure with a reason', async () => {
    const record = await recordOf({ dtmf: '12' }, (_, data) => (data[1] ?? 0) % 128 !== 101 || data[0] !== 0x80)
    expect(record).toMatchObject({ success: false, twoWay: true })
    expect(record.reason).toBe('the caller sent the digits 12, the callee received none')
  })
  test('on hold and off again: nothing is lost, and both hear each other', async () => {
    let reinvites = 0
    const record = await recordOf({ onHold: { atMs: 2000, forMs: 1500 } }, (text) => {
      if (is(text, 'INVITE') && /a=(?:sendonly|inactive)/.test(text)) reinvites += 1
      return true
    })
    expect(record).toMatchObject({ success: true, twoWay: true, packetsLost: 0 })
    expect(reinvites).toBeGreaterThan(0)
    // 1.5 s without packets, of 6.
    expect(record.legs.map(({ packetsReceived }) => packetsReceived > 200 && packetsReceived < 250)).toEqual([
      true,
      true,
    ])
  })
  test('a hold that is refused is a failure with a reason, and the call goes on', async () => {
    const record = await recordOf({ onHold: { atMs: 2000, forMs: 1500 } }, (text, data) => {
      if (is(text, 'INVITE') && /a=(?:sendonly|inactive)/.test(text)) data.write('XNVITE', 0, 'latin1')
      return true
    })
    expect(record).toMatchObject({ success: false, twoWay: true, end: 'normal' })
    expect(record.reason).toMatch(/^hold \(re-INVITE\) was /)
  })
  test('packets of 40 ms', async () => {
    const record = await recordOf({ ptimeMs: 40 })
    expect(record).toMatchObject({ success: true })
    expect(record.legs.every(({ packetsSent }) => packetsSent > 140 && packetsSent < 160)).toBe(true)
  })
  test('of a wave, each in its turn', async () => {
    const { records } = await worker({ orders: [{}, { outcome: 'busy' }, {}] })
    expect(records.filter(({ success }) => success)).toHaveLength(3)
    const starts = records.map(({ startedAt }) => startedAt).toSorted((a, b) => a - b)
    expect((starts[2] ?? 0) - (starts[0] ?? 0)).toBeCloseTo(500, -1)
  })
})

describe('registrations as load', () => {
  test('all come back at once, are asked for credentials again, and calls go on', async () => {
    let registers = 0
    const { records, report } = await worker(
      { storm: { again: true, overMs: 0, withinMs: 60_000 }, orders: [{}, {}] },
      (text) => {
        if (is(text, 'REGISTER')) registers += 1
        return true
      },
    )
    expect(report).toMatchObject({ devices: 4, registered: 4, tries: 4, refused: {} })
    expect(report?.delaysMs).toHaveLength(4)
    // Without and with credentials each, and away at the end.
    expect(registers).toBeGreaterThanOrEqual(12)
    expect(records.filter(({ success }) => success)).toHaveLength(2)
  })
  test('who is refused comes again, and refusals are counted by status', async () => {
    let left = 3
    const { report } = await worker({ storm: { again: true, overMs: 0, withinMs: 60_000 } }, (text, data) => {
      const isFinal = /^SIP\/2\.0 200[^]*CSeq: \d+ REGISTER/i.test(text)
      if (isFinal && left > 0) {
        left -= 1
        data.write('503', 8, 'latin1')
      }
      return true
    })
    expect(report).toMatchObject({ devices: 4, registered: 4, tries: 7, refused: { 503: 3 } })
    expect(report?.tookMs).toBeGreaterThan(400)
  })
  test('who is refused for too long gives up', async () => {
    const clock = new VirtualClock()
    const comeBack = async () => {
      await clock.sleep(10)
      return { ok: false, status: 503, tookMs: 10, retryAfterS: 4 }
    }
    let report: StormReport | undefined
    await clock.run(async () => {
      report = await new Storms(clock, new SeededRandom(1)).again([{ comeBack }], { overMs: 0, withinMs: 10_000 })
    })
    // At 0, 4 and 8 seconds: as often as Retry-After lets it.
    expect(report).toMatchObject({ devices: 1, registered: 0, tries: 3, refused: { 503: 3 }, delaysMs: [] })
  })
  test('two devices of each account by turns: every call reaches one of them', async () => {
    const orders = Array.from({ length: 24 }, () => ({ holdMs: 3000 }))
    const { records, report } = await worker({ storm: { flap: { everyMs: 1000, forMs: 8000 } }, orders })
    expect(report).toMatchObject({ devices: 4, registered: 4, refused: {} })
    expect(report?.tries).toBeGreaterThanOrEqual(4 * 7)
    expect(records.map(({ success, reason }) => [success, reason])).toEqual(orders.map(() => [true, undefined]))
  })
  test('calm ends it', async () => {
    const clock = new VirtualClock()
    const storms = new Storms(clock, new SeededRandom(1))
    let turns = 0
    const account = {
      takeTurn: () => Promise.resolve({ ok: (turns += 1) > 0, status: 200, tookMs: 1 }),
      settle: () => Promise.resolve(),
    }
    await clock.run(async () => {
      const over = storms.flap([account], { everyMs: 1000, forMs: 600_000 })
      await clock.sleep(2500)
      storms.calm()
      expect(await over).toMatchObject({ devices: 1, registered: 1, tries: 3 })
    })
    expect(clock.now()).toBeLessThan(5000)
  })
})
