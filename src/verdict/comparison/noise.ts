/**
 * Whether a figure changed by more than it does from run to run by itself. Nothing is known of that but what repeated runs show: there is
 * no percentage that is too much. Values of runs are taken for normal after a transformation that makes their noise about the same
 * everywhere (the logarithm of times, the root of shares), their variance is estimated from both sides together, and the difference of the
 * means is held against Student's t for the few runs that there are.
 */
import type { BaselineFigure } from '../../result/baseline.js'
import type { ComparedFigure } from '../../result/comparison.js'
import { byChance } from '../chance.js'
import { tailOfStudent } from './student.js'

/** How likely a comparison may call anything worse that is not, all of its figures together. */
const FALSE_ALARMS = 0.01
/** Repetitions (runs but for one a side) from which noise can be told at all. */
const LEAST_FREEDOM = 2
/** Degrees of freedom of a variance that is known: Student's t is the normal distribution then. */
const KNOWN = 1_000_000
/** What times and scores are measured to: smaller differences are nothing, however alike the runs were. */
const RESOLUTION = { ms: 1, mos: 0.05 } as const

type Entry = NonNullable<BaselineFigure['runs'][number]>

export interface FigureFacts {
  readonly id: string
  readonly base: BaselineFigure
  readonly new: BaselineFigure
  /** How many figures are compared: the more, the more chance has to err in. */
  readonly among: number
  /** Why nothing can be told of any figure; undefined where it can. */
  readonly untold: string | undefined
}

export function compareFigure({ id, base, new: now, among, untold }: FigureFacts): ComparedFigure {
  const [before, after] = [given(base), given(now)]
  const { unit, label } = now
  const common = { id, label, unit, base: before.map(plain), new: after.map(plain) }
  const freedom = before.length + after.length - 2
  const why = untold ?? tooFew(before.length, after.length)
  if (why !== undefined) return { ...common, state: 'untold', text: why }
  const judged = judge(unit, before, after, freedom)
  const alpha = FALSE_ALARMS / (2 * Math.max(1, among))
  const state = judged.chance > alpha ? 'within' : judged.isWorse ? 'worse' : 'better'
  return { ...common, state, text: words(unit, common.base, common.new, state) }
}

function tooFew(base: number, now: number): string | undefined {
  if (base === 0 || now === 0) return 'not measured on both sides'
  const freedom = base + now - 2
  if (freedom === 0) return 'one run on each side says nothing about noise'
  if (freedom < LEAST_FREEDOM) return 'too few runs to know the noise: three of one side at least, five are better'
  return undefined
}

const given = ({ runs }: BaselineFigure): Entry[] => runs.filter((one) => one !== null)

const plain = (entry: Entry): number => (typeof entry === 'number' ? entry : entry[0] / entry[1])

interface Judged {
  readonly chance: number
  readonly isWorse: boolean
}

function judge(
  unit: ComparedFigure['unit'],
  before: readonly Entry[],
  after: readonly Entry[],
  freedom: number,
): Judged {
  const [a, b] = [before.map((one) => transformed(unit, one)), after.map((one) => transformed(unit, one))]
  const difference = mean(b) - mean(a)
  // What the measurement itself leaves open is noise, too, where the runs happen to agree.
  const floor = mean([...before, ...after].map((one) => leastVariance(unit, one, [...before, ...after])))
  const seen = (squares(a) + squares(b)) / freedom
  const variance = Math.max(floor, seen)
  const t = Math.abs(difference) / Math.sqrt(variance * (1 / a.length + 1 / b.length))
  const isWorse = unit === 'mos' ? difference < 0 : difference > 0
  if (unit !== 'share') return { isWorse, chance: tailOfStudent(t, freedom) }
  // Runs that differ no more than counting brings about: that variance is known, and not estimated from a few runs.
  const chance = tailOfStudent(t, seen > floor ? freedom : KNOWN)
  return { isWorse, chance: Math.max(chance, chanceOfCounts(before, after, isWorse)) }
}

/** However much runs agree: so few that were counted must not fall on one side by chance. */
function chanceOfCounts(before: readonly Entry[], after: readonly Entry[], isWorse: boolean): number {
  const sum = (all: readonly Entry[]) => ({
    hit: all.reduce<number>((total, one) => total + (typeof one === 'number' ? 0 : one[2]), 0),
    of: all.reduce<number>((total, one) => total + (typeof one === 'number' ? 0 : one[1]), 0),
  })
  return isWorse ? byChance(sum(after), sum(before)) : byChance(sum(before), sum(after))
}

function transformed(unit: ComparedFigure['unit'], entry: Entry): number {
  const one = plain(entry)
  if (unit === 'ms') return Math.log(one + RESOLUTION.ms)
  return unit === 'mos' ? one : Math.sqrt(one)
}

/** The variance that rounding, or counting so few, brings about by itself. */
function leastVariance(unit: ComparedFigure['unit'], entry: Entry, all: readonly Entry[]): number {
  if (typeof entry === 'number') {
    const step = unit === 'mos' ? RESOLUTION.mos : RESOLUTION.ms / (entry + RESOLUTION.ms)
    return step ** 2 / 12
  }
  const counts = all.filter((one) => typeof one !== 'number')
  const [hits, events] = [counts.reduce((sum, one) => sum + one[0], 0), counts.reduce((sum, one) => sum + one[2], 0)]
  // The root of a Poisson share varies by 1/4n, a burst counting once.
  return Math.max(1, events === 0 ? 1 : hits / events) / (4 * entry[1])
}

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length

function squares(values: readonly number[]): number {
  const middle = mean(values)
  return values.reduce((sum, one) => sum + (one - middle) ** 2, 0)
}

function words(unit: ComparedFigure['unit'], base: readonly number[], now: readonly number[], state: string): string {
  const text = `${range(unit, now)}, was ${range(unit, base)}${base.length > 1 ? ` in ${base.length} runs` : ''}`
  return state === 'within' ? `${text}: within the noise` : text
}

function range(unit: ComparedFigure['unit'], values: readonly number[]): string {
  const shown = (one: number) => {
    if (unit === 'share') return `${Number((100 * one).toPrecision(2))}`
    return unit === 'mos' ? one.toFixed(2) : String(Number(one.toPrecision(3)))
  }
  const [least, most] = [shown(Math.min(...values)), shown(Math.max(...values))]
  const suffix = { ms: ' ms', mos: '', share: ' %' }[unit]
  return least === most ? `${least}${suffix}` : `${least} to ${most}${suffix}`
}
