/**
 * Writes `detection.json` anew: `npx vitest run --project virtual --mode record`. With `FAULTS='a b'` what these faults turn red alone, with
 * `SCENARIOS='nat/ flapping/quick'` what turns these scenarios red alone; the rest of the file stays as it is.
 */
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { it } from 'vitest'
import { faultCatalogue } from '../../src/provider/embedded-provider.js'
import { allScenarios, inFirstVariant, runVirtually, turnedRed } from './detection.js'

const file = fileURLToPath(new URL('./detection.json', import.meta.url))

/** Records the nth of several shares of the fault catalogue, so that two cores can work at once. */
export function recordShare(nth: number, of: number): void {
  it(`records share ${nth + 1} of ${of}`, async () => {
    const all = inFirstVariant(await allScenarios())
    const scenarios = all.filter(({ definition }) => isWanted('SCENARIOS', (word) => definition.id.startsWith(word)))
    const faults = faultCatalogue
      .filter(({ name }, index) => index % of === nth && isWanted('FAULTS', (word) => name === word))
      .map((fault) => fault.name)
    const caught = new Map<string, string[]>()
    for (const fault of faults) {
      for (const id of turnedRed(await runVirtually(scenarios, [fault])).keys())
        caught.set(id, [...(caught.get(id) ?? []), fault])
    }
    const tried = new Set(scenarios.map(({ definition }) => definition.id))
    const onSockets = new Set(
      all.filter(({ definition }) => definition.needs?.includes('sockets')).map(({ definition }) => definition.id),
    )
    const known = new Set<string>(faultCatalogue.map((fault) => fault.name))
    alone(() => {
      const before: Record<string, string[]> = JSON.parse(readFileSync(file, 'utf8'))
      // What only sockets can decide is proven, and noted here by hand, with test/sockets/detection.test.ts.
      const kept = (id: string) =>
        (before[id] ?? []).filter(
          (name) => known.has(name) && (onSockets.has(id) || !tried.has(id) || !faults.some((fault) => fault === name)),
        )
      const ids = all.map(({ definition }) => definition.id).sort()
      const after = Object.fromEntries(ids.map((id) => [id, [...kept(id), ...(caught.get(id) ?? [])].sort()]))
      writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`)
    })
  }, 1_200_000)
}

/** Whether it is among the words that a variable of the environment lists; everything is, where it lists none. */
function isWanted(variable: string, is: (word: string) => boolean): boolean {
  const words = (process.env[variable] ?? '').split(/\s+/).filter(Boolean)
  return words.length === 0 || words.some(is)
}

/** The shares write into one file: one after the other. */
function alone(work: () => void): void {
  const lock = `${file}.lock`
  for (;;) {
    try {
      mkdirSync(lock)
      break
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
    }
  }
  try {
    work()
  } finally {
    rmdirSync(lock)
  }
}
