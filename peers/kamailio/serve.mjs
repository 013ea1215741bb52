// Starts and stops Kamailio with everything around it, in one configuration or another.
import { join } from 'node:path'
import { makeCertificates } from '../lib/certificates.mjs'
import { command } from '../lib/command.mjs'
import { domain, here, ipv4, ipv6, runFolder, secure, sipPort, sipsPort } from './layout.mjs'
import { kamailio, needed, surroundings } from './programs.mjs'
import { loseServer, regainServer } from './lost-server.mjs'

/** @param options of `kamailio`; `script`: the name of the script that the command line called; `but`: what is different, in words */
export function serve({ script, but = '', ...options }) {
  command({
    folder: runFolder,
    script: join(here, script),
    needed,
    launch: async (servers) => {
      await Promise.all([servers.start(surroundings(runFolder)), makeCertificates(runFolder, [secure, domain])])
      await servers.start([kamailio(runFolder, options)])
    },
    // It keeps nothing on disk. The services behind it, which do, and relays, names and time go on.
    restart: (servers) => servers.restart(kamailio(runFolder, options)),
    lose: loseServer,
    regain: regainServer,
    ready: `Kamailio for ${domain} on ${ipv4} and [${ipv6}], port ${sipPort} (UDP, TCP) and ${sipsPort} (TLS)${but}`,
  })
}
