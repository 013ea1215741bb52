import { describe, expect, test } from 'vitest'
import { commitOfJob } from '../../../src/cli/commit-of-job.js'
import { sideInWords } from '../../../src/result/compared-sides.js'

type Side = Parameters<typeof sideInWords>[0]

const side = (o: Partial<Side> = {}): Side => ({
  name: 'before',
  runs: 1,
  clock: 'wall',
  from: '2026-12-01T08:05:00.000Z',
  to: '2026-12-01T08:05:00.000Z',
  ringproof: '1.0.0',
  target: 'example',
  tests: 12,
  ...o,
})
const later = { name: 'after', from: '2026-12-02T09:10:00.000Z', to: '2026-12-02T09:10:00.000Z' }
const [old, fresh] = ['0123456789abcdef', 'fedcba9876543210']

describe('a side of a comparison', () => {
  test.each<[string, Partial<Side>, Partial<Side>, string]>([
    ['alike but for the date', {}, later, 'before (run of 2026-12-01)'],
    ['both of one day', {}, { name: 'after' }, 'before (run of 2026-12-01 08:05 UTC)'],
    ['several runs', { runs: 5, to: '2026-12-03T08:05:00.000Z' }, later, 'before (5 runs of 2026-12-01 to 2026-12-03)'],
    [
      'software',
      { software: ['Kamailio 5.6.3'] },
      { software: ['Kamailio 5.8.1'] },
      'before (Kamailio 5.6.3, run of 2026-12-01 08:05 UTC)',
    ],
    ['software that only one side tells', {}, { ...later, software: ['Kamailio 5.8.1'] }, 'before (run of 2026-12-01)'],
    [
      'the same software',
      { software: ['Kamailio'] },
      { ...later, software: ['Kamailio'] },
      'before (run of 2026-12-01)',
    ],
    ['another target', { target: 'kamailio' }, later, 'before (kamailio, run of 2026-12-01)'],
    ['commits', { commit: [old] }, { ...later, commit: [fresh] }, 'before (commit 01234567, run of 2026-12-01)'],
    ['ringproof', { ringproof: '0.9.0' }, later, 'before (ringproof 0.9.0, run of 2026-12-01)'],
    [
      'planted faults, simulated',
      { clock: 'virtual' },
      { clock: 'virtual', faults: ['no-501'] },
      'before (no planted faults, simulated run)',
    ],
  ])('%s', (_, base, now, words) => {
    expect(sideInWords(side(base), side(now))).toBe(words)
  })
})

test('the commit that a CI job runs for', () => {
  expect(commitOfJob({})).toEqual({})
  expect(commitOfJob({ CI_COMMIT_SHA: old })).toEqual({ commit: old })
  expect(commitOfJob({ GITHUB_SHA: 'main', GIT_COMMIT: fresh })).toEqual({ commit: fresh })
})
