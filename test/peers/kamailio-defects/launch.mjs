// Starts Kamailio and its relays with one planted defect: `RINGPROOF_DEFECT=NAME launch.mjs start`, and `stop`.
import { command } from '../../../peers/lib/command.mjs'
import { makeCertificates } from '../../../peers/lib/certificates.mjs'
import { domain, runFolder, secure } from '../../../peers/kamailio/layout.mjs'
import { kamailio, needed, surroundings } from '../../../peers/kamailio/programs.mjs'
import { defects, scriptOf } from './defects.mjs'
import { dropPackets, letPacketsPass } from './packet-filter.mjs'
import { planted } from './planted.mjs'

const defect = defects.find(({ name }) => name === process.env.RINGPROOF_DEFECT)
if (!defect) throw new Error(`no defect ${process.env.RINGPROOF_DEFECT}`)
const { certificate, programs } = planted(defect)
letPacketsPass(defect.drops ?? [])

command({
  folder: runFolder,
  script: scriptOf(defect),
  needed,
  launch: async (servers) => {
    const certificates = makeCertificates(runFolder, [secure, domain]).then(() => certificate(runFolder))
    await Promise.all([servers.start(programs(surroundings(runFolder), runFolder)), certificates])
    await servers.start(programs([kamailio(runFolder)], runFolder))
    dropPackets(defect.drops ?? [])
  },
  ready: `Kamailio with the defect ${defect.name}`,
})
