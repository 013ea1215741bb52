// What `npm run profiles` writes: the page of all profiles, and the curves of each.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { at } from './paths.mjs'

const folder = at('docs', 'profiles')
const imageOf = (name) => join(folder, `${name}.png`)

/** Where the report on a profile lies. */
export const reportsOf = (name) => at('reports', 'profiles', name)

/** Keeps the curves of a profile, as its report shows them. */
export async function curvesOf(name) {
  const report = join(reportsOf(name), 'index.html')
  if (!existsSync(report)) return
  mkdirSync(folder, { recursive: true })
  const { chromium } = await import('playwright-core')
  const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  )
  if (program === undefined) return
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: 'light' })
    await page.goto(pathToFileURL(report).href)
    const curves = page.locator('.curves')
    if ((await curves.count()) > 0) await curves.first().screenshot({ path: imageOf(name) })
  } finally {
    await browser.close()
  }
}

/** All of docs/profiles.md, of the reports that are there. */
export function profilesPage(names, { duration, standsStill }) {
  const done = names.flatMap((name) => {
    const file = join(reportsOf(name), 'result.json')
    return existsSync(file) ? [{ name, result: JSON.parse(readFileSync(file, 'utf8')) }] : []
  })
  const commit = execFileSync('git', ['-C', at('.'), 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const days = [...new Set(done.map(({ result }) => result.load.startedAt?.slice(0, 10)))].join(', ')
  return `# The profiles against Kamailio

What \`npm run profiles\` came to: every profile of the package against Kamailio with five rtpengines on the same machine, ${duration} each where a profile does not end by itself; a quarter each over UDP and TLS, IPv4 and IPv6, those over TLS
in SRTP. ${days}, ${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, commit ${commit}.

| profile | calls | at a time | good | audio both ways | setup p95 | lost | jitter p95 | MOS p5 | late p99 | exit |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${done.map(row).join('\n')}

*Late* is how late packets left here: 1 in 100 was later. In \`failover\`, ${standsStill} stands still (SIGSTOP) from the second minute to the third.

${done.map(section).join('\n\n')}
`
}

const percent = (part, of) => (of === 0 ? '–' : `${Number(((100 * part) / of).toFixed(3))} %`)
const ms = (value) => (value === undefined ? '–' : `${Number(value.toFixed(1))} ms`)

function row({ name, result: { load, exitCode } }) {
  const { calls, relays, runs } = load
  const sum = (key) => relays.reduce((total, relay) => total + (relay[key] ?? 0), 0)
  const worst = (key, most) => {
    const values = relays.flatMap((relay) => relay[key] ?? [])
    return values.length === 0 ? undefined : most(...values)
  }
  const cells = [
    `[${name}](#${name})`,
    calls.started === 0 && runs ? `${runs.ended} runs` : calls.started,
    (calls.started === 0 ? runs?.peakConcurrent : calls.peakConcurrent) ?? '–',
    percent(calls.completed, calls.started),
    calls.twoWay ?? '–',
    ms(load.setupDelayMs?.p95),
    percent(sum('packetsLost'), sum('packetsLost') + sum('packetsReceived')),
    ms(worst('jitterP95Ms', Math.max)),
    worst('mosP5', Math.min)?.toFixed(2) ?? '–',
    ms(load.generator.sendLatenessP99Ms),
    exitCode,
  ]
  return `| ${cells.join(' | ')} |`
}

function section({ name, result: { sentence, load } }) {
  const image = existsSync(imageOf(name)) ? `\n\n![Curves of ${name}](profiles/${name}.png)` : ''
  const incidents = (load.incidents ?? [])
    .slice(0, 6)
    .map(({ atMs, text }) => `- ${Math.round(atMs / 1000)} s: ${text}`)
  return `## ${name}\n\n${sentence}${incidents.length === 0 ? '' : `\n\n${incidents.join('\n')}`}${image}`
}
