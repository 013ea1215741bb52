import { describe, expect, it } from 'vitest'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { detectedOnSockets } from '../sockets/detected.js'
import { allScenarios, findingsOf, recorded, runVirtually } from './detection.js'

const scenarios = await allScenarios()

describe('the embedded provider without faults', () => {
  const areas = [...new Set(scenarios.map(({ definition }) => definition.area))]
  it.each(areas)('passes every scenario of %s in every variant, and the standing checks are silent', async (area) => {
    const outcome = await runVirtually(
      scenarios.filter(({ definition }) => definition.area === area),
      [],
    )
    const red = outcome.scenarios.filter((one) => one.verdict !== 'pass')
    expect(
      red.map(
        ({ id, variant, verdict, reason }) => `${id} ${variant.transport}/${variant.family}: ${verdict}: ${reason}`,
      ),
    ).toEqual([])
    expect(
      findingsOf(outcome)
        .filter((finding) => finding.severity !== 'info')
        .map(({ id, title, actual }) => `${id}: ${title}: ${actual}`),
    ).toEqual([])
  })

  it('gives the same results, to the millisecond, for the same seed', async () => {
    const some = scenarios.filter((_, index) => index % 12 === 0)
    const [first, second] = [await runVirtually(some, [], { seed: 7 }), await runVirtually(some, [], { seed: 7 })]
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
  }, 60_000)
})

describe('the catalogue of scenarios', () => {
  it('has at least two of each area that the harness exists for', () => {
    const areas = scenarios.map(({ definition }) => definition.area)
    for (const area of [
      'retransmission',
      'tcp',
      'tls',
      'srtp',
      'ipv6',
      'nat',
      'flapping',
      'registrar',
      'digest',
      'proxy',
      'dtmf',
      'media',
    ])
      expect(areas.filter((one) => one === area).length, area).toBeGreaterThanOrEqual(2)

    expect(scenarios.length).toBeGreaterThanOrEqual(30)
  })

  it('can fail: each scenario that virtual time can run is caught by at least one planted fault', () => {
    const names = new Set<string>(faultCatalogue.map((fault) => fault.name))
    const blind = scenarios.filter(
      ({ definition }) =>
        !definition.needs?.includes('sockets') && !recorded[definition.id]?.some((name) => names.has(name)),
    )
    expect(blind.map(({ definition }) => definition.id)).toEqual([])
  })

  it('notices each fault of a purpose that has a scenario', () => {
    const noticed = new Set([...Object.values(recorded).flat(), ...Object.keys(detectedOnSockets)])
    const covered = new Set(scenarios.flatMap(({ definition }) => definition.purposes))
    const testable = faultCatalogue.filter((fault) => fault.mayTurnRed.some((purpose) => covered.has(purpose)))
    expect(testable.map((fault) => fault.name).filter((name) => !noticed.has(name))).toEqual([])
  })
})
