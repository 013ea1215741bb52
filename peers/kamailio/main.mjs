// Kamailio with five rtpengines, coturn, dnsmasq and chronyd on loopback addresses, as ordinary processes.
import { join } from 'node:path'
import { makeCertificates } from '../lib/certificates.mjs'
import { command } from '../lib/command.mjs'
import { domain, here, ipv4, ipv6, runFolder, secure, sipPort, sipsPort } from './layout.mjs'
import { kamailio, needed, surroundings } from './programs.mjs'

command({
  folder: runFolder,
  script: join(here, 'run'),
  needed,
  launch: async (servers) => {
    await Promise.all([servers.start(surroundings(runFolder)), makeCertificates(runFolder, [secure, domain])])
    await servers.start([kamailio(runFolder)])
  },
  ready: `Kamailio for ${domain} on ${ipv4} and [${ipv6}], port ${sipPort} (UDP, TCP) and ${sipsPort} (TLS)`,
})
