/** Many devices that only stay registered: when they come back, who of them is called, and how they leave. In virtual time. */
import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { type Line, Lines } from '../../../src/load/line.js'
import { parseTarget, type TargetDocument } from '../../../src/target/target-file.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

const DEVICES = 300
const SECOND = 1000

interface Told {
  readonly lines: Lines
  /** Seconds at which registrations arrived at the target, first ones and refreshes. */
  readonly registrations: number[]
  readonly now: () => number
  readonly accounts: TargetDocument['accounts']
  /** Whether the target gets what is sent. */
  readonly reachable: (yes: boolean) => void
  readonly sleep: (seconds: number) => Promise<void>
}

const GRANTED = 600

/** What a registrar without memory answers. */
function accepted(request: string): string {
  const kept = request.split('\r\n').filter((line) => /^(?:via|from|to|call-id|cseq|contact):/i.test(line))
  const lines = kept.map((line) => {
    if (/^to:/i.test(line)) return `${line};tag=1`
    return /^contact:/i.test(line) ? `${line};expires=${GRANTED}` : line
  })
  return ['SIP/2.0 200 OK', ...lines, 'Content-Length: 0', '', ''].join('\r\n')
}

async function withDevices(story: (told: Told) => Promise<void>, locals?: readonly string[]): Promise<void> {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1) })
  const document = parseTarget(
    [
      'name: many',
      'domain: 192.0.2.9',
      'endpoints: { udp: { host: 192.0.2.9 } }',
      `accounts: [{ user: 'p{n}', password: x, from: 1, to: ${DEVICES} }]`,
    ].join('\n'),
    { file: 'many.yaml', env: {} },
  )
  const remote = { address: '192.0.2.9', port: 5060 }
  const registrations: number[] = []
  let isReachable = true
  await clock.run(async () => {
    const registrar = await network.bindUdp(remote)
    registrar.onMessage = (data, from) => {
      const text = data.toString('latin1')
      if (!isReachable || !text.startsWith('REGISTER ')) return
      registrations.push(Math.floor(clock.now() / SECOND))
      registrar.send(Buffer.from(accepted(text)), from)
    }
    const { accounts } = document
    const lines = new Lines({
      data: {
        document,
        accounts,
        ways: [{ transport: 'udp', family: 'ipv4', hop: { transport: 'udp', remote }, domain: document.domain }],
        home: { transport: 'udp', family: 'ipv4' },
        addresses: { ipv4: '192.0.2.1' },
        ...(locals === undefined ? {} : { locals: { ipv4: locals } }),
        authority: undefined,
      },
      clock,
      network,
      random: new SeededRandom(7),
      onWire: () => {},
      onCall: () => {},
    })
    await lines.register()
    await story({
      lines,
      registrations,
      accounts,
      now: () => clock.now() / SECOND,
      reachable: (yes) => (isReachable = yes),
      sleep: (seconds) => clock.sleep(seconds * SECOND),
    })
    await lines.stop()
  })
}

/** The most that fall into one piece of so many seconds, from a moment on. */
function mostIn(seconds: number, times: readonly number[], from: number): number {
  const pieces = new Map<number, number>()
  for (const at of times)
    if (at >= from) pieces.set(Math.floor(at / seconds), (pieces.get(Math.floor(at / seconds)) ?? 0) + 1)
  return Math.max(0, ...pieces.values())
}

describe('many registered devices', () => {
  test('registered within seconds, they refresh spread over the interval', async () => {
    await withDevices(async ({ registrations, sleep, now, lines }) => {
      const from = now()
      await sleep(3600)
      // Granted for 600 s, each refreshes between half of 540 s and all of it.
      expect(registrations.filter((at) => at >= from).length).toBeGreaterThan(DEVICES * 6)
      expect(mostIn(10, registrations, from)).toBeLessThan(DEVICES / 10)
      expect(lines.devices()).toHaveLength(DEVICES)
    })
  })
  test('also after an outage of the registrar', async () => {
    await withDevices(async ({ registrations, sleep, now, reachable }) => {
      await sleep(300)
      reachable(false)
      await sleep(1200)
      reachable(true)
      const back = now()
      await sleep(2400)
      expect(mostIn(10, registrations, back)).toBeLessThan(DEVICES / 10)
      // All have come back by the end of the longest pause.
      expect(registrations.filter((at) => at >= back).length).toBeGreaterThan(DEVICES)
    })
  })
  test('calls go round, to the one with the fewest, and never to the caller', async () => {
    await withDevices(async ({ lines, accounts }) => {
      const taken: Line[] = []
      for (let call = 0; call < DEVICES; call++) {
        const caller = accounts[call]
        const callee = caller && lines.takeCallee(caller)
        expect(callee).toBeDefined()
        expect(callee?.account).not.toBe(caller)
        if (callee) taken.push(callee)
      }
      const calls = new Map<Line, number>()
      for (const line of taken) calls.set(line, (calls.get(line) ?? 0) + 1)
      expect(calls.size).toBeGreaterThan(DEVICES * 0.75)
      expect(Math.max(...calls.values())).toBeLessThan(3)
    })
  })
  test('are spread over the addresses that were given, each with all that it does', async () => {
    const locals = ['192.0.2.11', '192.0.2.12', '192.0.2.13']
    await withDevices(async ({ lines, accounts }) => {
      const used = new Map<string, number>()
      for (const account of accounts) {
        const line = await lines.line(account, 'udp', 'ipv4')
        expect(line.agent.contactUri).toContain(`@${line.localAddress}:`)
        used.set(line.localAddress, (used.get(line.localAddress) ?? 0) + 1)
      }
      expect(Object.fromEntries(used)).toEqual(Object.fromEntries(locals.map((local) => [local, DEVICES / 3])))
    }, locals)
  })
  test('leave, and no binding is left', async () => {
    let told: Told | undefined
    let before = 0
    await withDevices((one) => {
      told = one
      before = one.registrations.length
      return Promise.resolve()
    })
    // One each.
    expect((told?.registrations.length ?? 0) - before).toBeGreaterThanOrEqual(DEVICES)
  })
})
