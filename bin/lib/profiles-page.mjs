// What `npm run profiles` writes: for each profile its figures and curves, and the page of them all.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { at } from './paths.mjs'

const folder = at('docs', 'profiles')
const imageOf = (name) => join(folder, `${name}.png`)
const figuresOf = (name) => join(folder, `${name}.json`)
/** Incidents that the page lists of each. */
const INCIDENTS = 6

/** Where the report on a profile lies. */
export const reportsOf = (name) => at('reports', 'profiles', name)

/**
 * Keeps of a profile's report what the page needs: its figures, and its curves as the report shows them.
 * @param {{ command: string, standsStill?: string }} order
 */
export async function keepProfile(name, { command, standsStill }) {
  const file = join(reportsOf(name), 'result.json')
  if (!existsSync(file)) return
  const { load, sentence, exitCode } = JSON.parse(readFileSync(file, 'utf8'))
  mkdirSync(folder, { recursive: true })
  const kept = {
    command,
    ...(standsStill === undefined ? {} : { standsStill }),
    day: load.startedAt?.slice(0, 10),
    commit: execFileSync('git', ['-C', at('.'), 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    figures: figures(load, exitCode),
    sentence: [sentence, ...registrationsIn(load)].join(' '),
    incidents: (load.incidents ?? []).map(({ atMs, text }) => `${Math.round(atMs / 1000)} s: ${text}`),
  }
  writeFileSync(figuresOf(name), `${JSON.stringify(kept, undefined, 2)}\n`)
  await keepCurves(name)
}

/** How devices fared that all came back at once. */
function registrationsIn({ registrations = [] }) {
  const waves = registrations.filter(({ kind }) => kind === 'again')
  if (waves.length === 0) return []
  const sum = (key) => waves.reduce((total, one) => total + one[key], 0)
  const longest = ms(Math.max(...waves.map(({ tookMs }) => tookMs)))
  return [
    `All devices registered again at once, ${waves.length} times: ${sum('registered')} of ${sum('devices')} were registered, within ${longest} at most.`,
  ]
}

async function keepCurves(name) {
  const { chromium } = await import('playwright-core')
  const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  )
  if (program === undefined) return
  const browser = await chromium.launch({ executablePath: program, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 900 }, colorScheme: 'light' })
    await page.goto(pathToFileURL(join(reportsOf(name), 'index.html')).href)
    const curves = page.locator('.curves')
    // Nobody points at a picture.
    const legend = page.locator('.u-legend .u-value, .u-legend tr:first-child')
    await legend.evaluateAll((parts) => parts.forEach((part) => part.remove()))
    if ((await curves.count()) > 0) await curves.first().screenshot({ path: imageOf(name) })
  } finally {
    await browser.close()
  }
}

const percent = (part, of) => (of === 0 ? '–' : `${Number(((100 * part) / of).toFixed(3))} %`)
const ms = (value) => (value === undefined ? '–' : `${Number(value.toFixed(1))} ms`)

/** Columns of the table: title and cell. */
function figures({ calls, relays, runs, setupDelayMs, generator }, exitCode) {
  const sum = (key) => relays.reduce((total, relay) => total + (relay[key] ?? 0), 0)
  const worst = (key, most) => {
    const values = relays.flatMap((relay) => relay[key] ?? [])
    return values.length === 0 ? undefined : most(...values)
  }
  const ofRuns = calls.started === 0 && runs !== undefined
  return {
    calls: ofRuns ? `${runs.ended} runs` : calls.started,
    'at a time': (ofRuns ? runs.peakConcurrent : calls.peakConcurrent) ?? '–',
    good: percent(calls.completed, calls.started),
    'setup p95': ms(setupDelayMs?.p95),
    lost: percent(sum('packetsLost'), sum('packetsLost') + sum('packetsReceived')),
    'jitter p95': ms(worst('jitterP95Ms', Math.max)),
    'MOS p5': worst('mosP5', Math.min)?.toFixed(2) ?? '–',
    'sent late, p99': ms(generator.sendLatenessP99Ms),
    exit: exitCode,
  }
}

/** All of docs/profiles.md, of the profiles that were kept. */
export function profilesPage(names) {
  const done = names
    .filter((name) => existsSync(figuresOf(name)))
    .map((name) => ({ name, ...JSON.parse(readFileSync(figuresOf(name), 'utf8')) }))
  const titles = ['profile', ...Object.keys(done[0]?.figures ?? {})]
  const rows = done.map((one) => [`[${one.name}](#${one.name})`, ...Object.values(one.figures)])
  const table = [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
  return `# The profiles against Kamailio

What \`npm run profiles\` came to: each profile of the package against Kamailio with five rtpengines on the same machine (${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}).
An equal share of the calls each goes over UDP and TLS, over IPv4 and IPv6; those over TLS are in SRTP.

${table}

*Good* are calls that went as they were meant to, those with audio both ways. *Sent late*: one packet in a hundred left here later than that. Of relays, the figure of the worst one is shown.

${done.map(section).join('\n\n')}
`
}

function section({ name, command, day, commit, sentence, incidents, standsStill }) {
  const still = standsStill === undefined ? '' : ` ${standsStill}.`
  const more = incidents.length > INCIDENTS ? [`and ${incidents.length - INCIDENTS} more`] : []
  const list = [...incidents.slice(0, INCIDENTS), ...more].map((one) => `- ${one}`).join('\n')
  const image = existsSync(imageOf(name)) ? `![Curves of ${name}](profiles/${name}.png)` : ''
  return [`## ${name}`, `\`${command}\`, ${day}, ${commit}.${still}`, sentence, list, image]
    .filter((part) => part !== '')
    .join('\n\n')
}
