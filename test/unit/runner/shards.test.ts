import { describe, expect, it } from 'vitest'
import { accountsNeeded } from '../../../src/runner/account-pool.js'
import { dealt } from '../../../src/runner/shards.js'
import { allScenarios } from '../../virtual/detection.js'
import { sampleTarget } from '../target/sample.js'

const scenarios = await allScenarios()
const numbers = (of: number) => Array.from({ length: of }, (_, index) => index + 1)
const phones = (many: number) => Array.from({ length: many }, (_, index) => ({ user: `u${index}`, password: 'p' }))
const target = (many: number) =>
  sampleTarget({
    accounts: [
      ...phones(many),
      { user: 'trunk', password: 'p', roles: ['trunk'] },
      { user: 'agent', password: 'p', roles: ['queue-agent'] },
    ],
  })
const parts = (of: number, document: ReturnType<typeof target> | undefined) =>
  numbers(of).map((index) => dealt(scenarios, { index, of }, { selection: {}, document }))
const ids = (some: readonly { definition: { id: string } }[]) => some.map(({ definition }) => definition.id)

describe.each([2, 3, 5])('%d parts', (of) => {
  it('have each scenario once, in its order', () => {
    const all = parts(of, target(60)).map((part) => ids(part.scenarios))
    expect(all.flat().toSorted()).toEqual(ids(scenarios).toSorted())
    for (const one of all) expect(one).toEqual(ids(scenarios).filter((id) => one.includes(id)))
  })

  it('have each account once, with those of a role where the scenarios are that need it', () => {
    const document = target(60)
    const all = parts(of, document)
    const users = all.map((part) => (part.document?.accounts ?? []).map(({ user }) => user))
    expect(users.flat().toSorted()).toEqual(document.accounts.map(({ user }) => user).toSorted())
    for (const { scenarios: own, document: part, warning } of all) {
      expect(warning).toBeUndefined()
      for (const { definition } of own) {
        for (const [role, count] of accountsNeeded(definition)) {
          const wanted = document.accounts.filter(({ roles }) => roles.includes(role)).length >= count ? count : 0
          const have = part?.accounts.filter(({ roles }) => roles.includes(role)).length
          expect(have, `${role} for ${definition.id}`).toBeGreaterThanOrEqual(wanted)
        }
      }
    }
  })

  it('take about equally long', () => {
    const seconds = parts(of, target(60)).map(({ scenarios: own }) =>
      own
        .filter(({ definition }) => definition.seconds <= 40)
        .reduce((sum, { definition }) => sum + definition.seconds, 0),
    )
    expect(Math.max(...seconds)).toBeLessThan(1.5 * Math.min(...seconds))
  })
})

it('where there are too few accounts all parts keep all, and are told to run one after the other', () => {
  const document = target(4)
  for (const part of parts(3, document)) {
    expect(part.document?.accounts).toEqual(document.accounts)
    expect(part.warning).toMatch(
      /^.* has 4 accounts for any use, too few for 3 parts at a time: part \d needs \d of its own/,
    )
  }
})

it('without a target file the scenarios alone are dealt', () => {
  expect(parts(2, undefined).flatMap((part) => ids(part.scenarios)).length).toBe(scenarios.length)
})
