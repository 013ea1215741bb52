/** Reports on several faults at once: the gravest first, and one card for each. `RINGPROOF_SETS=100` tries more sets. */
import { expect, it } from 'vitest'
import { concludedWith } from './cards.js'
import { complaintsAbout, randomSets } from './cards-of-faults.js'
import { allScenarios, inFirstVariant } from './detection.js'

const sets = Number(process.env['RINGPROOF_SETS'] ?? 3)
const ENOUGH = 0.9

it(`of ${sets} random sets of five faults, the gravest is first and each has one card in ${ENOUGH * 100} %`, async () => {
  const scenarios = inFirstVariant(await allScenarios())
  const bad: string[] = []
  for (const set of randomSets(sets, 5, 'five faults')) {
    // oxlint-disable-next-line no-await-in-loop -- each takes all of a core
    const complaints = complaintsAbout(set, await concludedWith(scenarios, set))
    if (complaints.length > 0) bad.push(`${set.join(' + ')}: ${complaints.join('; ')}`)
  }
  process.stdout.write(`${sets - bad.length} of ${sets} sets as they should be\n${bad.join('\n')}\n`)
  expect(bad.length, bad.join('\n')).toBeLessThanOrEqual(sets * (1 - ENOUGH))
}, 3_600_000)
