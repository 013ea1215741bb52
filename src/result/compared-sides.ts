/** The two sides of a comparison as people tell them apart: by name, by whatever differs, and by date. */
import type { Comparison } from './comparison.js'
import { counted, listed } from './texts.js'

type Side = Comparison['base']

/** `before (Kamailio 5.6.3, run of 2026-12-01)`; what both have in common is left out, but for the date. */
export function sideInWords(side: Side, other: Side): string {
  return `${side.name} (${sideFacts(side, other)})`
}

/** The same without its name. */
export function sideFacts(side: Side, other: Side): string {
  const differing = [FACTS.target, FACTS.software, FACTS.commit, FACTS.faults, FACTS.ringproof].flatMap((fact) =>
    fact(side) === fact(other) ? [] : [fact(side)],
  )
  return [...differing.filter((fact) => fact !== ''), runsOf(side, other)].join(', ')
}

const FACTS = {
  target: ({ target }: Side) => target,
  software: ({ software = [] }: Side) => software.join(', '),
  commit: ({ commit = [] }: Side) =>
    commit.length === 0 ? '' : `commit ${listed(commit.map((one) => one.slice(0, 8)))}`,
  faults: ({ faults = [] }: Side) =>
    faults.length === 0
      ? 'no planted faults'
      : `${faults.length === 1 ? 'planted fault' : 'planted faults'} ${listed(faults)}`,
  ringproof: ({ ringproof }: Side) => `ringproof ${ringproof}`,
}

/** `run of 2026-12-01`, `5 runs of 2026-11-01 to 2026-11-05`; with the time where both are of one day. A simulated run has no date. */
function runsOf({ runs, from, to, clock }: Side, other: Side): string {
  const kind = clock === 'virtual' ? 'simulated run' : 'run'
  const many = runs === 1 ? kind : counted(runs, kind)
  if (clock === 'virtual') return many
  const [first, last] = [day(from), day(to)]
  if (first !== last) return `${many} of ${first} to ${last}`
  const isSameDay = other.clock !== 'virtual' && day(other.from) === first && day(other.to) === first
  return `${many} of ${first}${isSameDay ? ` ${from.slice(11, 16)} UTC` : ''}`
}

const day = (iso: string): string => iso.slice(0, 10)
