/**
 * Results of version 1 (ringproof 0.1), converted to version 2 in memory so that `ringproof report` still renders them. Version 1 had
 * no gravity, no codes and no survey, and named places and kinds of findings by strings: here alone such strings are read.
 */
import { z } from 'zod'
import { type Gravity, levelSchema, type Place, type ReasonCode, type Verdict, verdictSchema } from '../result/terms.js'
import { type Finding, type FindingKind } from '../result/finding.js'
import { SCHEMA_VERSION } from '../result/result.js'

// Only what differs from version 2 is described; the rest goes through as it is and is checked by the schema of version 2.
const checkSchema = z.looseObject({ verdict: verdictSchema, expectedFailure: z.string().optional() })

const scenarioSchema = z.looseObject({ verdict: verdictSchema, checks: z.array(checkSchema) })

const brokenSchema = z.looseObject({ level: levelSchema, scenarios: z.array(z.string()) })

const findingSchema = z.looseObject({
  id: z.string(),
  severity: z.enum(['fail', 'warn', 'info']),
  scenarios: z.array(z.string()).optional(),
  broken: z.array(brokenSchema).optional(),
})

export const version1Schema = z.looseObject({
  schemaVersion: z.literal(1),
  scenarios: z.array(scenarioSchema),
  findings: z.array(findingSchema),
})
type Version1 = z.infer<typeof version1Schema>

/** @returns a document of version 2, still to be checked against its schema */
export function fromVersion1(result: Version1): unknown {
  return {
    ...result,
    schemaVersion: SCHEMA_VERSION,
    scenarios: result.scenarios.map((scenario) => ({
      ...scenario,
      ...reasonCode(scenario),
      checks: scenario.checks.map((check) => ({ ...check, gravity: gravityOf(check.verdict), ...reasonCode(check) })),
    })),
    findings: result.findings.map(finding),
  }
}

function finding({ scenarios = [], broken, ...rest }: z.infer<typeof findingSchema>) {
  const { id, severity } = rest
  const added: Pick<Finding, 'kind' | 'gravity' | 'scenarios'> = {
    kind: kindOf(id),
    gravity: gravityOf(severity),
    scenarios: scenarios.map(place),
  }
  const rules = broken?.map((rule) => ({
    ...rule,
    gravity: gravityOf(rule.level === 'MUST' ? 'fail' : 'warn'),
    cause: id,
    scenarios: rule.scenarios.map(place),
  }))
  return { ...rest, ...added, ...(rules ? { broken: rules } : {}) }
}

/** Version 1 said how strongly a rule binds, not what its breaking does. */
function gravityOf(verdict: Verdict | Finding['severity']): Gravity {
  return verdict === 'fail' ? 'harm' : 'letter'
}

function reasonCode(of: z.infer<typeof checkSchema>): { reasonCode?: ReasonCode } {
  if (of.expectedFailure !== undefined && of.verdict !== 'pass') return { reasonCode: 'known-deviation' }
  const code = REASONS[of.verdict]
  return code === undefined ? {} : { reasonCode: code }
}

const REASONS: Readonly<Record<Verdict, ReasonCode | undefined>> = {
  pass: undefined,
  fail: 'rule-broken',
  warn: 'recommendation-not-met',
  inconclusive: 'not-reached',
  unsupported: 'feature-lacking',
  'not applicable': 'not-applicable',
  error: 'harness-defect',
}

function kindOf(id: string): FindingKind {
  if (id.startsWith('UNEXPECTED-PASS ')) return 'unexpected-pass'
  if (id.startsWith('EXAM-')) return 'standing-check'
  return id.startsWith('LOAD-') ? 'load' : 'rule'
}

/** `registrar/refresh udp/ipv4`; of a load `load/PROFILE` alone. */
function place(text: string): Place {
  const [scenario = '', variant = ''] = text.split(' ')
  const [transport = '', family = ''] = variant.split('/')
  return { scenario, transport, family }
}
