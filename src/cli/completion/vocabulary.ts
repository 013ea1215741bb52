/** The words that completion knows beside commands and options: ids of scenarios, faults, profiles. Those of one's own are not among them. */
import { loadProfiles } from '../../load/profiles.js'
import { idsOf, loadCatalogue } from '../explain/catalogue.js'
import { FAIL_ON } from '../options.js'
import type { Vocabulary } from './tree.js'

export async function loadVocabulary(): Promise<Vocabulary> {
  const catalogue = await loadCatalogue()
  const distinct = (words: readonly string[]) => [...new Set(words)].toSorted()
  return {
    scenarios: distinct(catalogue.scenarios.map(({ definition }) => definition.id)),
    faults: distinct(catalogue.faults.map(({ name }) => name)),
    profiles: distinct(loadProfiles().map(({ name }) => name)),
    explained: distinct(idsOf(catalogue)),
    failing: FAIL_ON,
  }
}
