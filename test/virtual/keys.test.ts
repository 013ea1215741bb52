/** Keys by other ways than RFC 4733, at modules that take them and such that do not. */
import { expect, it } from 'vitest'
import type { TargetDocument } from '../../src/target/target-file.js'
import { allScenarios } from './detection.js'
import { type Disguise, runDisguised } from './disguise.js'
import { answersItself } from './middlebox.js'

type Dtmf = TargetDocument['services']['dtmf']
const saying = (dtmf: Dtmf) => (document: TargetDocument) => ({
  ...document,
  services: { ...document.services, dtmf },
})
const all = await allScenarios()

async function verdictOf(id: string, disguise: Disguise) {
  const scenarios = all.filter(({ definition }) => definition.id === id)
  const { scenarios: told, notRun } = await runDisguised(scenarios, { confirms: false, ...disguise })
  return told[0]?.verdict ?? notRun[0]?.kind
}

const refusing = (status: number) => () => answersItself((request) => (request.method === 'INFO' ? status : undefined))
const ignoring = { faults: ['info-keys-ignored'] } as const

it.each<[string, string, Disguise, string]>([
  [
    'that rejects INFO with 415, as its operator says nothing of',
    'dtmf/info',
    { box: refusing(415), says: saying(undefined) },
    'unsupported',
  ],
  ['that rejects INFO with 501', 'dtmf/info', { box: refusing(501), says: saying({}) }, 'unsupported'],
  ['that rejects INFO although its operator says that it takes it', 'dtmf/info', { box: refusing(415) }, 'fail'],
  ['that is busy when an INFO comes', 'dtmf/info', { box: refusing(503), says: saying(undefined) }, 'inconclusive'],
  ['that takes INFO, and whose operator does not say so', 'dtmf/info', { says: saying(undefined) }, 'pass'],
  ['that answers INFO and ignores it', 'dtmf/info', { options: ignoring, says: saying(undefined) }, 'warn'],
  [
    'that answers INFO and hears no keys at all',
    'dtmf/info',
    { options: { faults: ['info-keys-ignored', 'menu-deaf-to-events'] }, says: saying(undefined) },
    'inconclusive',
  ],
  [
    'that takes telephone-events alone, by the file',
    'dtmf/info',
    { says: saying({ keys: ['telephone-event'] }) },
    'target file',
  ],
  ['whose operator does not say that it hears tones', 'dtmf/in-band', { says: saying(undefined) }, 'target file'],
])('a module %s: %s', async (_, id, disguise, verdict) => {
  expect(await verdictOf(id, disguise)).toBe(verdict)
})
