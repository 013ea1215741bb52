/**
 * Something dies in the middle of a load: the target, a relay, a thread of the call agent, k6, ringproof itself. There is a report each time
 * that tells what happened when and what recovered, the exit code is as documented, and no call is left up at a target that lives.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { findK6 } from '../../src/load/k6-program.js'
import { defaultAddresses, EmbeddedProvider, makeAccounts } from '../../src/provider/embedded-provider.js'
import type { LoadResult } from '../../src/result/load-result.js'
import type { RunResult } from '../../src/result/result.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

const k6 = await findK6()
const folder = mkdtempSync(join(tmpdir(), 'ringproof-kills-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const random = new SystemRandom()
const clock = new WallClock()

/** Until it holds: tests that run beside one another have no `expect.poll`. @throws where it does not in time */
async function until(what: () => boolean, told: () => string, ms = 60_000): Promise<void> {
  const end = clock.now() + ms
  while (!what()) {
    if (clock.now() > end) throw new Error(`not within ${ms / 1000} s: ${told()}`)
    await pause(50)
  }
}

/** Looks, 50 ms apart, that find as many calls as the one before: a call that is being set up is answered meanwhile. */
const LOOKS = 4

/** A provider of one test's own: the tests run beside one another, since most of their time is spent waiting. */
class Target {
  static #count = 0
  readonly #prefix = `127.0.${61 + Target.#count++}`
  readonly #accounts = makeAccounts(14, random)
  readonly file = join(folder, `target-${this.#prefix}.yaml`)
  #provider: EmbeddedProvider | undefined

  get provider(): EmbeddedProvider {
    if (this.#provider === undefined) throw new Error('not started')
    return this.#provider
  }

  async start(): Promise<void> {
    this.#provider = await EmbeddedProvider.start({
      network: new KernelNetwork(clock),
      clock,
      random,
      addresses: defaultAddresses({ prefix: this.#prefix, ipv6Slot: 9 }),
      families: ['ipv4'],
      accounts: this.#accounts,
    })
    const { launch: _, ...document } = this.#provider.target
    writeFileSync(this.file, JSON.stringify(document))
  }

  get callsUp(): number {
    const { serviceCalls, callsOn } = this.provider.stats()
    return serviceCalls + callsOn
  }

  /** Until so many calls are up, and none is being set up: one without a final answer would keep the load waiting for a minute and a half. */
  async untilCalls(count: number): Promise<void> {
    const last: number[] = []
    await until(
      () => {
        last.push(this.provider.stats().serviceCalls)
        // Calls begin a quarter of a second apart.
        const looks = last.slice(-LOOKS)
        return looks.length === LOOKS && looks.every((one) => one >= count && one === looks[0])
      },
      () => `${count} calls up, and none being set up; there were ${last.join(' ')}`,
    )
  }

  /**
   * Calls end when their BYE is answered. One that was being set up as its device died gets no ACK, and its far end gives up after 64·T1 = 32 s
   * (RFC 3261 §13.3.1.4).
   */
  async nothingLeft(): Promise<void> {
    const left = () => {
      const { serviceCalls, callsOn, bindings } = this.provider.stats()
      return { serviceCalls, callsOn, bindings }
    }
    await until(
      () => Object.values(left()).every((count) => count === 0),
      () => `nothing left at the target, but there is ${JSON.stringify(left())}`,
      40_000,
    )
  }
}

interface Going {
  readonly pid: number
  readonly out: string
  readonly ended: Promise<{ code: number | null; told: string; result: RunResult; load: LoadResult }>
}

let number = 0

/** Calls are made and last for some seconds, until something happens to them; without a target, to the one that ringproof starts. */
function load(o: { target?: Target; preload?: string } = {}): Going {
  const out = join(folder, `run-${++number}`)
  const usual = '--profile load --to echo --calls 12 --rate 4 --hold 3 --duration 9'.split(' ')
  const target = o.target === undefined ? [] : ['--target', o.target.file]
  const args = ['bin/ringproof.mjs', 'load', '--out', out, ...target, ...usual]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...(o.preload === undefined
        ? {}
        : { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(o.preload)}` }),
    },
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (told += data.toString()))
  const ended = new Promise<Awaited<Going['ended']>>((resolve, reject) => {
    child.on('close', (code) => {
      const file = join(out, 'result.json')
      if (!existsSync(file)) {
        reject(new Error(`no report, exit code ${code}: ${told}`))
        return
      }
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by ringproof
      const result = JSON.parse(readFileSync(file, 'utf8')) as RunResult
      if (result.load === undefined) reject(new Error(`no load in the report, exit code ${code}: ${told}`))
      else resolve({ code, told, result, load: result.load })
    })
  })
  return { pid: child.pid ?? 0, out, ended }
}

/** The process that it has started, by a word of its command line. */
async function childOf(pid: number, word: string): Promise<number> {
  let child: number | undefined
  await until(
    () => (child = childrenOf(pid, word)[0]) !== undefined,
    () => `no ${word} was started by ${pid}`,
  )
  if (child === undefined) throw new Error(`no ${word}`)
  return child
}

/** The processes that a process has started, by a word of their command lines. */
function childrenOf(pid: number, word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((one) => {
      try {
        const stat = readFileSync(`/proc/${one}/stat`, 'latin1')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return parent === pid && readFileSync(`/proc/${one}/cmdline`, 'latin1').includes(word)
      } catch {
        return false
      }
    })
}

const incidents = ({ incidents: all = [] }: LoadResult) => all.map(({ text }) => text)
/** What fails is told by exit code 1; where this machine was too busy itself, that comes first, and nothing is said of the target. */
const expectFail = ({ code, load: { generator } }: Awaited<Going['ended']>) =>
  expect(code).toBe(generator.sound === false ? 4 : 1)

const targets: Target[] = []
async function started(): Promise<Target> {
  const target = new Target()
  await target.start()
  targets.push(target)
  return target
}
afterAll(() => Promise.all(targets.map(({ provider }) => provider.stop())))

describe.skipIf(k6 === undefined && process.env.CI === undefined)('in the middle of a load', () => {
  test.concurrent('the target dies, and comes back: the report says from when to when', async () => {
    const target = await started()
    const going = load({ target })
    await target.untilCalls(8)
    await target.provider.stop()
    await pause(4_000)
    await target.start()
    const end = await going.ended
    expectFail(end)
    const told = incidents(end.load)
    expect(told).toContainEqual(
      expect.stringMatching(/^no audio any more from the target, with \d+ calls up; it came back at /),
    )
    await target.nothingLeft()
  }, 180_000)

  test.concurrent('the embedded target is killed, and does not come back', async () => {
    const going = load()
    await childOf(going.pid, '--no-usage-report')
    await pause(6_000)
    process.kill(await childOf(going.pid, 'provider-process'), 'SIGKILL')
    const end = await going.ended
    expectFail(end)
    const told = incidents(end.load)
    expect(told).toContainEqual(expect.stringMatching(/^no audio any more from the target, .* it did not come back$/))
    expect(told).toContainEqual(
      expect.stringMatching(/^no call got through any more: \d+ that began within \d+ s .*; none got through again$/),
    )
    expect(end.load.calls.completed).toBeGreaterThan(0)
  }, 180_000)

  test.concurrent('a relay dies: it is named, with the moment, and no other', async () => {
    const target = await started()
    const going = load({ target })
    await target.untilCalls(8)
    target.provider.killRelay('relay-2')
    const end = await going.ended
    expectFail(end)
    const told = incidents(end.load)
    expect(told).toContainEqual(
      expect.stringMatching(/^no audio any more through relay-2, with \d+ calls? up; it did not come back$/),
    )
    const blamed = end.result.findings.flatMap(({ where }) => where?.relays ?? [])
    expect(blamed.filter((relay) => relay !== 'relay-2')).toEqual([])
    if (end.code === 1) expect(blamed).toContain('relay-2')
    await target.nothingLeft()
  })

  test.concurrent('a thread of the call agent dies: another takes its place, and ends what it had up', async () => {
    // In the program itself alone: its first thread is ended some seconds after it was started.
    const preload = `if (process.argv[2] === 'load') { let first = true; process.on('worker', (worker) => { if (first) { first = false; setTimeout(() => worker.terminate(), 9000) } }) }`
    const target = await started()
    const going = load({ target, preload })
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, target.callsUp)), 50)
    const { code, load: measured } = await going.ended
    clearInterval(watch)
    expect([code, measured.valid, most > 4]).toEqual([4, false, true])
    const told = incidents(measured)
    expect(told).toContainEqual(
      expect.stringMatching(/^a thread of the call agent died \(exited with 1\): \d+ calls? of its own lost$/),
    )
    expect(told).toContainEqual(expect.stringContaining('another thread took its place'))
    expect(measured.generator.problems?.join()).toContain('a thread of the call agent crashed')
    await target.nothingLeft()
  })

  test.concurrent('k6 is killed: what is up is hung up, and the load was not completed', async () => {
    const target = await started()
    const going = load({ target })
    await target.untilCalls(6)
    process.kill(await childOf(going.pid, '--no-usage-report'), 'SIGKILL')
    const { code, load: measured, result } = await going.ended
    expect([code, measured.valid, result.verdict]).toEqual([4, false, 'invalid'])
    expect(incidents(measured)).toContainEqual(
      expect.stringMatching(/^k6 was killed by SIGKILL.*: the load was not completed/),
    )
    expect(result.sentence).toContain('k6 was killed by SIGKILL')
    await target.nothingLeft()
  })

  test.concurrent.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ringproof gets %s: it hangs up, and reports what is known by then', async (signal, exitCode) => {
    const target = await started()
    const going = load({ target })
    await target.untilCalls(6)
    process.kill(going.pid, signal)
    const { code, load: measured, result } = await going.ended
    expect([code, result.exitCode, result.verdict]).toEqual([exitCode, exitCode, 'interrupted'])
    expect(incidents(measured)).toContainEqual(expect.stringContaining('the load was interrupted'))
    expect(result.sentence).toMatch(/^Interrupted\. /)
    await target.nothingLeft()
  })
})
