/** The program in surroundings that fail it, and interrupted at any moment: how it ends, and that there is a report. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { resultIn, ringproof } from './program.js'

const folder = mkdtempSync(join(tmpdir(), 'ringproof-interrupted-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const only = ['--only', 'registrar/*', '--transport', 'udp', '--family', 'ipv4']

describe('Ctrl-C is heard within a second, and a report is written', () => {
  test.each([
    ['as soon as something is said', /./, 0],
    ['during the survey', /provider|Survey|survey|answers/i, 300],
    ['as the tests begin', /tests to run/, 0],
    ['in the middle', /tests to run/, 3_000],
  ])('%s', async (name, words, ms) => {
    const out = join(folder, name.replaceAll(' ', '-'))
    const { code, heardMs, endedMs, told } = await ringproof({
      args: ['run', '--family', 'ipv4', '--out', out],
      signalAfter: { words, ms },
    })
    expect(code, told).toBe(130)
    expect(heardMs).toBeLessThan(1_000)
    expect(endedMs).toBeLessThan(15_000)
    // Before there is a target, there is nothing to be reported.
    if (/tests to run/.test(told)) expect(resultIn(out)).toMatchObject({ verdict: 'interrupted', exitCode: 130 })
  })
})

describe('where this machine does not permit it', () => {
  test('few descriptors are a sentence of their own, before anything is begun', async () => {
    for (const descriptors of [40, 90, 128, 200]) {
      const { code, told } = await ringproof({ args: ['run', ...only], shell: `ulimit -n ${descriptors};` })
      expect({ descriptors, code, told }).toMatchObject({ code: 5, told: expect.stringContaining('ulimit -n 1024') })
    }
  })

  test('a full standard output does not harm the report', async () => {
    const out = join(folder, 'full')
    const { code, told } = await ringproof({
      args: ['run', '--clock', 'virtual', ...only, '--quiet', '--out', out],
      shell: 'exec >/dev/full;',
    })
    expect({ code, told }).toMatchObject({ code: 5, told: expect.stringContaining('The output cannot be written') })
    expect(resultIn(out)).toMatchObject({ verdict: 'pass' })
  })

  test('a closed one, or no folder for temporary files, is nothing to a run', async () => {
    for (const how of [{ shell: 'exec >&-;' }, { env: { TMPDIR: '/nonexistent' } }]) {
      const args = ['run', '--clock', 'virtual', ...only, '--quiet', '--out', join(folder, 'closed')]
      expect(await ringproof({ args, ...how })).toMatchObject({ code: 0 })
    }
  })
})

describe('what is thrown where nobody catches it', () => {
  test.each([
    ['an exception', "throw new TypeError('astray')"],
    ['a rejection', "Promise.reject(new TypeError('astray'))"],
  ])('%s breaks the run off in an orderly way: a report, exit 6', async (name, statement) => {
    const out = join(folder, name.replaceAll(' ', '-'))
    // Only in the program itself: the provider's process gets it, too, and is to live.
    const script = `if (process.argv[2] === 'run') setTimeout(() => { ${statement} }, 6000)`
    const { code, told } = await ringproof({
      args: ['run', '--family', 'ipv4', '--out', out],
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
    })
    expect(code, told).toBe(6)
    expect(told).toContain('TypeError: astray')
    expect(resultIn(out)).toMatchObject({
      verdict: 'error',
      exitCode: 6,
      sentence: expect.stringContaining('Broken off by a defect of ringproof: TypeError: astray.'),
    })
  })
})
