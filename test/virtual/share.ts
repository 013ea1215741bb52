/**
 * What `npm test` tries of the longer proofs: a share, chosen by name, so that it is the same on each machine and another one for each
 * fault, line or box. `npm run trust` (`RINGPROOF_MATRIX=all`) tries all.
 */
import type { LoadedScenario } from '../../src/runner/plan.js'
import { variantsOf } from '../../src/scenario/scenario.js'

export const isWhole = process.env['RINGPROOF_MATRIX'] === 'all'

/** Whether `text` is one of the `of`th part that is tried. */
export const isInShare = (of: number, text: string): boolean => isWhole || numberOf(text) % of === 0

/** Each `of`th scenario, others for each `salt`. */
export const shareOf = (of: number, scenarios: readonly LoadedScenario[], salt: string): readonly LoadedScenario[] =>
  scenarios.filter(({ definition: { id } }) => isInShare(of, `${id} ${salt}`))

/** Each scenario in one of its variants, not the same for all scenarios; in all of them where all is tried. */
export function inOneVariant(scenarios: readonly LoadedScenario[], salt: string): readonly LoadedScenario[] {
  if (isWhole) return scenarios
  return scenarios.map(({ definition, file }) => {
    const variants = variantsOf(definition)
    const chosen = numberOf(`${definition.id} ${salt}`) % variants.length
    return { file, definition: { ...definition, variants: variants.slice(chosen, chosen + 1) } }
  })
}

const numberOf = (text: string) =>
  Array.from(text).reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 65_521, 0)
