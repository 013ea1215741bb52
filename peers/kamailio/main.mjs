// Kamailio with five rtpengines, coturn, dnsmasq and chronyd on loopback addresses, as ordinary processes.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { makeCertificates } from './certificates.mjs'
import { domain, ipv4, ipv6, runFolder, sipPort, sipsPort } from './layout.mjs'
import { livingOwner, Servers, stopAll } from './processes.mjs'
import { kamailio, needed, surroundings } from './programs.mjs'

const USAGE = 2
const NOT_INSTALLED = 5

const verbs = { start, stop, check }
const verb = process.argv[2] ?? ''
if (!Object.hasOwn(verbs, verb) || process.argv.length > 3) {
  console.error('usage: run start | run stop | run check')
  process.exit(USAGE)
}
// Debian keeps servers here, where an ordinary user's PATH may not look.
process.env.PATH = [process.env.PATH, '/usr/sbin', '/sbin'].filter(Boolean).join(delimiter)
verbs[verb]().catch((error) => {
  console.error(error.message.replaceAll('\n', ' '))
  process.exit(1)
})

async function start() {
  await check()
  const owner = livingOwner()
  if (owner) throw new Error(`the servers are in use by process ${owner.pid}; wait until it ends, or stop it`)
  await stopAll()
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])
    process.once(signal, () => void stopAll().finally(() => process.exit(code)))

  const servers = new Servers()
  try {
    await Promise.all([servers.start(surroundings(runFolder)), makeCertificates(runFolder)])
    await servers.start([kamailio(runFolder)])
    servers.settle()
  } catch (error) {
    await stopAll()
    if (/could not find module|load_module/.test(error.message)) notInstalled(error.message)
    throw error
  }
  console.log(
    `ready: Kamailio for ${domain} on ${ipv4} and [${ipv6}], port ${sipPort} (UDP, TCP) and ${sipsPort} (TLS)`,
  )
}

async function stop() {
  const owner = livingOwner()
  // Only with ringproof as the asker: a person at a terminal means what they type.
  if (owner && process.env.RINGPROOF_PID) {
    console.log(`left alone: the servers are in use by process ${owner.pid}`)
    return
  }
  await stopAll()
  console.log('stopped')
}

/** Is everything installed? */
async function check() {
  const missing = needed.filter(({ executable }) => !isInstalled(executable))
  if (missing.length > 0) notInstalled(`not installed: ${missing.map(({ executable }) => executable).join(', ')}`)
}

/** The last line is the command that helps, for all packages, since one may be there without the others. */
function notInstalled(why) {
  const packages = needed.flatMap((one) => one.packages).join(' ')
  console.error(`${why}\nsudo apt-get install --no-install-recommends ${packages}`)
  process.exit(NOT_INSTALLED)
}

function isInstalled(executable) {
  return process.env.PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, executable), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
