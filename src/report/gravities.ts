/** Gravities in words, the gravest first, and what each means. */
import type { Gravity } from '../result/terms.js'

export interface GravityWords {
  readonly word: string
  /** What it means, for the legend. */
  readonly meaning: string
  /** Its sign where there is text only. */
  readonly sign: string
}

export const GRAVITIES: Readonly<Record<Gravity, GravityWords>> = {
  outage: { word: 'outage', meaning: 'Those affected have no service, or no audio', sign: '⊘' },
  exposure: { word: 'exposure', meaning: 'Opens the service to fraud, eavesdropping or attack', sign: '◊' },
  harm: { word: 'harm', meaning: 'Customers notice it: features, call quality, lost minutes', sign: '▾' },
  letter: { word: 'formal', meaning: 'A standard is broken; customers will hardly notice', sign: '§' },
}

export const GRAVITY_ORDER = Object.keys(GRAVITIES).filter((name): name is Gravity => name in GRAVITIES)
