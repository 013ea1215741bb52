// What `run start`, `run stop`, `run check` and, where a peer knows it, `run restart` do.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { livingOwner, Servers, stopAll } from './processes.mjs'

const USAGE = 2
const NOT_INSTALLED = 5
const [INTERRUPT, TERMINATE, HANGUP] = [130, 143, 129]

/** Debian keeps servers here, where an ordinary user's PATH may not look. */
const path = () => [process.env.PATH, '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter)

/**
 * Carries out the command line's verb and ends the process.
 * @param peer `folder`: everything of a run, gone after `stop`. `script`: the path of `run`.
 *   `needed`: `[{ executable, packages }]`; the executable is a name, or a file by its whole path.
 *   `launch(servers)`: starts the programs. `ready`: the line that says where they are.
 *   `restart(servers)`: ends those that speak SIP and starts them anew; absent: `run restart` is not known.
 *   `lose(address)`, `regain(address)`: the SIP server at an address falls silent, and is back; absent: not known, either.
 *   `install`: a command that is needed besides Debian's packages.
 */
export function command(peer) {
  const verbs = { start, stop, check, ...(peer.restart && { restart }), ...(peer.lose && { lose, regain }) }
  const takesAddress = (verb) => verb === 'lose' || verb === 'regain'
  const verb = process.argv[2] ?? ''
  if (!Object.hasOwn(verbs, verb) || process.argv.length !== (takesAddress(verb) ? 4 : 3)) {
    const usage = Object.keys(verbs).map((known) => `run ${known}${takesAddress(known) ? ' ADDRESS' : ''}`)
    console.error(`usage: ${usage.join(' | ')}`)
    process.exit(USAGE)
  }
  process.env.PATH = path()
  verbs[verb](peer, process.argv[3]).catch((error) => {
    console.error(error.message.replaceAll('\n', ' '))
    process.exit(1)
  })
}

async function start(peer) {
  await check(peer)
  const owner = livingOwner(peer.folder)
  if (owner) throw new Error(`the servers are in use by process ${owner.pid}; wait until it ends, or stop it`)
  await stopAll(peer.folder)
  for (const [signal, code] of [
    ['SIGINT', INTERRUPT],
    ['SIGTERM', TERMINATE],
    ['SIGHUP', HANGUP],
  ])
    process.once(signal, () => void stopAll(peer.folder).finally(() => process.exit(code)))

  const servers = Servers.begin(peer.folder)
  try {
    await peer.launch(servers)
    servers.settle(peer.script)
  } catch (error) {
    await stopAll(peer.folder)
    if (/could not find module|load_module/.test(error.message)) notInstalled(peer, error.message)
    throw error
  }
  console.log(`ready: ${peer.ready}`)
}

async function restart({ folder, ready, restart: again }) {
  await again(ours(folder))
  console.log(`ready: ${ready}`)
}

async function lose({ folder, lose: silence }, address) {
  ours(folder)
  await silence(address)
  console.log(`lost: ${address}`)
}

async function regain({ folder, regain: bringBack }, address) {
  ours(folder)
  await bringBack(address)
  console.log(`ready: ${address}`)
}

/** @throws Error where there are none, or somebody else uses them */
function ours(folder) {
  const owner = livingOwner(folder)
  if (owner) throw new Error(`the servers are in use by process ${owner.pid}`)
  return Servers.found(folder)
}

async function stop({ folder }) {
  const owner = livingOwner(folder)
  // Only with ringproof as the asker: a person at a terminal means what they type.
  if (owner && process.env.RINGPROOF_PID) {
    console.log(`left alone: the servers are in use by process ${owner.pid}`)
    return
  }
  await stopAll(folder)
  console.log('stopped')
}

/** Is everything installed? */
async function check(peer) {
  const missing = peer.needed.filter(({ executable }) => !isInstalled(executable))
  if (missing.length > 0) notInstalled(peer, `not installed: ${missing.map(({ executable }) => executable).join(', ')}`)
}

/** The last line is the command that helps, for all packages, since one may be there without the others. */
function notInstalled({ needed, install }, why) {
  const packages = needed.flatMap((one) => one.packages)
  const apt = packages.length === 0 ? [] : [`sudo apt-get install --no-install-recommends ${packages.join(' ')}`]
  console.error(`${why}\n${[...apt, ...(install ? [install] : [])].join(' && ')}`)
  process.exit(NOT_INSTALLED)
}

function isInstalled(executable) {
  return process.env.PATH.split(delimiter).some((folder) => {
    try {
      if (executable.startsWith('/')) accessSync(executable)
      else accessSync(join(folder, executable), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
