/** A load that two k6 and two agents share is joined into the verdict of the undivided one. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { findK6 } from '../../src/load/k6-program.js'
import { segmentArgs, segmentOf } from '../../src/load/parts.js'
import { defaultAddresses, EmbeddedProvider } from '../../src/provider/embedded-provider.js'
import { type LoadResult } from '../../src/result/load-result.js'
import { resultSchema, type RunResult } from '../../src/result/result.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'

const k6 = await findK6()
const TOKEN = 'the-token'
const CALLS = 15

const folder = mkdtempSync(join(tmpdir(), 'ringproof-merge-'))
const target = join(folder, 'target.yaml')
const profile = join(folder, 'office.ts')
const at = (name: string) => join(folder, name)
let provider: EmbeddedProvider

// What tells how busy this machine is decides nothing here.
const SCRIPT = `
import { arrivals, loadOptions, wave } from '${new URL('../../k6/lib/index.ts', import.meta.url).pathname}'
export { handleSummary, monitor } from '${new URL('../../k6/lib/index.ts', import.meta.url).pathname}'
const flow = arrivals({ rate: 5, duration: '3s', calls: { to: 'echo', holdMs: 1500 } })
export const options = loadOptions({
  scenarios: { office: flow.options },
  thresholds: { voip_mos: [], rtp_jitter: [], rtp_loss_ratio: [], sip_session_request_delay: ['p(95)<60000'] },
})
export default function callers() { wave(flow) }
`

beforeAll(async () => {
  const clock = new WallClock()
  provider = await EmbeddedProvider.start({
    network: new KernelNetwork(clock),
    clock,
    random: new SystemRandom(),
    addresses: defaultAddresses({ prefix: '127.0.33' }),
    families: ['ipv4'],
    accounts: 12,
  })
  const { launch: _, ...shared } = provider.target
  // JSON is YAML.
  writeFileSync(target, JSON.stringify({ ...shared, name: 'shared' }))
  writeFileSync(profile, SCRIPT)
})
afterAll(async () => {
  await provider.stop()
  rmSync(folder, { recursive: true })
})

interface Started {
  /** Resolves with what it printed, once that matches. */
  printed(pattern: RegExp): Promise<string>
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>
  stop(): void
}

function start(program: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  const watchers = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      said += data.toString()
      for (const watch of watchers) watch()
    })
  }
  return {
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => pattern.test(said) && resolve(said)
        watchers.add(look)
        child.once('close', () => reject(new Error(`it ended: ${said}`)))
        look()
      }),
    ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, said }))),
    stop: () => void child.kill('SIGTERM'),
  }
}

const ringproof = (...args: string[]) =>
  start(process.execPath, ['bin/ringproof.mjs', ...args], { RINGPROOF_AGENT_TOKEN: TOKEN })
const resultIn = (name: string): RunResult =>
  resultSchema.parse(JSON.parse(readFileSync(join(at(name), 'result.json'), 'utf8')))

function loadIn(name: string): LoadResult {
  const { load } = resultIn(name)
  if (load === undefined) throw new Error(`no load in ${name}`)
  return load
}

/** What does not depend on how busy the machine is. */
function figuresOf({ calls, thresholds = [], reconciliation, profile: name, order }: LoadResult): object {
  const { started, byStatus, dialled, meant } = calls
  return {
    name,
    kinds: order?.kinds,
    calls: { started, byStatus, dialled, meant },
    thresholds: thresholds.map(({ metric, condition }) => `${metric} ${condition}`).toSorted(),
    counted: reconciliation?.map(({ what, ok }) => `${what} ${ok}`),
  }
}

/** What does where a generator stood still: its calls fall silent. */
function outcomesOf({ calls, thresholds = [] }: LoadResult): object {
  const { completed, failed, twoWay, oneWay, wrongAudio } = calls
  const held = thresholds.map(({ metric, condition, ok }) => `${metric} ${condition} ${ok}`).toSorted()
  return { completed, failed, twoWay, oneWay, wrongAudio, held }
}

/** That the joined result is the undivided one's; a part whose generator was too slow makes it as invalid as itself. */
async function expectJoined(parts: readonly string[], name: string): Promise<void> {
  const { code, said } = await ringproof('merge', ...parts.map(at), '--out', at(name)).ended
  const [whole, joined] = [resultIn('whole'), resultIn(name)]
  expect(figuresOf(loadIn(name)), said).toEqual(figuresOf(loadIn('whole')))
  const each = (count: (load: LoadResult) => number) => parts.map((part) => count(loadIn(part)))
  const sum = (counts: readonly number[]) => counts.reduce((all, one) => all + one, 0)
  const started = each(({ calls }) => calls.started)
  expect([sum(started), Math.min(...started) > 0]).toEqual([CALLS, true])
  const { completed, failed, twoWay = 0 } = loadIn(name).calls
  expect([completed, failed, twoWay]).toEqual([
    sum(each(({ calls }) => calls.completed)),
    sum(each(({ calls }) => calls.failed)),
    sum(each(({ calls }) => calls.twoWay ?? 0)),
  ])
  if ([...parts, 'whole'].every((one) => loadIn(one).valid))
    expect(outcomesOf(loadIn(name)), said).toEqual(outcomesOf(loadIn('whole')))
  const isSound = (load: LoadResult) => load.generator.sound === true
  if (parts.every((part) => loadIn(part).valid)) {
    if (isSound(loadIn('whole'))) expect([joined.verdict, joined.exitCode]).toEqual([whole.verdict, whole.exitCode])
    else expect(joined.verdict).toBe('pass')
  } else {
    expect([joined.verdict, joined.exitCode]).toEqual(['invalid', 4])
  }
  expect(code).toBe(joined.exitCode)
  expect(joined.load?.joined?.map(({ segment }) => segment)).toEqual(['0:1/2', '1/2:1'])
}

describe.skipIf(k6 === undefined)('a load shared by two k6 and two agents', () => {
  beforeAll(async () => {
    await ringproof('load', '--target', target, '--profile', profile, '--out', at('whole')).ended
    expect(loadIn('whole').calls.started).toBe(CALLS)
  })

  test('ringproof load --shard', async () => {
    const parts = [1, 2].map((index) =>
      ringproof(
        'load',
        '--target',
        target,
        '--profile',
        profile,
        '--shard',
        `${index}/2`,
        '--out',
        at(`part-${index}`),
      ),
    )
    await Promise.all(parts.map(({ ended }) => ended))
    await expectJoined(['part-2', 'part-1'], 'joined')
    // A part alone is held to no sum of the whole, and is no verdict by itself.
    expect(
      loadIn('part-1')
        .thresholds?.filter(({ whole }) => whole)
        .map(({ metric }) => metric),
    ).toEqual(['sip_calls_completed'])
  })

  test("k6's own --execution-segment, and agents that write a report", async () => {
    const agents = [1, 2].map((index) =>
      ringproof('agent', '--target', target, '--shard', `${index}/2`, '--port', '0', '--out', at(`agent-${index}`)),
    )
    const urls = await Promise.all(
      agents.map(async (agent) => /http:\S+\d/.exec(await agent.printed(/ready http.*\n/))?.[0] ?? ''),
    )
    const runs = urls.map((url, index) =>
      start(k6?.path ?? '', ['run', '--quiet', ...segmentArgs(segmentOf({ index: index + 1, of: 2 })), profile], {
        RINGPROOF_AGENT_URL: url,
        RINGPROOF_AGENT_TOKEN: TOKEN,
        RINGPROOF_PARTS: '2',
        RINGPROOF_PROFILE: 'office',
      }),
    )
    const ends = await Promise.all(runs.map(({ ended }) => ended))
    expect(
      ends.map(({ code }) => code),
      ends.map(({ said }) => said).join('\n'),
    ).toEqual([0, 0])
    for (const agent of agents) agent.stop()
    await Promise.all(agents.map(({ ended }) => ended))
    await expectJoined(['agent-1', 'agent-2'], 'joined-agents')
  })

  test('a part that is missing makes it invalid, and is named', async () => {
    const { code, said } = await ringproof('merge', at('part-1'), '--out', at('half')).ended
    expect([code, said]).toEqual([4, expect.stringContaining('part 2 of 2 (execution segment 1/2:1) is missing')])
  })

  test.each([
    ['a whole load', () => [at('whole')], /is a whole load and no part of one/],
    ['the same part twice', () => [at('part-1'), at('part-1')], /its calls would count twice/],
    ['nothing', () => [at('none')], /There is no .*none; name the folder/],
  ])('%s is a usage error', async (_what, folders, message) => {
    expect(await ringproof('merge', ...folders(), '--out', at('wrong')).ended).toEqual({
      code: 2,
      said: expect.stringMatching(message),
    })
  })
})
