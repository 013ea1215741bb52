import { describe, expect, it } from 'vitest'
import { type FaultName, faultCatalogue, rulesWith, timersWith } from '../../../src/provider/faults.js'
import { overridden, RIGHT_RULES, type Rules } from '../../../src/provider/rules/rules.js'
import { timerTable } from '../../../src/transaction/timers.js'

const TIMERS = timerTable()
/** `part.rule` and value of all that are not the right ones. */
function broken(names: readonly FaultName[]): [rule: string, value: unknown][] {
  const right = valuesOf(RIGHT_RULES)
  return [...valuesOf(rulesWith(names))].filter(([rule, value]) => !Object.is(value, right.get(rule)))
}

/** What JSON can say. */
const isPlain = (value: unknown): boolean => typeof value !== 'function' && value !== undefined

function valuesOf(rules: Rules): Map<string, unknown> {
  return new Map(
    Object.entries(rules).flatMap(([part, values]: [string, object]) =>
      Object.entries(values).map(([rule, value]: [string, unknown]) => [`${part}.${rule}`, value] as const),
    ),
  )
}

describe('the rules of the provider', () => {
  it('are the right ones without faults, in the same objects', () => {
    expect(rulesWith([])).toEqual(RIGHT_RULES)
    expect(timersWith([], TIMERS)).toEqual(TIMERS)
    const rules = rulesWith(['no-qop'])
    expect(rules.digest).not.toBe(RIGHT_RULES.digest)
    expect(rules.wire).toBe(RIGHT_RULES.wire)
  })

  it('every fault breaks something', () => {
    const idle = faultCatalogue.filter(
      ({ name }) =>
        broken([name]).length === 0 && JSON.stringify(timersWith([name], TIMERS)) === JSON.stringify(TIMERS),
    )
    expect(idle.map(({ name }) => name)).toEqual([])
  })

  it('no two faults break the same in the same way', () => {
    const seen = new Map<string, FaultName>()
    for (const { name } of faultCatalogue) {
      const told = JSON.stringify(broken([name]), (_, value: unknown) => (isPlain(value) ? value : String(value)))
      const key = `${told} ${JSON.stringify(timersWith([name], TIMERS))}`
      expect(seen.get(key), `${name} is the same as another`).toBeUndefined()
      seen.set(key, name)
    }
  })

  it('faults add up, whatever their order', () => {
    const both = ['2xx-not-repeated', 'no-allow'] as const
    expect(broken(both).map(([rule]) => rule)).toEqual(['service.tellsAllow', 'service.repeats2xx'])
    expect(rulesWith(both)).toEqual(rulesWith(both.toReversed()))
    expect(timersWith(['invite-not-resent', 'gives-up-early'], TIMERS)).toMatchObject({
      A: Number.POSITIVE_INFINITY,
      B: 8 * TIMERS.T1,
      F: 8 * TIMERS.T1,
    })
  })

  it('values that are not overridden stay', () => {
    const { registrar } = overridden(RIGHT_RULES, { registrar: { isAtomic: false } })
    expect(registrar).toEqual({ ...RIGHT_RULES.registrar, isAtomic: false })
  })
})
