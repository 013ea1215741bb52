/** Each recorded pair of a fault and a scenario that notices it is one that the fault declares: see `matrix.ts` for the pairs that are tried. */
import { expect, it } from 'vitest'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { allScenarios, recorded } from './detection.js'

const all = await allScenarios()

it.each(faultCatalogue.map((fault) => [fault.name, fault] as const))(
  '%s declares a purpose of every scenario that is recorded to notice it',
  (name, { mayTurnRed }) => {
    const allowed = new Set<string>(mayTurnRed)
    const purposesOf = (id: string) => all.find(({ definition }) => definition.id === id)?.definition.purposes ?? []
    const noticing = Object.entries(recorded).flatMap(([id, faults]) => (faults.includes(name) ? [id] : []))
    // What a survey finds keeps any scenario from deciding.
    const undeclared = noticing.filter((id) => !purposesOf(id).some((purpose) => allowed.has(purpose)))
    expect(allowed.has('SURVEY') ? [] : undeclared).toEqual([])
  },
)

it('names faults of the catalogue, and no others', () => {
  const known = new Set<string>(faultCatalogue.map(({ name }) => name))
  const unknown = Object.entries(recorded).flatMap(([id, faults]) =>
    faults.filter((name) => !known.has(name)).map((name) => `${id}: ${name}`),
  )
  expect(unknown).toEqual([])
})
