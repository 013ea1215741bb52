/** Writes scenarios/detection.json anew: `npx vitest run --project virtual --mode record`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { it } from 'vitest'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { allScenarios, inFirstVariant, runVirtually, turnedRed } from './detection.js'

it('records which scenarios catch which faults', async () => {
  const scenarios = inFirstVariant(await allScenarios())
  const caught: Record<string, string[]> = Object.fromEntries(scenarios.map(({ definition }) => [definition.id, []]))
  for (const fault of faultCatalogue) {
    for (const id of turnedRed(await runVirtually(scenarios, [fault.name])).keys()) caught[id]?.push(fault.name)
  }
  writeFileSync(
    fileURLToPath(new URL('../../scenarios/detection.json', import.meta.url)),
    `${JSON.stringify(caught, null, 2)}\n`,
  )
}, 600_000)
