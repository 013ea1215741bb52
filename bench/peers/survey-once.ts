/** One survey in virtual time, in a process of its own; prints the CPU seconds that it took. */
import { cpuUsage } from 'node:process'
import { survey } from '../../src/survey/survey.js'
import { allOf } from '../../src/survey/survey-needs.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'

const { stages, document } = await virtualStages({ seed: 1, faults: [] })
const before = cpuUsage()
const { result } = await stages.on('survey', (world) => survey({ world, startMs: 0, needs: allOf(document) }))
const { user, system } = cpuUsage(before)
if (result.vitalSigns.length === 0 || result.vitalSigns.some(({ verdict }) => verdict !== 'pass'))
  throw new Error('the survey did not pass')
console.log((user + system) / 1e6)
