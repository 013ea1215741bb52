/** The relays side by side, from what each call of a run told of them: a row for each that is published or was met. */
import type { RelayAudio, RelayOfRun } from '../result/audio.js'
import type { ScenarioResult } from '../result/scenario-result.js'
import { lossBounds } from './loss.js'

/** Rows of the same relay and direction together. */
export function sumOfAudio(rows: readonly RelayAudio[]): RelayAudio[] {
  const sums = new Map<string, RelayAudio>()
  for (const row of rows) {
    const key = `${row.to} ${row.relay}`
    const before = sums.get(key)
    sums.set(key, before === undefined ? row : together(before, row))
  }
  return [...sums.values()]
}

function together(a: RelayAudio, b: RelayAudio): RelayAudio {
  const { relay, to } = a
  const most = <K extends 'jitterMs' | 'startMs'>(key: K): { readonly [P in K]?: number } => {
    const values = [a[key], b[key]].filter((value) => value !== undefined)
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a computed key is not typed by the compiler
    return (values.length === 0 ? {} : { [key]: Math.max(...values) }) as { readonly [P in K]?: number }
  }
  return {
    relay,
    to,
    calls: a.calls + b.calls,
    listened: a.listened + b.listened,
    oneWay: a.oneWay + b.oneWay,
    wrong: a.wrong + b.wrong,
    altered: a.altered + b.altered,
    unrecognised: a.unrecognised + b.unrecognised,
    packets: a.packets + b.packets,
    expected: a.expected + b.expected,
    lost: a.lost + b.lost,
    gaps: a.gaps + b.gaps,
    ...most('jitterMs'),
    ...most('startMs'),
  }
}

/** Published relays in the order of the list, those that no call met too; then what else calls were led over. */
export function relaysOfRun(
  scenarios: readonly Pick<ScenarioResult, 'audio'>[],
  published: readonly { readonly name: string }[],
): RelayOfRun[] {
  const rows = sumOfAudio(scenarios.flatMap(({ audio = [] }) => audio))
  const names = published.map(({ name }) => name)
  const others = [...new Set(rows.map(({ relay }) => relay))].filter((name) => !names.includes(name)).toSorted()
  return [...names, ...others].map((name) => ({
    name,
    ...(names.length > 0 ? { published: names.includes(name) } : {}),
    directions: (['caller', 'called'] as const).flatMap((to) => {
      const row = rows.find((one) => one.relay === name && one.to === to)
      if (row === undefined) return []
      const { relay: _, ...rest } = row
      return [{ ...rest, ...lossBounds(rest) }]
    }),
  }))
}
