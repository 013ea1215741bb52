/**
 * SIPp's own scenarios, message by message: what SIPp sends and receives with another SIPp at the other end is what the imported
 * scenario's device sends and receives at the embedded provider, but for the log-in, which SIPp's other end does not ask for.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { importSipp } from '../../src/import-sipp/import-sipp.js'
import type { LadderArrow } from '../../src/result/scenario-result.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { loaded } from '../unit/import-sipp/imported.js'
import { builtIn, hasSipp, installSipp, listens, sipp } from './sipp.js'

if (!hasSipp && process.env['CI']) throw new Error(`SIPp is missing: ${installSipp}`)

const ADDRESS = '127.0.0.77'
const folder = mkdtempSync(join(tmpdir(), 'ringproof-sipp-messages-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** What one side said (`>`) and heard (`<`), repetitions and 100 left out, as `> INVITE`, `< 200 INVITE`. */
type Talk = readonly string[]
const lineOf = (isSent: boolean, text: string): string => {
  const [, status, method = ''] = /^SIP\/2\.0 (\d+)[^]*?\nCSeq: *\d+ *(\w+)/i.exec(text) ?? []
  return `${isSent ? '>' : '<'} ${status === undefined ? /^\w+/.exec(text)?.[0] : `${status} ${method}`}`
}
const isNews = (line: string) => !line.startsWith('< 100') && !line.startsWith('> 100')

/** From the file that `-trace_msg` writes. */
function talkOfSipp(file: string): Talk {
  const seen = new Set<string>()
  const messages = readFileSync(join(folder, file), 'utf8').matchAll(
    /^UDP message (sent|received)[^\n]*\n\n([^]*?)(?=\n-{20,}|$(?![^]))/gm,
  )
  return [...messages].flatMap(([, way, text = '']) => {
    const key = `${way} ${text}`
    if (seen.has(key)) return []
    seen.add(key)
    const line = lineOf(way === 'sent', text)
    return isNews(line) ? [line] : []
  })
}

/** Two SIPps call each other. @returns what the one under `name` said and heard */
async function betweenSipps(caller: string, called: string, name: string, port: number): Promise<Talk> {
  const args = (file: string, own: number) => [
    '-t',
    'u1',
    '-i',
    ADDRESS,
    '-p',
    String(own),
    '-m',
    '1',
    '-d',
    '100',
    '-nd',
    '-trace_msg',
    '-message_file',
    join(folder, file),
  ]
  const other = sipp({ builtIn: called }, args(`${name}-called`, port))
  await listens(port, 'udp')
  const own = sipp({ builtIn: caller }, [...args(`${name}-caller`, port + 1), '-s', 'ua2', `${ADDRESS}:${port}`])
  await Promise.all([own.ended, other.ended])
  return talkOfSipp(`${name}-${name === caller ? 'caller' : 'called'}`)
}

/** Without registrations, and without what the target refused with a challenge. */
function talkOfDevice(arrows: readonly LadderArrow[], device: string): Talk {
  const talk = arrows
    .filter(({ kind, again, from, to }) => kind === 'sip' && again !== true && (from === device || to === device))
    .map(({ from, message = '' }) => lineOf(from === device, message))
    .filter((line) => isNews(line) && !line.includes('REGISTER'))
  return talk.filter((line, at) => {
    const method = line.slice(2)
    const isRefused = line.startsWith('> ') && talk[at + 1] === `< 407 ${method}`
    const isChallenge = line.startsWith('< 407')
    const isItsAck = line === '> ACK' && talk[at - 1] === '< 407 INVITE'
    return !isRefused && !isChallenge && !isItsAck
  })
}

async function imported(name: string): Promise<{ readonly verdict: string; readonly talk: Talk }> {
  const { text, id } = importSipp(builtIn(name), { file: `${name}.xml` })
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const scenarios = await loaded({ 'one.ts': text })
  const outcome = await runConformance({ scenarios, document, stages, selection: { only: [id], slow: true } })
  const [result] = outcome.scenarios
  const { arrows = [], lanes = [] } = result?.ladder ?? {}
  return {
    verdict: result?.verdict ?? 'none',
    talk: talkOfDevice(arrows, lanes.includes('called') && /uas|3pcc-[AB]$/.test(name) ? 'called' : 'caller'),
  }
}

const PAIRS = [
  { name: 'uac', caller: 'uac', called: 'uas', port: 23_010 },
  { name: 'uas', caller: 'uac', called: 'uas', port: 23_020 },
  { name: 'regexp', caller: 'regexp', called: 'uas', port: 23_030 },
  { name: '3pcc-A', caller: 'uac', called: '3pcc-A', port: 23_040 },
]

describe.skipIf(!hasSipp)("SIPp's own scenarios", () => {
  const talks = new Map<string, Talk>()
  // Most of their time is SIPp's waiting for what might be repeated.
  beforeAll(async () => {
    await Promise.all(
      PAIRS.map(async ({ name, caller, called, port }) =>
        talks.set(name, await betweenSipps(caller, called, name, port)),
      ),
    )
  })

  it.for(PAIRS)('$name says and hears the same', async ({ name }, { expect }) => {
    const old = talks.get(name) ?? []
    const now = await imported(name)
    expect(now.verdict).toBe('pass')
    expect(old.length).toBeGreaterThan(4)
    expect(now.talk).toEqual(old)
  })
})
