import { describe, expect, it } from 'vitest'
import { headline } from '../../../src/result/texts.js'
import { allScenarios } from '../../virtual/detection.js'

/** Words by which a text leans on one that a reader does not see: each rule stands alone in findings, JUnit and on the console. */
const LEANING =
  /^(?:and|or|nor|but|so|it|its|he|his|they|their|that|those|these|this|which|meanwhile|also|likewise)\b|^with the value|^each is\b|^it becomes/

describe('what scenarios say to readers', async () => {
  const scenarios = await allScenarios()
  const rules = scenarios.flatMap(({ definition: { id, rules: named } }) =>
    Object.entries(named).map(([key, { paraphrase }]) => ({ id, key, paraphrase })),
  )

  it('every rule can be read alone', () => {
    expect(rules.length).toBeGreaterThan(300)
    expect(rules.filter(({ paraphrase }) => LEANING.test(paraphrase))).toEqual([])
  })

  it('who notices what is said in sentences that can head a finding', () => {
    const harms = scenarios.flatMap(({ definition: { id, harm, rules: named } }) =>
      [harm, ...Object.values(named).flatMap((rule) => rule.harm ?? [])].map((text) => ({ id, text })),
    )
    expect(harms.filter(({ text }) => !/^\p{Lu}.*\.$/u.test(text) || headline(text).length > 180)).toEqual([])
  })

  it('no two rules of a scenario say the same', () => {
    const names = rules.map(({ id, paraphrase }) => `${id}: ${paraphrase}`)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('every rule is short enough for a line of the report', () => {
    expect(rules.filter(({ paraphrase }) => paraphrase.length > 120 || paraphrase.length < 12)).toEqual([])
  })
})
