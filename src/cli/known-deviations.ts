/** The file of known deviations: the option --known, or the target file's own. */
import type { LoadedScenario } from '../runner/plan.js'
import { variantKey } from '../scenario/facts.js'
import { variantsOf } from '../scenario/scenario.js'
import type { TargetDocument } from '../target/target-file.js'
import type { KnownDeviations } from '../verdict/facts.js'

/** The name of the target that there is without --target. */
const EMBEDDED = 'embedded'

/**
 * Reads it and holds it against the target, the scenarios and the standing checks; undefined where there is none.
 * @throws TargetFileError where it is wrong, or about another target
 */
export async function knownDeviationsOf(
  named: string | undefined,
  document: Pick<TargetDocument, 'name' | 'knownDeviations'> | undefined,
  scenarios: () => readonly LoadedScenario[] | Promise<readonly LoadedScenario[]>,
): Promise<KnownDeviations | undefined> {
  const file = named ?? document?.knownDeviations
  if (file === undefined) return undefined
  // Loaded when they are needed, so that help and lists come at once.
  const { loadKnownDeviations } = await import('../target/known-deviations.js')
  const known = (await scenarios()).map(({ definition }) => ({
    id: definition.id,
    checks: Object.keys(definition.rules),
    variants: variantsOf(definition).map(variantKey),
  }))
  const { STANDING_CHECKS } = await import('../examiner/standing-checks.js')
  const standing = STANDING_CHECKS.map(({ id }) => id)
  return loadKnownDeviations(file, document ?? { name: EMBEDDED }, { scenarios: known, standing })
}
