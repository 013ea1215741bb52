/** `npm run busy` without its runs: what it makes of a result, and the processes that it keeps the machine busy with. */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Row {
  readonly held: number
  readonly open: number
  readonly why: string
  readonly wrong: readonly string[]
}
type About = { readonly run: number; readonly seconds: number; readonly exitCode: number }

const load = (file: string) => import(new URL(`../../../bin/lib/${file}`, import.meta.url).href)
const {
  rowOf,
  openOf,
}: { rowOf: (about: About, result: object, quiet: object) => Row; openOf: (result: object) => string[] } =
  await load('busy.mjs')
const { startBurners }: { startBurners: (count: number) => Promise<{ pids: number[]; stop: () => void }> } =
  await load('burners.mjs')

const one = (id: string, verdict: string, reasonCode?: string) => ({
  id,
  verdict,
  variant: { transport: 'udp', family: 'ipv4' },
  reason: verdict === 'pass' ? '' : 'as it is',
  reasonCode,
})
const finding = (id: string, severity: string) => ({ id, severity, title: 'What is wrong' })
const result = (scenarios: readonly object[], findings: readonly object[] = []) => ({
  scenarios,
  findings,
  survey: { vitalSigns: [one('survey/reach', 'pass')] },
})
const quiet = result([one('a', 'pass'), one('b', 'warn')], [finding('EXAM-KEYS-IN-CLEAR', 'warn')])
const wrongIn = (scenarios: readonly object[], findings: readonly object[] = [], exitCode = 0) =>
  rowOf({ run: 1, seconds: 9, exitCode }, result(scenarios, findings), quiet).wrong

describe('a run under load', () => {
  it('may warn of what a quiet run warns of, and leave open what it has a reason for', () => {
    const run = result(
      [one('a', 'inconclusive', 'harness-late'), one('b', 'warn')],
      [finding('EXAM-KEYS-IN-CLEAR', 'warn')],
    )
    expect(rowOf({ run: 1, seconds: 9, exitCode: 0 }, run, quiet)).toMatchObject({
      held: 1,
      warned: 1,
      failed: 0,
      errors: 0,
      open: 1,
      why: '1 harness-late',
      wrong: [],
    })
    expect(openOf(run)).toEqual(['harness-late: a udp/ipv4: as it is'])
  })

  it.each<[what: string, scenarios: object[], findings: object[], exitCode: number]>([
    ['a fail', [one('a', 'fail'), one('b', 'warn')], [], 0],
    ['an error', [one('a', 'error'), one('b', 'warn')], [], 0],
    ['a finding that fails', [one('a', 'pass'), one('b', 'pass')], [finding('EXAM-X', 'fail')], 0],
    ['a scenario that warns', [one('a', 'warn'), one('b', 'warn')], [], 0],
    ['a finding that warns', [one('a', 'pass'), one('b', 'pass')], [finding('UNSTEADY a', 'warn')], 0],
    ['a test that is missing', [one('a', 'pass')], [], 0],
    ['a code other than 0', [one('a', 'pass'), one('b', 'pass')], [], 4],
  ])('may not have %s', (_, scenarios, findings, exitCode) => {
    expect(wrongIn(scenarios, findings, exitCode)).toHaveLength(1)
  })
})

/** State of a process as the kernel gives it (Z: it is over), and the CPU time that it has used; undefined: there is none. */
function processOf(pid: number): { readonly state: string; readonly ticks: number } | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined
  const [state = '', ...fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return { state, ticks: Number(fields[10]) }
}

const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

it.skipIf(process.platform !== 'linux')('burners use their cores until they are stopped', async () => {
  const { pids, stop } = await startBurners(2)
  expect(pids).toHaveLength(2)
  const before = pids.map((pid) => processOf(pid)?.ticks ?? Number.NaN)
  await until(() => pids.every((pid, i) => (processOf(pid)?.ticks ?? 0) > (before[i] ?? 0) + 3))
  stop()
  // They end by themselves.
  await until(() => pids.every((pid) => [undefined, 'Z'].includes(processOf(pid)?.state)))
})
