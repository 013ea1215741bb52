/** Other servers, and other configurations of one: what a run says of them is known, check by check. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../src/result/result.js'
import { loadTarget } from '../../src/target/target-file.js'
import { endTurn, takeTurn } from './kamailio.js'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

interface Peer {
  /** Of its target file. */
  readonly name: string
  /** What starts it. */
  readonly script: string
  /** What of the suite is run here; `npm run peers` runs all of it. */
  readonly only: readonly string[]
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** Scenarios that it leaves undecided, and why that is right. */
  readonly undecided: Readonly<Record<string, RegExp>>
  /** How many scenarios pass at the least. */
  readonly passes: number
  /** Does it share its addresses with Kamailio? */
  readonly sharesAddresses: boolean
  /** How audio goes between two telephones, where that is looked at. */
  readonly audio?: 'directly' | 'over relays'
}

const peers: readonly Peer[] = [
  {
    name: 'ejabberd',
    script: 'peers/ejabberd/run',
    only: ['registrar/*', 'digest/*', 'proxy/*', 'media/two-way'],
    transport: 'udp',
    undecided: {
      // It does not CANCEL the telephones that did not answer: proxy/fork-losers is where that fails.
      'proxy/fork-both-answer': /no CANCEL came/,
      'proxy/fork-missed': /no CANCEL came/,
      'registrar/same-address': /rejected with 404/,
      'registrar/star-clears': /rejected with 404/,
    },
    passes: 25,
    sharesAddresses: false,
    audio: 'directly',
  },
  {
    name: 'sippy',
    script: 'peers/sippy/run',
    only: ['dialog/*', 'proxy/*', 'ipv6/*', 'media/*'],
    transport: 'udp',
    undecided: {
      'dialog/transfer-failed': /not transferred|was not taken – nothing/,
      // Of two re-INVITEs that cross it passes the caller's on, and all is well, or the other, and no later one is answered.
      'dialog/hold-by-both': /is accepted later – no final answer/,
      // It does not know 100rel, and does not say so.
      'dialog/overlapping': /answered before/,
      'dialog/reliable-wrong-confirmation': /no reliable provisional response/,
      // Kamailio's processes work side by side: the 200 that follows a 180 at once may overtake it.
      'dialog/reliable-repeated': /no provisional response/,
    },
    passes: 25,
    sharesAddresses: true,
  },
  {
    name: 'kamailio-optional-srtp',
    script: 'peers/kamailio/run-optional-srtp',
    only: ['srtp/*', 'tls/*', 'media/*', 'ipv6/*'],
    transport: 'tls',
    undecided: {},
    passes: 25,
    sharesAddresses: true,
    audio: 'over relays',
  },
]

describe.each(peers)('$name', (peer) => {
  const script = at(peer.script)
  const check = spawnSync(script, ['check'], { encoding: 'utf8' })
  const missing = check.status === 0 ? undefined : check.stderr.trim()
  if (missing && process.env['CI']) throw new Error(`${peer.name} cannot be started: ${missing}`)
  if (missing) console.log(`${peer.name} cannot be started, its test is skipped: ${missing}`)

  it.skipIf(missing)('has the deviations that are known, and no others', async (test) => {
    if (peer.sharesAddresses) {
      await takeTurn()
      test.onTestFinished(endTurn)
    }
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-peer-'))
    test.onTestFinished(() => rmSync(folder, { recursive: true }))
    const target = at(`targets/${peer.name}.yaml`)
    const selection = [...peer.only.flatMap((one) => ['--only', one]), '--transport', peer.transport]
    const args = ['run', '--target', target, '--seed', '1', '--quiet', '--out', folder, ...selection]
    const { stdout, stderr, status } = spawnSync(process.execPath, [at('bin/ringproof.mjs'), ...args], {
      encoding: 'utf8',
    })
    const said = `${stdout}${stderr}`
    expect(existsSync(join(folder, 'result.json')), said).toBe(true)
    const result: RunResult = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))
    const all = [...(result.survey?.vitalSigns ?? []), ...result.scenarios]
    const having = (verdict: string) => all.filter((one) => one.verdict === verdict)
    expect([said, having('fail').map(({ id }) => id), having('error').map(({ id }) => id)]).toEqual([said, [], []])
    const unexpected = having('inconclusive').filter(({ id, reason }) => !peer.undecided[id]?.test(reason))
    expect(unexpected.map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
    expect(having('pass').length).toBeGreaterThan(peer.passes)
    const drawn = result.scenarios.flatMap(({ id, ladder }) => (id === 'media/two-way' ? (ladder?.arrows ?? []) : []))
    const ways = new Set(drawn.flatMap(({ kind, direct }) => (kind === 'rtp' ? [direct === true] : [])))
    if (peer.audio !== undefined) expect([...ways]).toEqual([peer.audio === 'directly'])
    const failing = result.findings.filter(({ severity }) => severity === 'fail').map(({ id }) => id)
    expect([said, failing, status]).toEqual([said, [], 0])
  })
})

it('Kamailio with optional SRTP is Kamailio otherwise', () => {
  const { description: _other, launch, media, ...rest } = loadTarget(at('targets/kamailio-optional-srtp.yaml'))
  const {
    description: _usual,
    launch: usualLaunch,
    media: usualMedia,
    ...usual
  } = loadTarget(at('targets/kamailio.yaml'))
  expect(rest).toEqual(usual)
  expect({ ...usualMedia, srtpOn: {} }).toEqual(media)
  expect(launch).toBe(`${usualLaunch}-optional-srtp`)
})

it.each(['ejabberd', 'asterisk'])(
  '%s has the accounts, addresses and ports that its target file tells',
  async (name) => {
    const target = loadTarget(at(`targets/${name}.yaml`))
    const layout = await import(new URL(`../../peers/${name}/layout.mjs`, import.meta.url).href)
    const { ipv4: host, domain, sipPort, sipsPort: port } = layout
    expect(target.accounts.map(({ user, password }) => ({ user, password }))).toEqual(layout.accounts)
    expect(target.domain).toBe(domain)
    const ca = join(layout.runFolder, 'ca.pem')
    expect(target.endpoints).toMatchObject({
      udp: { host, port: sipPort },
      tcp: { host, port: sipPort },
      tls: { host, port, domain, ca },
    })
  },
)
