import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { UsageError } from '../../../src/cli/errors.js'
import { performHistory } from '../../../src/cli/history.js'
import type { RunResult } from '../../../src/result/result.js'
import { pointOfRun } from '../../../src/verdict/history-points.js'
import { HOSTILE, runOf } from '../report/compared-run.js'
import { contextFor } from './sinks.js'

const WELL = { fresh: 'pass', mended: 'pass', flaky: 'pass', ms: 40 } as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringproof-history-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function keep(name: string, change: Partial<RunResult> = {}, day = 1): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'result.json'), JSON.stringify({ ...runOf(day, WELL), ...change }))
  writeFileSync(join(folder, name, 'index.html'), '')
}

async function made(order: Partial<Parameters<typeof performHistory>[0]> = {}) {
  const { context, printed } = contextFor()
  await performHistory({ folder, ...order }, context)
  return { page: readFileSync(order.out ?? join(folder, 'history.html'), 'utf8'), printed }
}

describe('the page of many runs', () => {
  test('leads to the report of each run, from wherever it stands', async () => {
    keep('dus.net/a b#c')
    expect((await made()).page).toContain('href="dus.net/a%20b%23c/index.html"')
    mkdirSync(join(folder, 'elsewhere'))
    const { page } = await made({ out: join(folder, 'elsewhere', 'trends.html') })
    expect(page).toContain('href="../dus.net/a%20b%23c/index.html"')
  })

  test('counts a run once that reports/latest leads to', async () => {
    keep('one')
    symlinkSync('one', join(folder, 'latest'), 'dir')
    expect((await made()).page).toContain('1 run of 1 target')
  })

  test('has what it could read, and says of the rest why not', async () => {
    keep('one')
    for (const [name, text] of [
      ['half', '{"schemaVersion":2,'],
      ['later', '{"schemaVersion":7}'],
      ['foreign', '{"hello":1}'],
      ['hostile', '{"schemaVersion":2,"x":"<script>window.hacked=1</script>"}'],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'result.json'), text)
    }
    const { page, printed } = await made()
    expect(page).toContain('1 run of 1 target')
    expect(page).toContain('4 files that could not be read')
    expect(printed.err).toMatch(/half\/result.json is not JSON/)
    expect(printed.err).toMatch(/later\/result.json has schemaVersion 7/)
  })

  test('reads results of version 1', async () => {
    mkdirSync(join(folder, 'old'))
    writeFileSync(join(folder, 'old', 'result.json'), readFileSync('test/unit/report/version-1.result.json'))
    expect((await made()).page).toContain('1 run of 1 target')
  })

  test('tells a monitor’s rounds as the monitor saw them, those too whose reports were removed', async () => {
    const round = (name: string, day: number) => {
      keep(`rounds/${name}`, {}, day)
      const at = { folder: `rounds/${name}`, report: `rounds/${name}/index.html`, writtenAt: '' }
      const point = { ...pointOfRun(runOf(day, WELL), at), outcome: 'decided' }
      writeFileSync(join(folder, 'rounds', name, 'round.json'), JSON.stringify(point))
    }
    round('old', 1)
    round('new', 2)
    for (const file of ['result.json', 'index.html']) rmSync(join(folder, 'rounds', 'old', file))
    const { page } = await made({ folder: join(folder, 'rounds'), out: join(folder, 'history.html') })
    expect(page).toContain('2 runs of 1 target')
    expect(page.match(/href="rounds\/\w+\/index\.html"/g)).toEqual(['href="rounds/new/index.html"'])
    // Where its own word is lost, the result has it; where both are, that is told.
    for (const name of ['old', 'new']) writeFileSync(join(folder, 'rounds', name, 'round.json'), '{}')
    const { page: less, printed } = await made()
    expect(less).toContain('1 run of 1 target')
    expect(printed.err).toContain('rounds/old/round.json is not what a monitor keeps of a round')
  })

  test('shows a target that was not reached as an outage, though nothing else could be decided', async () => {
    keep('out', { verdict: 'inconclusive', exitCode: 3 })
    keep('vague', { verdict: 'inconclusive', exitCode: 4 }, 2)
    const { page } = await made()
    const strips = page.match(/<rect class="b-\w+"[^>]*><title>[^:]+/g)?.slice(0, 2)
    expect(strips?.map((one) => one.replace(/ x=.*<title>/, ' '))).toEqual([
      '<rect class="b-fail" not reached',
      expect.stringContaining('<rect class="b-inconclusive" '),
    ])
  })

  test('puts no text of a target into its markup', async () => {
    const { target } = runOf(1, WELL)
    keep('one', { target: { ...target, name: HOSTILE }, sentence: HOSTILE })
    const { page } = await made()
    expect(page).not.toContain('<img src=x')
    expect(page.match(/<script/g)).toHaveLength(3)
  })

  test('is of the targets that were asked for', async () => {
    const { target } = runOf(1, WELL)
    keep('one')
    keep('two', { target: { ...target, name: 'another' } })
    expect((await made({ targets: ['ANOTH'] })).page).toContain('1 run of 1 target')
  })

  test('is not made of nothing', async () => {
    await expect(made()).rejects.toThrow(UsageError)
    await expect(made({ folder: join(folder, 'nowhere') })).rejects.toThrow(/There is no folder/)
  })
})

describe('large results', () => {
  const large = { sentence: 'x'.repeat(260_000) }
  const cache = () => join(folder, '.ringproof-history.json')
  const fileOf = (name: string) => join(folder, name, 'result.json')
  const dated = (name: string) => utimesSync(fileOf(name), 1_700_000_000, 1_700_000_000)

  test('are read once, and again when they have changed', async () => {
    keep('one', large)
    keep('two', large, 2)
    keep('small', {}, 3)
    dated('one')
    const { page } = await made()
    expect(Object.keys(JSON.parse(readFileSync(cache(), 'utf8')).points)).toEqual([
      'one/result.json',
      'two/result.json',
    ])
    // As the file system sees it, it is the same: whoever reads it finds nothing.
    writeFileSync(fileOf('one'), ' '.repeat(statSync(fileOf('one')).size))
    dated('one')
    expect((await made()).page).toBe(page)
    writeFileSync(join(folder, 'two', 'result.json'), '{"half')
    const { page: later, printed } = await made()
    expect(later).toContain('2 runs of 1 target')
    expect(printed.err).toMatch(/two\/result.json is not JSON/)
  })

  test('are forgotten when they are removed, and where what is known cannot be used', async () => {
    keep('one', large)
    keep('two', large, 2)
    const { page } = await made()
    for (const text of [
      '{"by":',
      '[]',
      readFileSync(cache(), 'utf8').replace(/"by":"[^"]*/, '"by":"another'),
      '{"by":1}',
    ]) {
      writeFileSync(cache(), text)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await made()).page).toBe(page)
    }
    rmSync(join(folder, 'two'), { recursive: true })
    expect((await made()).page).toContain('1 run of 1 target')
    expect(Object.keys(JSON.parse(readFileSync(cache(), 'utf8')).points)).toEqual(['one/result.json'])
  })

  test('are read as ever where nothing can be kept', async () => {
    keep('one', large)
    mkdirSync(cache())
    expect((await made()).page).toContain('1 run of 1 target')
  })
})

test('as JSON it is on stdout alone', async () => {
  keep('one')
  const { context, printed } = contextFor()
  context.json = true
  await performHistory({ folder }, context)
  expect(JSON.parse(printed.out)).toMatchObject({ historyVersion: 1, targets: [{ runs: [{ folder: 'one' }] }] })
})
