/** Captures of scenarios in virtual time, judged as if they were a customer's. */
import { readCapture } from '../../src/capture/read-capture.js'
import { NOTHING_WRITTEN } from '../../src/evidence/evidence-file.js'
import { pcapngOf } from '../../src/evidence/pcapng.js'
import { type Judged, judgeCapture } from '../../src/judge/judge.js'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import type { LoadedScenario } from '../../src/runner/plan.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { sharedCredentialsOf } from './detection.js'

export interface JudgedRun {
  /** `dialog/hold-by-both udp/ipv4`. */
  readonly key: string
  readonly id: string
  readonly capture: Buffer
  readonly judged: Judged
}

/** Runs scenarios on a provider with these faults, and judges what was captured. */
export async function judgedRuns(
  scenarios: readonly LoadedScenario[],
  faults: readonly FaultName[],
): Promise<JudgedRun[]> {
  const found: JudgedRun[] = []
  for (const sharedCredentials of ['displace', 'fork', 'refuse'] as const) {
    const some = scenarios.filter(({ definition }) => sharedCredentialsOf(definition) === sharedCredentials)
    if (some.length === 0) continue
    const { stages, document } = await virtualStages({ seed: 1, faults, policy: { sharedCredentials } })
    await runConformance({
      scenarios: some,
      document,
      stages,
      selection: { slow: true },
      brief: true,
      writeEvidence: (key, record) => {
        if (/ attempt \d$/.test(key)) return NOTHING_WRITTEN
        const capture = pcapngOf(record)
        found.push({ key, id: key.split(' ')[0] ?? key, capture, judged: judgeCapture(readCapture(capture)) })
        return NOTHING_WRITTEN
      },
    })
  }
  return found
}

/** A finding in a line. */
export const inALine = ({ findings }: Judged): string[] =>
  findings.map(
    ({ id, cause, severity, title, seen }) => `${severity} ${id} [${cause}] ${title} | ${seen[0]?.text ?? ''}`,
  )
