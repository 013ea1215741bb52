/** A provider that does everything right, behind boxes that change how it looks. */
import { virtualStages, type VirtualStagesOptions } from '../../src/worlds/virtual-stages.js'
import type { Stages } from '../../src/worlds/stages.js'
import { type ConformanceOutcome, runConformance } from '../../src/runner/run.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import type { Facts } from '../../src/scenario/facts.js'
import type { Target } from '../../src/scenario/target.js'
import type { TargetDocument } from '../../src/target/target-file.js'
import { familyOf } from '../../src/transport/network.js'
import { type Box, behind } from './middlebox.js'

export interface Disguise {
  readonly box?: () => Box
  readonly options?: Partial<VirtualStagesOptions>
  /** What its operator writes into the target file. */
  readonly says?: (document: TargetDocument) => TargetDocument
  /** What a survey has found out. */
  readonly facts?: Partial<Facts>
  /** Whether what fails is run again. Default: yes. */
  readonly confirms?: boolean
}

/** Runs the scenarios that a target file of this kind asks for. */
export async function runDisguised(
  scenarios: readonly LoadedScenario[],
  { box, options, says = (document) => document, facts, confirms = true }: Disguise,
  slow = true,
): Promise<ConformanceOutcome> {
  const { stages, document } = await virtualStages({ seed: 1, faults: [], ...options })
  const disguised: Stages = {
    ...stages,
    on: (key, story) =>
      stages.on(key, (world) => {
        const target: Target = {
          ...world.target,
          document: says(world.target.document),
          facts: { ...world.target.facts, ...facts },
        }
        const published = document.published?.signalling?.flatMap(({ addresses }) => addresses) ?? []
        const servers = published.filter((address) => familyOf(address) === 'ipv4')
        return story({ ...world, target, network: box ? behind(world.network, servers, box) : world.network })
      }),
  }
  const selection = { transport: 'udp', family: 'ipv4', slow }
  return runConformance({ scenarios, document: says(document), stages: disguised, selection, brief: true, confirms })
}
