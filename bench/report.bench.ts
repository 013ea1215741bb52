/**
 * How long a reader waits for a report of 2,000 tests: real results of a run in virtual time, repeated under other names, opened in
 * Chromium and timed by its performance API.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { page } from '../src/report/page.js'
import { resultSchema, type RunResult } from '../src/result/result.js'
import { packageFolder } from '../src/worlds/package-folder.js'
import type { BenchResult } from './result.js'

const TESTS = 2000
const TARGET_MS = 1000
const TARGET_BYTES = 5_000_000

const TIMES = `(async () => {
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))
  const timed = async (act, isDone) => {
    const began = performance.now()
    act()
    while (!isDone()) await new Promise((done) => setTimeout(done, 0))
    await painted()
    return performance.now() - began
  }
  const isOpen = () => !document.getElementById('scenario').hidden
  const href = document.querySelector('#rows a').getAttribute('href')
  const box = document.querySelector('[name=text]')
  const filter = () => { box.value = 'ipv6'; box.dispatchEvent(new Event('input', { bubbles: true })) }
  return {
    'ready to be used': performance.getEntriesByName('ready')[0].startTime,
    'a scenario and its ladder': await timed(() => { location.hash = href }, isOpen),
    'all its messages': await timed(() => document.querySelector('[data-all=open]')?.click(), () => true),
    'back to the list': await timed(() => { location.hash = '#/' }, () => !isOpen()),
    'the list filtered, passes with it': await timed(filter, () => true),
    'all cards': await timed(() => { for (const one of document.querySelectorAll('details')) one.open = true }, () => true),
  }
})()`

/** Runs the benchmark. */
export async function run(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-bench-'))
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const file = join(folder, 'index.html')
    writeFileSync(file, await page(repeated(runWith(['no-record-route', 'relay-one-way'], folder))))
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    await tab.goto(pathToFileURL(file).href)
    await tab.waitForSelector('html[data-ready]')
    const times: Record<string, number> = await tab.evaluate(TIMES)
    const bytes = statSync(file).size
    return [
      {
        name: `a page of ${TESTS} tests`,
        ours: bytes,
        unit: 'bytes',
        peers: [],
        target: { text: `${TARGET_BYTES} bytes`, met: bytes <= TARGET_BYTES },
      },
      ...Object.entries(times).map(([name, ours]) => ({
        name,
        ours,
        unit: 'ms',
        peers: [],
        target: { text: `${TARGET_MS} ms`, met: ours <= TARGET_MS },
      })),
    ]
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function runWith(faults: readonly string[], folder: string): RunResult {
  const out = join(folder, 'run')
  const planted = faults.flatMap((name) => ['--fault', name])
  const program = [join(packageFolder, 'bin', 'ringproof.mjs'), 'run', '--clock', 'virtual', ...planted, '--out', out]
  try {
    execFileSync(process.execPath, program, { stdio: 'ignore' })
  } catch {
    // It fails, as it is meant to; without a result the next line says so.
  }
  return resultSchema.parse(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')))
}

/** The same tests again under other names, findings with them. */
function repeated(result: RunResult): RunResult {
  const times = Math.ceil(TESTS / result.scenarios.length)
  const names = Array.from({ length: times }, (_, index) => (index === 0 ? '' : `/${index}`))
  const scenarios = names.flatMap((name) => result.scenarios.map((one) => ({ ...one, id: `${one.id}${name}` })))
  const findings = result.findings.map((finding) => ({
    ...finding,
    scenarios: names.flatMap((name) =>
      finding.scenarios.map((place) => ({ ...place, scenario: `${place.scenario}${name}` })),
    ),
  }))
  return { ...result, scenarios: scenarios.slice(0, TESTS), findings }
}
