/** What stands before what: how sure and how grave it is, then how far it reaches. */
import type { Gravity } from '../result/terms.js'
import type { Finding, FindingKind } from '../result/finding.js'

const SEVERITIES = ['fail', 'warn', 'info'] as const satisfies readonly Finding['severity'][]
const GRAVITIES = ['outage', 'exposure', 'harm', 'letter'] as const satisfies readonly Gravity[]
/** Among equals: what is about the target first, then what is about the run. */
const KINDS: readonly FindingKind[] = [
  'vital-sign',
  'rule',
  'unsteady',
  'load',
  'standing-check',
  'foreign-hands',
  'defect',
  'unexpected-pass',
]

interface Weighty {
  readonly kind: FindingKind
  readonly severity: Finding['severity']
  readonly gravity: Gravity
}

/**
 * A failing vital sign; what else fails; what warns; each by gravity. What only breaks a standard without anybody noticing
 * (`letter`) comes after all that somebody notices, even where that only warns; notes come last.
 */
export function compareWeight(a: Weighty, b: Weighty): number {
  return (
    Number(isVital(b)) - Number(isVital(a)) ||
    Number(isNote(a)) - Number(isNote(b)) ||
    Number(a.gravity === 'letter') - Number(b.gravity === 'letter') ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    GRAVITIES.indexOf(a.gravity) - GRAVITIES.indexOf(b.gravity)
  )
}

const isVital = ({ kind, severity }: Weighty) => kind === 'vital-sign' && severity === 'fail'
const isNote = ({ severity }: Weighty) => severity === 'info'

/** The order of findings: as above, then an everyday step before none, then the share of executions in which it showed. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareWeight(a, b) ||
    Number(isOurs(a)) - Number(isOurs(b)) ||
    Number(b.reach?.step !== undefined) - Number(a.reach?.step !== undefined) ||
    share(b) - share(a) ||
    (b.reach?.showed ?? 0) - (a.reach?.showed ?? 0) ||
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)
  )
}

const isOurs = ({ kind }: Finding) => kind === 'defect' || kind === 'unexpected-pass'

const share = ({ reach }: Finding) => (reach === undefined || reach.of === 0 ? 0 : reach.showed / reach.of)

/** The graver of two. */
export const graver = (a: Gravity, b: Gravity): Gravity => (GRAVITIES.indexOf(b) < GRAVITIES.indexOf(a) ? b : a)

/** The worse of two. */
export const worse = (a: Finding['severity'], b: Finding['severity']): Finding['severity'] =>
  SEVERITIES.indexOf(b) < SEVERITIES.indexOf(a) ? b : a
