// Kamailio with its surroundings, and Sippy B2BUA behind it: Kamailio logs devices in and leads every call through Sippy and back.
import { join, relative } from 'node:path'
import { makeCertificates } from '../lib/certificates.mjs'
import { command } from '../lib/command.mjs'
import { udpAnswers } from '../lib/probes.mjs'
import * as front from '../kamailio/layout.mjs'
import { kamailio, needed, surroundings } from '../kamailio/programs.mjs'
import { environment, here, ipv4, sipPort } from './layout.mjs'

const program = join(environment, 'bin/b2bua_simple')
const shown = (path) => relative(process.cwd(), path) || '.'
const requirements = shown(join(here, 'requirements.txt'))

command({
  folder: front.runFolder,
  script: join(here, 'run'),
  needed: [...needed, { executable: program, packages: [] }],
  install: `python3 -m venv ${shown(environment)} && ${shown(environment)}/bin/pip install --no-deps -r ${requirements}`,
  launch: async (servers) => {
    const { runFolder, secure, domain } = front
    await Promise.all([
      servers.start([...surroundings(runFolder), sippy()]),
      makeCertificates(runFolder, [secure, domain]),
    ])
    await servers.start([kamailio(runFolder, { b2bua: { address: ipv4, port: sipPort } })])
  },
  ready: `Kamailio for ${front.domain} on ${front.ipv4} and [${front.ipv6}], with Sippy B2BUA on ${ipv4}:${sipPort} behind it`,
})

function sippy() {
  return {
    name: 'sippy',
    executable: program,
    args: ['-f', '-l', ipv4, '-p', String(sipPort), '-n', `${front.ipv4}:${front.sipPort}`],
    env: { SIPLOG_BEND: 'stderr', SIPLOG_LVL: 'ERR', PYTHONDONTWRITEBYTECODE: '1' },
    answers: () => udpAnswers({ address: ipv4, port: sipPort }),
  }
}
