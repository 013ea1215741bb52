/** What only a kernel or OpenSSL can decide: each such scenario against the defects that it is there for, on sockets. */
import { describe, expect, it } from 'vitest'
import { startEmbedded } from '../../src/worlds/embedded-target.js'
import { socketStages } from '../../src/worlds/socket-stages.js'
import { faultCatalogue, type FaultName } from '../../src/provider/embedded-provider.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { runConformance } from '../../src/runner/run.js'
import { allScenarios, turnedRed } from '../virtual/detection.js'
import { detectedOnSockets as detection } from './detected.js'

const scenarios = (await allScenarios()).filter(({ definition }) => definition.needs?.includes('sockets') === true)

async function runOnSockets(some: readonly LoadedScenario[], faults: readonly FaultName[]) {
  const under = await startEmbedded({ faults, accounts: 20 }, () => {})
  const stage = await socketStages(under.document, undefined, {})
  try {
    return await runConformance({
      scenarios: some,
      document: under.document,
      stages: stage.stages,
      selection: { slow: true },
      brief: true,
      startMs: stage.startMs,
    })
  } finally {
    stage.close()
    await under.stop()
  }
}

describe('scenarios that need sockets', () => {
  it('pass on the provider without faults, in every variant', async () => {
    const outcome = await runOnSockets(scenarios, [])
    expect(outcome.scenarios.length).toBeGreaterThan(0)
    expect(
      outcome.scenarios
        // A machine too busy to tell says nothing of the provider.
        .filter(({ verdict, reasonCode }) => verdict !== 'pass' && reasonCode !== 'harness-late')
        .map(({ id, verdict, reason }) => [id, verdict, reason]),
    ).toEqual([])
  })

  it('are each caught by at least one planted fault', () => {
    const caught = new Set(Object.values(detection).flatMap((found) => Object.keys(found)))
    expect(scenarios.map(({ definition }) => definition.id).filter((id) => !caught.has(id))).toEqual([])
  })

  for (const fault of faultCatalogue) {
    const expected = detection[fault.name]
    if (expected === undefined) continue
    it(`${fault.name} turns red what it may, by its own check, and nothing else`, async () => {
      const outcome = await runOnSockets(scenarios, [fault.name])
      const red = Object.fromEntries([...turnedRed(outcome)].map(([id, checks]) => [id, [...new Set(checks)].sort()]))
      expect(red).toEqual(expected)
      for (const id of Object.keys(red)) {
        const { purposes } = scenarios.find(({ definition }) => definition.id === id)?.definition ?? { purposes: [] }
        expect(
          purposes.some((purpose) => fault.mayTurnRed.includes(purpose)),
          `${id} is declared by the fault`,
        ).toBe(true)
      }
    })
  }
})
