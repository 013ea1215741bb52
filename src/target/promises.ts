/** Which rows of a provider's description a target makes: EP-, BH- and SC-rows are one provider's, not everybody's. */

/** `EP-2`, `BH-10`, `SC-17`. */
export const ROW = /^(?:EP|BH|SC)-[1-9]\d*$/

/** As a target file says it. */
export interface Promises {
  readonly promises: 'all' | 'none' | readonly string[]
}

/** Whether the target promises what a rule rests on. @param source a row, several after commas, or where else the rule stands */
export function isPromised(source: string, { promises }: Promises): boolean {
  if (promises === 'all') return true
  const rows = source.split(/,\s*/).filter((one) => ROW.test(one))
  if (rows.length === 0) return true
  return promises !== 'none' && rows.some((row) => promises.includes(row))
}
