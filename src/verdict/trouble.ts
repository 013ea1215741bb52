/** What a load showed to be wrong, in words for a card. */
import type { Gravity } from '../result/terms.js'

export interface TroubleWords {
  readonly gravity: Gravity
  readonly title: string
  readonly harm: string
  readonly advice: string
  readonly expected: string
  readonly actual: string
}
