import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import type { NatKind } from '../../../src/nat/nat-kind.js'
import { NatNetwork } from '../../../src/nat/nat-network.js'
import type { RouterFacts } from '../../../src/result/router-result.js'
import { examineRouter } from '../../../src/router/examine.js'
import { Reflector } from '../../../src/router/reflector.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'
import { judgeRouter } from '../../../src/verdict/router.js'

const SERVER = '192.0.2.1'
const LONGEST_MS = 50_000

/** What a router test finds behind a NAT of this kind; undefined: no NAT. */
async function examined(
  kind: NatKind | undefined,
  o: {
    readonly addresses?: string[]
    readonly seed?: number
    readonly lossShare?: number
    readonly longestDatagram?: number
  } = {},
): Promise<{ facts: RouterFacts | undefined; tookMs: number }> {
  const clock = new VirtualClock()
  const random = new SeededRandom(o.seed ?? 1)
  const loss = o.lossShare === undefined ? {} : { loss: o.lossShare }
  const internet = new MemoryNetwork({ clock, random: random.fork('wire'), link: { delayMs: 12, ...loss } })
  const { longestDatagram = Number.POSITIVE_INFINITY } = o
  internet.filter = ({ data }) => data.length <= longestDatagram
  const network =
    kind === undefined ? internet : new NatNetwork({ inner: internet, clock, publicAddress: '203.0.113.1', ...kind })
  return clock.run(async () => {
    const reflector = await Reflector.start({
      network: internet,
      clock,
      random: random.fork('reflector'),
      addresses: o.addresses ?? [SERVER, '192.0.2.2'],
      ports: [5060, 15_060],
    })
    const facts = await examineRouter({
      network,
      clock,
      random: random.fork('test'),
      local: kind === undefined ? '198.51.100.9' : '10.0.0.2',
      server: { address: SERVER, port: 5060 },
      named: 'reflector.example',
      otherPort: 15_060,
      longestMs: LONGEST_MS,
    })
    const tookMs = clock.now()
    await reflector.stop()
    return { facts, tookMs }
  })
}

describe('a router test', () => {
  test.each([
    ['endpoint-independent', 'endpoint-independent', true],
    ['endpoint-independent', 'address-dependent', true],
    ['address-dependent', 'address-and-port-dependent', false],
    ['address-and-port-dependent', 'address-and-port-dependent', false],
  ] as const)('tells mapping %s, filtering %s, hairpin %s', async (mapping, filtering, hairpin) => {
    const { facts } = await examined({
      mappingTimeoutMs: 300_000,
      mapping,
      filtering,
      hairpin: hairpin ? 'external' : 'none',
    })
    expect(facts).toMatchObject({ mapping, filtering, hairpin, isTranslated: true, outside: '203.0.113.1' })
  })

  test('says what one address of the reflector can tell', async () => {
    const kind = { mappingTimeoutMs: 300_000, filtering: 'endpoint-independent', ports: 'preserved' } as const
    const { facts } = await examined(kind, { addresses: [SERVER] })
    expect(facts).toMatchObject({ mapping: 'not port-dependent', filtering: 'not port-dependent' })
    expect(facts?.ports).toEqual({ kept: 5, of: 5 })
  })

  test.each([8_000, 17_000, 30_000, 44_000])(
    'finds a lifetime of %i ms within a tenth, in a minute',
    async (mappingTimeoutMs) => {
      for (const seed of [1, 2]) {
        const { facts, tookMs } = await examined({ mappingTimeoutMs }, { seed })
        const udp = facts?.lifetimes.find(({ flow }) => flow === 'udp')
        expect(udp?.heldMs).toBeGreaterThan(mappingTimeoutMs * 0.9)
        expect(udp?.heldMs).toBeLessThanOrEqual(mappingTimeoutMs)
        expect(udp?.lostMs).toBeLessThan(mappingTimeoutMs * 1.1)
        expect(tookMs).toBeLessThan(60_000)
      }
    },
  )

  test('knows the time before an answer from that after it, and connections that are dropped', async () => {
    const { facts } = await examined({ mappingTimeoutMs: 120_000, streamTimeoutMs: 30_000 })
    expect(facts?.lifetimes.map(({ flow, lostMs }) => [flow, lostMs !== undefined])).toEqual([
      ['udp', false],
      ['udp-in-use', false],
      ['tcp', true],
    ])
    expect(judgeRouter(facts!)).toMatchObject({ verdict: 'fail', findings: [{ id: 'tcp-forgotten' }] })
  })

  test('finds no NAT where there is none, and nothing to complain about', async () => {
    const { facts } = await examined(undefined)
    expect(facts).toMatchObject({
      isTranslated: false,
      mapping: 'endpoint-independent',
      filtering: 'endpoint-independent',
    })
    expect(facts?.hairpin).toBeUndefined()
    expect(facts?.alg.map(({ outcome }) => outcome)).toEqual(['untouched', 'untouched', 'untouched', 'untouched'])
    expect(judgeRouter(facts!)).toMatchObject({ verdict: 'pass', exitCode: 0, findings: [] })
  })

  test('a NAT with the time that the RFC wants, and no ALG, is no trouble', async () => {
    const { facts } = await examined({ mappingTimeoutMs: 120_000 })
    expect(judgeRouter(facts!)).toMatchObject({ verdict: 'pass', exitCode: 0, findings: [] })
  })

  test('one datagram in fifty that is lost changes nothing', async () => {
    for (const seed of [1, 2, 3]) {
      const { facts } = await examined(
        { mappingTimeoutMs: 30_000, filtering: 'address-dependent' },
        { lossShare: 0.02, seed },
      )
      expect(facts).toMatchObject({ mapping: 'endpoint-independent', filtering: 'address-dependent', hairpin: true })
      const udp = facts?.lifetimes.find(({ flow }) => flow === 'udp')
      expect(udp?.heldMs).toBeGreaterThan(26_000)
      expect(udp?.heldMs).toBeLessThanOrEqual(30_000)
      expect(facts?.alg.map(({ outcome }) => outcome)).toEqual(['untouched', 'untouched', 'untouched', 'untouched'])
    }
  })

  test('shows line by line what an ALG has rewritten, and that it has broken the length', async () => {
    const { facts } = await examined({ mappingTimeoutMs: 120_000, alg: 'wrong-length' })
    const [out, call, answer] = facts!.alg
    expect(out).toMatchObject({ direction: 'out', outcome: 'changed', harms: ['via', 'contact'] })
    expect(call?.harms).toEqual(['length-wrong', 'via', 'contact', 'media-address'])
    expect(call?.changes).toContainEqual({
      sent: 'c=IN IP4 10.0.0.2',
      arrived: 'c=IN IP4 203.0.113.1',
    })
    expect(answer).toMatchObject({ direction: 'in', outcome: 'changed' })
    expect(judgeRouter(facts!)).toMatchObject({
      verdict: 'fail',
      exitCode: 1,
      findings: [{ id: 'sip-rewritten', severity: 'fail' }],
    })
    const right = await examined({ mappingTimeoutMs: 120_000, alg: 'right' })
    expect(judgeRouter(right.facts!)).toMatchObject({
      verdict: 'warn',
      exitCode: 0,
      findings: [{ id: 'sip-rewritten', severity: 'warn' }],
    })
  })

  test('finds the largest datagram that passes', async () => {
    const { facts } = await examined({ mappingTimeoutMs: 120_000 }, { longestDatagram: 1_472 })
    expect(facts?.sizes).toEqual({ upLargest: 1_472, upLost: 1_600, downLargest: 1_472, fragments: false })
    expect(judgeRouter(facts!).findings.map(({ id }) => id)).toEqual(['fragments-dropped'])
    const tunnel = await examined({ mappingTimeoutMs: 120_000 }, { longestDatagram: 1_240 })
    expect(judgeRouter(tunnel.facts!)).toMatchObject({ verdict: 'fail', findings: [{ id: 'datagrams-small' }] })
  })

  test('nobody can be called after so long is the first finding where that is so', async () => {
    const { facts } = await examined({
      mappingTimeoutMs: 20_000,
      mapping: 'address-and-port-dependent',
      hairpin: 'none',
    })
    const { findings, keepAlive, exitCode } = judgeRouter(facts!)
    expect(findings.map(({ id }) => id)).toEqual(['udp-forgotten', 'symmetric', 'no-hairpin'])
    expect(findings[0]?.title).toMatch(/^Nobody can call a telephone here 2[0-2] s after/)
    expect(keepAlive.udpSeconds).toBeGreaterThanOrEqual(15)
    expect(keepAlive.udpSeconds).toBeLessThan(20)
    expect(exitCode).toBe(1)
  })

  test('says so where no reflector answers', async () => {
    const clock = new VirtualClock()
    const network = new MemoryNetwork({ clock, random: new SeededRandom(1) })
    const o = {
      network,
      clock,
      random: new SeededRandom(2),
      local: '198.51.100.9',
      named: 'x',
      otherPort: 15_060,
      longestMs: 1_000,
    }
    const facts = await clock.run(() => examineRouter({ ...o, server: { address: SERVER, port: 5060 } }))
    expect(facts).toBeUndefined()
  })
})
