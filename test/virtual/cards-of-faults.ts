/**
 * Which finding is a planted fault's own, by id, and how grave: `cards.json`. Judged by reading: what a person who knows the fault
 * would want to see at the head of the report. `npx vitest run --project virtual --mode cards` prints what the report says.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type FaultName, faultCatalogue } from '../../src/provider/embedded-provider.js'
import type { ScenarioResult } from '../../src/result/scenario-result.js'
import type { Finding, NotRun } from '../../src/result/finding.js'
import { compareWeight } from '../../src/verdict/order.js'
import { recorded } from './detection.js'

interface OwnCard {
  readonly card: string
  readonly severity: 'fail' | 'warn'
  readonly gravity: Finding['gravity']
}

const file = fileURLToPath(new URL('./cards.json', import.meta.url))
/** By fault. Those that only sockets can show have none. */
export const ownCards: Readonly<Record<string, OwnCard>> = JSON.parse(readFileSync(file, 'utf8'))

/** The faults that virtual time can show. */
export const visibleFaults: readonly FaultName[] = faultCatalogue
  .map(({ name }) => name)
  .filter((name) => ownCards[name] !== undefined)

/** What a reader acts on. */
export const telling = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity !== 'info')

/** Place of a fault's own finding among those of its report: 0 the first; undefined where it has none. */
export function placeOfOwn(fault: FaultName, findings: readonly Finding[]): number | undefined {
  const at = telling(findings).findIndex(({ id }) => id === ownCards[fault]?.card)
  return at < 0 ? undefined : at
}

/**
 * Sets of `size` faults, each with a finding of its own, by chance from a seed. Each fault has a lot of its own in each set, so that a
 * fault that joins the catalogue changes the few sets alone that it is drawn into.
 */
export function randomSets(count: number, size: number, seed: string): FaultName[][] {
  return Array.from({ length: count }, (_, nth) => {
    const lot = (name: FaultName) => createHash('sha256').update(`${seed} ${nth} ${name}`).digest('hex')
    const drawn = visibleFaults.map((name) => ({ name, lot: lot(name) })).sort((a, b) => (a.lot < b.lot ? -1 : 1))
    const byCard = new Map<string | undefined, FaultName>()
    for (const { name } of drawn) {
      const card = ownCards[name]?.card
      if (!byCard.has(card)) byCard.set(card, name)
      if (byCard.size === size) break
    }
    return [...byCard.values()]
  })
}

/** A relay that never learns an address from packets follows nobody's. */
const IMPOSSIBLE_BESIDE: Partial<Record<FaultName, readonly FaultName[]>> = {
  'relay-ignores-source': ['relay-follows-hijacker'],
}

/**
 * What is wrong with a report on several faults, in words; empty where the gravest is first and each has exactly one card. A
 * fault cannot show where another keeps every scenario that notices it from deciding: blocked, or inconclusive, and the report says so.
 */
export function complaintsAbout(
  set: readonly FaultName[],
  {
    findings,
    notRun,
    scenarios,
  }: {
    readonly findings: readonly Finding[]
    readonly notRun: readonly NotRun[]
    readonly scenarios: readonly ScenarioResult[]
  },
): string[] {
  const cards = telling(findings)
  const undecided = new Set([
    ...notRun.filter(({ kind }) => kind === 'blocked').map(({ id }) => id),
    ...scenarios.filter(({ verdict }) => verdict === 'inconclusive').map(({ id }) => id),
  ])
  const catchersOf = (fault: FaultName) => Object.keys(recorded).filter((id) => recorded[id]?.includes(fault))
  const isHidden = (fault: FaultName) => catchersOf(fault).every((id) => undecided.has(id))
  // Where CANCEL is challenged, that it is also passed on late cannot be seen: telephones ring on, and that is told with the challenge.
  const asConsequence = new Set(
    cards
      .filter(({ id }) => set.some((fault) => ownCards[fault]?.card === id))
      .flatMap(({ consequences = [] }) => consequences.flatMap((one) => one.scenarios.map(({ scenario }) => scenario))),
  )
  const isToldWithAnother = (fault: FaultName) =>
    catchersOf(fault).every((id) => asConsequence.has(id) || undecided.has(id))
  const isImpossible = (fault: FaultName) => set.some((other) => IMPOSSIBLE_BESIDE[other]?.includes(fault))
  const showing = set.filter((fault) => placeOfOwn(fault, findings) !== undefined)
  const own = new Set(showing.map((fault) => ownCards[fault]?.card))
  const besides = cards.filter(({ id }) => !own.has(id))
  // Where what would show a fault as usual is blocked, another of its effects tells it.
  const insteadOf = (fault: FaultName) =>
    besides.find(({ scenarios: places }) => places.some(({ scenario }) => catchersOf(fault).includes(scenario)))
  const others = set.filter((fault) => !showing.includes(fault))
  const complaints = others
    .filter((fault) => !isHidden(fault) && !isToldWithAnother(fault) && !isImpossible(fault) && !insteadOf(fault))
    .map((fault) => `${fault} has no card`)
  const instead = new Set(others.map((fault) => insteadOf(fault)?.id))
  for (const { id, title } of besides) if (!instead.has(id)) complaints.push(`a card too many: ${id}: ${title}`)
  const planted = showing.flatMap((fault) => ownCards[fault] ?? [])
  const [first] = cards
  const gravest = planted.find(({ card }) => card === first?.id)
  if (gravest === undefined || planted.some((other) => isGraver(other, gravest)))
    complaints.push(`the first card is ${first?.id ?? 'none'}, which is not the gravest`)
  return complaints
}

const isGraver = (a: OwnCard, b: OwnCard): boolean => compareWeight({ kind: 'rule', ...a }, { kind: 'rule', ...b }) < 0
