/**
 * Prints what a report would say of planted faults, for those who write causes and follow-ups of rules:
 * `FAULTS='relay-one-way no-tcp' npx vitest run --project virtual --mode cards`. Faults joined by `+` are planted together.
 * Without FAULTS each fault of the catalogue is planted alone. With `NOTICING=1` only those scenarios are run that are recorded to notice
 * them, which takes minutes instead of an hour.
 */
import { it } from 'vitest'
import { type FaultName, faultCatalogue } from '../../src/provider/embedded-provider.js'
import { cardInWords, concludedWith } from './cards.js'
import { allScenarios, inFirstVariant, recorded } from './detection.js'

const named = (process.env['FAULTS'] ?? '').split(' ').filter((name) => name !== '')
const sets = named.length > 0 ? named : faultCatalogue.map(({ name }) => name)

it('prints the cards', async () => {
  const all = inFirstVariant(await allScenarios())
  for (const set of sets) {
    const faults = set.split('+').map((name): FaultName => {
      const fault = faultCatalogue.find((one) => one.name === name)
      if (fault === undefined) throw new Error(`there is no fault ${name}`)
      return fault.name
    })
    const isNoticing = (id: string) => faults.some((fault) => recorded[id]?.includes(fault))
    const scenarios = process.env['NOTICING'] === '1' ? all.filter(({ definition }) => isNoticing(definition.id)) : all
    // oxlint-disable-next-line no-await-in-loop -- each takes all of a core
    const { findings, sentence, exitCode } = await concludedWith(scenarios, faults)
    const cards = findings.filter(({ severity }) => severity !== 'info')
    process.stdout.write(
      `== ${set}: exit ${exitCode}, ${cards.length} cards\n  ${sentence}\n${cards.map(cardInWords).join('\n')}\n`,
    )
  }
}, 3_600_000)
