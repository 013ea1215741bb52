/** From runs to a baseline, to a run that is held against it, to an archive of what is new: as a CI job types it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resultSchema } from '../../src/result/result.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-releases-'))
const at = (name: string) => join(folder, name)

function ringproof(...args: string[]): { status: number | null; out: string; told: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/ringproof.mjs', ...args], { encoding: 'utf8' })
  return { status, out: stdout, told: stderr }
}
const run = (name: string, ...args: string[]) =>
  ringproof('run', '--clock', 'virtual', '--only', 'registrar/refresh-replaces', '--out', at(name), ...args)
const resultIn = (name: string) => resultSchema.parse(JSON.parse(readFileSync(join(at(name), 'result.json'), 'utf8')))

beforeAll(() => {
  for (const seed of ['1', '2', '3']) run(seed, '--seed', seed)
  ringproof('baseline', at('1'), at('2'), at('3'), '--out', at('base.json'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a release that breaks something fails the job, and what is new can be passed on', () => {
  const gate = ['--baseline', at('base.json'), '--fail-on', 'regression']
  expect(run('same', '--seed', '4', ...gate).status).toBe(0)
  expect(resultIn('same').comparison).toMatchObject({ conclusive: true, findings: [], base: { runs: 3 } })
  const broken = run('broken', '--seed', '4', '--fault', 'refresh-adds-binding', ...gate)
  expect(broken.status).toBe(1)
  expect(broken.out).toMatch(/\nComparison: 1 new problem against .*3 simulated runs/)
  const { comparison, scenarios } = resultIn('broken')
  expect(comparison?.findings).toMatchObject([{ state: 'new', regression: true }])
  expect(scenarios.find(({ verdict }) => verdict === 'fail')?.repeat).not.toContain('--baseline')
  const bundle = ringproof('bundle', comparison?.findings[0]?.id ?? '', at('broken'), '--out', at('new.zip'))
  expect([bundle.status, bundle.out]).toEqual([0, `${at('new.zip')}\n`])
})

test('what fails as before fails the run, and not the gate', () => {
  const fault = ['--seed', '5', '--fault', 'refresh-adds-binding', '--baseline', at('broken-before')]
  run('broken-before', '--seed', '4', '--fault', 'refresh-adds-binding')
  expect(run('as-then', ...fault).status).toBe(1)
  const spared = run('spared', ...fault, '--fail-on', 'regression')
  expect(spared.status).toBe(0)
  expect(spared.out).toMatch(/Exit code 0, and not 1: what fails is no worse than in/)
  expect(resultIn('spared').verdict).toBe('fail')
})

test('a run whose baseline is not there has not begun', () => {
  const { status, told } = run('never', '--baseline', at('no-such.json'))
  expect([status, told]).toEqual([2, expect.stringMatching(/There is no .*no-such\.json/)])
})
