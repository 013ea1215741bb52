/**
 * `ringproof judge` on captures of scenarios: nothing is held against a provider that is well, and faults whose effect is in the capture are told.
 * `npm test` tries a share; `RINGPROOF_MATRIX=all` all.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { allScenarios, inFirstVariant } from './detection.js'
import { judgedRuns } from './judged.js'
import { isWhole, shareOf } from './share.js'

interface Table {
  /** What a clean provider's captures show because of what the scenario's own telephones do: which rules fail, and why. */
  readonly clean: Readonly<Record<string, { readonly ids: readonly string[]; readonly why: string }>>
  /** Of a fault, a scenario whose capture shows it, and the rule that says so. */
  readonly faults: Readonly<Record<string, { readonly scenario: string; readonly id: string }>>
}
const table: Table = JSON.parse(readFileSync(fileURLToPath(new URL('./judged.json', import.meta.url)), 'utf8'))
const scenarios = await allScenarios()

describe('captures of a provider without faults', () => {
  it(
    'show nothing wrong, but for what telephones of a scenario do on purpose',
    async () => {
      const tried = isWhole ? scenarios : inFirstVariant(shareOf(16, scenarios, 'judged'))
      const wrong = (await judgedRuns(tried, [])).flatMap(({ key, id, judged }) =>
        judged.findings
          .filter((one) => one.severity === 'fail' && table.clean[id]?.ids.includes(one.id) !== true)
          .map((one) => `${key}: ${one.id}: ${one.seen[0]?.text ?? one.title}`),
      )
      expect(wrong).toEqual([])
    },
    isWhole ? 1_200_000 : 60_000,
  )
})
