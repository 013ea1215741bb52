import './lib/node-version.mjs'
import { readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { at } from './lib/paths.mjs'
import { keepProfile, profilesPage, reportsOf } from './lib/profiles-page.mjs'
import { endWithSignals, run } from './lib/run.mjs'
import { ensurePeers } from './lib/system.mjs'
import { setUp } from './lib/set-up.mjs'

// Every load profile of the package against Kamailio with five rtpengines, for ten minutes each: RTP and SRTP, both families. What they
// came to, with the curves of their reports, stands in docs/profiles.md afterwards. Reports stay under reports/profiles/.
const FOR = '10m'
/** Numbers that two cores carry beside the target: a profile is shown here, not a limit. */
const PROFILES = {
  smoke: '',
  load: '--calls 60 --rate 4 --hold 30',
  stress: '--rate 4 --hold 10',
  spike: '--rate 8 --hold 6',
  soak: '--calls 50 --hold 40',
  breakpoint: '--calls 160 --rate 24 --hold 15',
  failover: '--rate 3 --hold 5',
  'registration-storm': '--rate 2 --hold 10',
  flapping: '--rate 3 --hold 5',
  scenarios: '--rate 1',
}
/** These end when they have found what they look for. */
const OPEN_END = ['smoke', 'breakpoint']
/** Between accounts: what the services send through a relay is not ours to count. */
const WAYS = '--transport udp,tls --family ipv4,ipv6 --to account'
/** What is taken away from `failover`. */
const RELAY = {
  address: '127.1.0.158',
  fromMs: 120_000,
  forMs: 60_000,
  told: 'relay-3 stands still (SIGSTOP) from the second minute to the third',
}

const { values } = parseArgs({
  options: {
    /** How long each lasts. */
    duration: { type: 'string', default: FOR },
    /** Only these. */
    only: { type: 'string', multiple: true, default: [] },
    target: { type: 'string', default: at('targets', 'kamailio.yaml') },
  },
})
const names = Object.keys(PROFILES).filter((name) => values.only.length === 0 || values.only.includes(name))
if (names.length === 0) {
  console.error(`--only needs one of ${Object.keys(PROFILES).join(', ')}`)
  process.exit(2)
}

endWithSignals()
await setUp()
const missing = await ensurePeers()
if (missing !== undefined) console.error(missing)

for (const name of names) {
  const folder = reportsOf(name)
  rmSync(folder, { recursive: true, force: true })
  const options = [
    PROFILES[name],
    OPEN_END.includes(name) ? '' : `--duration ${values.duration}`,
    name === 'scenarios' ? '' : WAYS,
  ]
  const command = options
    .join(' ')
    .split(' ')
    .filter((word) => word !== '')
  const line = `ringproof load --profile ${[name, ...command].join(' ')}`
  console.log(`\n${line}`)
  const ended = new AbortController()
  const away = name === 'failover' ? takeAway(ended.signal) : undefined
  const args = [
    at('bin', 'ringproof.mjs'),
    'load',
    '--target',
    values.target,
    '--profile',
    name,
    ...command,
    '--out',
    folder,
    '--quiet',
  ]
  const { code } = await run(process.execPath, args, { show: true })
  ended.abort()
  await away
  // Where something is taken away, thresholds are crossed.
  if (code !== 0 && away === undefined) process.exitCode ||= 1
  await keepProfile(name, { command: line, ...(away === undefined ? {} : { standsStill: RELAY.told }) })
}
writeFileSync(at('docs', 'profiles.md'), profilesPage(Object.keys(PROFILES)))

/** A relay does not answer any more (SIGSTOP), and goes on a minute later. */
async function takeAway(over) {
  const wait = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      over.addEventListener('abort', () => (clearTimeout(timer), resolve()))
    })
  await wait(RELAY.fromMs)
  const pid = pidOf(RELAY.address)
  if (pid === undefined || over.aborted) return
  process.kill(pid, 'SIGSTOP')
  await wait(RELAY.forMs)
  process.kill(pid, 'SIGCONT')
}

/** One in another network namespace has nothing to do with this load. */
function pidOf(address) {
  const network = readlinkSync('/proc/self/ns/net')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'latin1')
        return words.includes('rtpengine') && words.includes(address) && readlinkSync(`/proc/${pid}/ns/net`) === network
      } catch {
        return false
      }
    })
}
