/** Finds how much of something is still carried, by trying: doubling until it is not, then halving what lies between. */

export interface LimitSearch {
  /** Tried first. */
  readonly start: number
  /** More is not tried. */
  readonly most: number
  /** How close the two sides have to come, as a share of what is carried. Default: a tenth. */
  readonly precision?: number
  /** Tries so much. @returns why it is not carried; undefined where it is */
  readonly attempt: (amount: number) => Promise<string | undefined>
}

export interface FoundLimit {
  /** The most that was carried; 0 where not even one was. */
  readonly carried: number
  /** The least that was not, and why; absent where the most that was to be tried is carried. */
  readonly beyond?: { readonly amount: number; readonly why: string } | undefined
}

/** Whole numbers from 1 on. What is carried once is taken as carried: a machine that others use meanwhile gives less. */
export async function findLimit({ start, most, precision = 0.1, attempt }: LimitSearch): Promise<FoundLimit> {
  let carried = 0
  let beyond: FoundLimit['beyond']
  let amount = Math.max(1, Math.min(start, most))
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- what is tried next depends on it
    const why = await attempt(amount)
    if (why === undefined) carried = amount
    else beyond = { amount, why }
    if (beyond === undefined) {
      if (amount === most) return { carried }
      amount = Math.min(most, amount * 2)
      continue
    }
    const gap = beyond.amount - carried
    if (gap <= Math.max(1, carried * precision)) return { carried, beyond }
    amount = carried + Math.floor(gap / 2)
  }
}
