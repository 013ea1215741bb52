/**
 * What a run on a busy machine came to, held against a run on a quiet one.
 * @typedef {{ id: string, variant: { transport: string, family: string }, verdict: string, reason: string, reasonCode?: string }} Judged
 * @typedef {{ verdict: string, exitCode: number, scenarios: Judged[], survey?: { vitalSigns: Judged[] },
 *   findings: { id: string, severity: string, title: string }[] }} Result
 * @typedef {{ run: number, seconds: number, exitCode: number, held: number, warned: number, failed: number, errors: number,
 *   open: number, why: string, wrong: string[] }} Row
 */

const nameOf = ({ id, variant: { transport, family } }) => `${id} ${transport}/${family}`

const judgedOf = ({ scenarios, survey }) => [...(survey?.vitalSigns ?? []), ...scenarios]

/** What a run warns of: what a quiet run warns of as well is no fault of the load. */
const warningsOf = (result) => [
  ...judgedOf(result).flatMap((one) => (one.verdict === 'warn' ? [nameOf(one)] : [])),
  ...result.findings.flatMap(({ id, severity }) => (severity === 'warn' ? [id] : [])),
]

/**
 * @param {{ run: number, seconds: number, exitCode: number }} about
 * @param {Result} result
 * @param {Result} quiet a run of the same without load
 * @returns {Row} `wrong`: what must not be, in words
 */
export function rowOf(about, result, quiet) {
  const judged = judgedOf(result)
  const of = (verdict) => judged.filter((one) => one.verdict === verdict)
  const open = of('inconclusive')
  const reasons = new Map()
  for (const { reasonCode } of open) reasons.set(reasonCode, (reasons.get(reasonCode) ?? 0) + 1)
  const known = new Set(warningsOf(quiet))
  const missing = judgedOf(quiet).length - judged.length
  return {
    ...about,
    held: of('pass').length,
    warned: of('warn').length,
    failed: of('fail').length,
    errors: of('error').length,
    open: open.length,
    why: [...reasons].map(([code, count]) => `${count} ${code}`).join(', '),
    wrong: [
      ...[...of('fail'), ...of('error')].map((one) => `${one.verdict}: ${nameOf(one)}: ${one.reason}`),
      ...result.findings.flatMap(({ id, severity, title }) => (severity === 'fail' ? [`fail: ${id}: ${title}`] : [])),
      ...warningsOf(result).flatMap((name) =>
        known.has(name) ? [] : [`warning that a quiet run does not have: ${name}`],
      ),
      ...(missing > 0 ? [`${missing} tests of a quiet run are missing`] : []),
      ...(about.exitCode === 0 ? [] : [`ended with ${about.exitCode}`]),
    ],
  }
}

/** What a run left open, a line each. @param {Result} result */
export const openOf = (result) =>
  judgedOf(result).flatMap((one) =>
    one.verdict === 'inconclusive' ? [`${one.reasonCode}: ${nameOf(one)}: ${one.reason}`] : [],
  )
