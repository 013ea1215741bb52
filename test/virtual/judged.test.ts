/**
 * `ringproof judge` on captures of scenarios: nothing is held against a provider that is well, and faults whose effect is in the capture are told.
 * `npm test` tries a share; `RINGPROOF_MATRIX=all` all.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readCapture } from '../../src/capture/read-capture.js'
import { judgeCapture } from '../../src/judge/judge.js'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { judgedRuns } from './judged.js'
import { isInShare, isWhole, shareOf } from './share.js'

interface Table {
  /** What a clean provider's captures show because of what the scenario's own telephones do: which rules fail, and why. */
  readonly clean: Readonly<Record<string, { readonly ids: readonly string[]; readonly why: string }>>
  /** Of a fault, a scenario whose capture shows it, and the rule that says so. */
  readonly faults: Readonly<
    Record<string, { readonly scenario: string; readonly id: string; readonly severity: string }>
  >
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

describe('captures of a provider with a fault', () => {
  const tried = faultCatalogue.flatMap(({ name }) => {
    const expected = table.faults[name]
    return expected === undefined || !isInShare(10, `judged ${name}`) ? [] : [{ name, ...expected }]
  })

  it.each(tried)(
    '$name shows in $scenario: $id',
    async ({ name, scenario, id, severity }) => {
      const some = inFirstVariant(scenarios.filter(({ definition }) => definition.id === scenario))
      const found = (await judgedRuns(some, [name])).flatMap(({ judged }) =>
        judged.findings.map((one) => `${one.severity} ${one.id}`),
      )
      expect(found).toContain(`${severity} ${id}`)
    },
    60_000,
  )

  it('names faults that there are', () => {
    const names = new Set<string>(faultCatalogue.map(({ name }) => name))
    expect(Object.keys(table.faults).filter((name) => !names.has(name))).toEqual([])
  })
})

describe('captures that begin in the middle, and lossy ones', () => {
  it(
    'hold nothing against anybody that the whole does not',
    async () => {
      const tried = inFirstVariant(isWhole ? scenarios : shareOf(24, scenarios, 'halved'))
      const wrong: string[] = []
      for (const { key, id, capture, judged } of await judgedRuns(tried, [])) {
        const whole = readCapture(capture)
        const known = new Set(judged.findings.filter(({ severity }) => severity === 'fail').map((one) => one.id))
        const cuts = [0.25, 0.5, 0.75].map((share) => ({
          how: `from ${share} on`,
          events: whole.events.slice(Math.floor(whole.events.length * share)),
        }))
        const holes = [7, 13, 29].map((nth) => ({
          how: `without each ${nth}th packet`,
          // Of streams the reader knows what is missing.
          events: whole.events.filter(({ kind }, index) => kind !== 'datagram' || index % nth !== nth - 1),
        }))
        for (const { how, events } of [...cuts, ...holes]) {
          const { findings } = judgeCapture({ ...whole, events, from: events[0]?.at ?? whole.from })
          for (const one of findings) {
            // A stream alone may be one that lost packets, or the capture one that dropped them.
            const isNew =
              one.severity === 'fail' &&
              one.id !== 'audio-quality' &&
              !known.has(one.id) &&
              table.clean[id]?.ids.includes(one.id) !== true
            if (isNew) wrong.push(`${key} ${how}: ${one.id}: ${one.seen[0]?.text ?? one.title}`)
          }
        }
      }
      expect(wrong).toEqual([])
    },
    isWhole ? 1_200_000 : 60_000,
  )
})
