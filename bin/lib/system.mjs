import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { ensureTool } from './install.mjs'
import { at } from './paths.mjs'
import { run } from './run.mjs'

/** An environment of Python's, with programs that read what is shipped for others. */
const LINTERS = at('.cache', 'linters')
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

/** Debian packages that the tests against real programs use. */
const packages = [
  'kamailio',
  'kamailio-tls-modules',
  'kamailio-utils-modules',
  'rtpengine-daemon',
  'coturn',
  'dnsmasq-base',
  'chrony',
  'flite',
  'ejabberd',
  'erlang-p1-sip',
  'erlang-p1-stun',
  'python3-venv',
  'sip-tester',
  'baresip-core',
  'linphone-cli',
  'tcpdump',
  'tshark',
  'sngrep',
  'file',
  'chromium',
  'libsrtp2-1',
  'openssl',
  'prometheus',
  'shellcheck',
  'iproute2',
  'iptables',
  'libxml2-utils',
  'mandoc',
  'zsh',
  'fish',
]

/**
 * Installs the programs that peers' tests start, where that can be done without asking: as root on Debian and its like.
 * What the packages would start as services is kept from starting.
 * @param {(line: string) => void} tell
 * @returns {Promise<string | undefined>} why some are missing, with the line that installs them
 */
export async function ensurePeers(tell = console.log) {
  const lacking = [
    await ensurePackages(tell),
    await ensureSippy(tell),
    await ensureNodes(tell),
    await ensureLinters(tell),
    await ensureActionlint(tell),
  ].filter((one) => one !== undefined)
  return lacking.length === 0 ? undefined : lacking.join('\n')
}

/** Sippy B2BUA is no package of Debian's: Python's, in an environment of its own. */
const ensureSippy = (tell) =>
  ensurePython(tell, {
    name: 'Sippy B2BUA',
    environment: at('.cache', 'sippy-venv'),
    program: 'b2bua_simple',
    requirements: at('peers', 'sippy', 'requirements.txt'),
  })

/** hadolint, and check-jsonschema with the schemas of CI servers. */
const ensureLinters = (tell) =>
  ensurePython(tell, {
    name: 'hadolint and check-jsonschema',
    environment: LINTERS,
    program: 'check-jsonschema',
    requirements: at('test', 'peers', 'linters', 'requirements.txt'),
  })

/** @param {{ name: string, environment: string, program: string, requirements: string }} wanted program: the last that is installed */
async function ensurePython(tell, { name, environment, program, requirements }) {
  if (existsSync(`${environment}/bin/${program}`)) return undefined
  tell(`Installing ${name} for the tests against real programs …`)
  const made = await run('python3', ['-m', 'venv', environment])
  const install = ['install', '-q', '--no-deps', '-r', requirements]
  const result = made.code === 0 ? await run(`${environment}/bin/pip`, install) : made
  if (result.code === 0) return undefined
  return `${name} could not be installed: ${result.output.trim().split('\n').at(-1)}`
}

/** A Go program, which the module proxy has. */
async function ensureActionlint(tell) {
  const program = `${LINTERS}/bin/actionlint`
  if (existsSync(program)) return undefined
  tell('Building actionlint for the tests …')
  const { code, output } = await run('go', ['install', ACTIONLINT], { env: { GOBIN: `${LINTERS}/bin` } })
  return code === 0
    ? undefined
    : `actionlint could not be built (go install ${ACTIONLINT}): ${output.trim().split('\n').at(-1)}`
}

/** Other versions of Node.js. */
async function ensureNodes(tell) {
  try {
    await ensureTool(at('test', 'peers', 'node'), at('.cache', 'nodes'), () =>
      tell('Installing other versions of Node.js for the tests …'),
    )
    return undefined
  } catch (error) {
    return `Other versions of Node.js could not be installed: ${error.message}`
  }
}

async function ensurePackages(tell) {
  if (!existsSync('/usr/bin/dpkg-query'))
    return 'This is not a Debian-based system: tests against real programs run only if these are installed.'

  const missing = await missingPackages()
  if (missing.length === 0) return undefined
  const line = `apt-get install ${missing.join(' ')}`
  const root = process.getuid?.() === 0
  if (!root) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not installed (as root: ${line})`

  tell(`Installing ${missing.join(', ')} for the tests against real programs …`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const update = await run('apt-get', ['update', '-q'], { env })
  const result = await withoutStartingServices(() =>
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing], { env }),
  )
  const left = await missingPackages()
  if (left.length === 0) return undefined
  const why = `${update.code === 0 ? '' : update.output}\n${result.output}`.trim().split('\n').at(-1)
  return `${left.join(', ')} could not be installed: ${why}`
}

async function missingPackages() {
  const { output } = await run('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages])
  const installed = output.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : []))
  return packages.filter((name) => !installed.includes(name))
}

// Debian's own way to say that an installation must start nothing: asked before each service, 101 forbids it.
async function withoutStartingServices(work) {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  const remove = () => ours && rmSync(policy, { force: true })
  process.once('exit', remove)
  try {
    return await work()
  } finally {
    remove()
    process.removeListener('exit', remove)
  }
}
