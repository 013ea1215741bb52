// ejabberd with mod_sip, as registrar and proxy, in one Erlang process without distribution.
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from '../lib/certificates.mjs'
import { command } from '../lib/command.mjs'
import { sipAnswers } from '../lib/probes.mjs'
import { accounts, domain, here, ipv4, runFolder, sipPort, sipsPort } from './layout.mjs'

const control = '/usr/sbin/ejabberdctl'

command({
  folder: runFolder,
  script: join(here, 'run'),
  needed: [
    { executable: 'erl', packages: [] },
    { executable: control, packages: ['ejabberd'] },
    { executable: erlangLibrary('p1_sip'), packages: ['erlang-p1-sip'] },
    { executable: erlangLibrary('p1_stun'), packages: ['erlang-p1-stun'] },
    { executable: 'openssl', packages: ['openssl'] },
  ],
  launch: async (servers) => {
    await makeCertificates(runFolder, [domain])
    await servers.start([ejabberd(runFolder)])
  },
  ready: `ejabberd for ${domain} on ${ipv4}, port ${sipPort} (UDP, TCP) and ${sipsPort} (TLS)`,
})

function ejabberd(folder) {
  const at = (name) => join(folder, name)
  // The program wants key and chain in one file.
  copyFileSync(at('server-key.pem'), at('both.pem'))
  writeFileSync(at('both.pem'), readFileSync(at('server.pem')), { flag: 'a' })
  const own = `sip:${ipv4}:${sipPort};lr`
  const listener = { ip: ipv4, module: 'ejabberd_sip' }
  const configuration = {
    hosts: [domain],
    loglevel: 'warning',
    certfiles: [at('both.pem')],
    ca_file: at('ca.pem'),
    auth_method: 'internal',
    auth_password_format: 'plain',
    listen: [
      { ...listener, port: sipPort, transport: 'udp' },
      { ...listener, port: sipPort },
      { ...listener, port: sipsPort, tls: true },
    ],
    modules: {
      mod_sip: {
        always_record_route: true,
        record_route: own,
        routes: [own],
        via: [
          { type: 'udp', host: ipv4, port: sipPort },
          { type: 'tcp', host: ipv4, port: sipPort },
          { type: 'tls', host: ipv4, port: sipsPort },
        ],
      },
    },
  }
  // JSON is YAML.
  writeFileSync(at('ejabberd.yml'), JSON.stringify(configuration, undefined, 2))
  const register = accounts.map(({ user, password }) => `{<<"${user}">>,<<"${password}">>}`).join(',')
  return {
    name: 'ejabberd',
    executable: 'erl',
    args: [
      '-noinput',
      '-mnesia',
      'dir',
      `"${at('database')}"`,
      '-s',
      'ejabberd',
      '-eval',
      `[ok = ejabberd_auth:try_register(U, <<"${domain}">>, P) || {U, P} <- [${register}]].`,
    ],
    env: {
      HOME: folder,
      EJABBERD_CONFIG_PATH: at('ejabberd.yml'),
      EJABBERD_LOG_PATH: at('messages.log'),
      ERL_CRASH_DUMP: at('crash.dump'),
      ERL_LIBS: libraries(),
    },
    answers: () => sipAnswers({ addresses: [ipv4], sipPort, sipsPort, domain, secure: domain, folder }),
  }
}

/** Where the package keeps ejabberd's modules: a folder of the machine's architecture, which its script names. */
const libraries = () => /^ERL_LIBS='([^']+)'/m.exec(readFileSync(control, 'utf8'))?.[1] ?? '/usr/lib'

/** Where a library of Debian's is, by its name without version. */
function erlangLibrary(name) {
  const folder = '/usr/lib/erlang/lib'
  const found = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith(`${name}-`)) : undefined
  return join(folder, found ?? name)
}
