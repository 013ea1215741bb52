/** The checks of one examiner, by what they look at, and how much they looked at. */
import type { Report, Sights, StandingCheck, Watch } from './check.js'
import type { Memory } from './memory/memory.js'

/** How much of the target's was looked at. */
export interface Judged {
  requests: number
  responses: number
  descriptions: number
  rtp: number
  rtcp: number
}

/** What there is to look at, and what counts for those who do. */
const COUNTED: readonly (readonly [keyof Sights, keyof Judged | undefined])[] = [
  ['request', 'requests'],
  ['response', 'responses'],
  ['description', 'descriptions'],
  ['garbage', undefined],
  ['sent', undefined],
  ['originated', 'rtp'],
  ['outOfOrder', 'rtp'],
  ['passedOn', 'rtp'],
  ['afterEnd', 'rtp'],
  ['unlistedType', 'rtp'],
  ['onSecureLeg', 'rtp'],
  ['newStream', 'rtp'],
  ['malformed', 'rtp'],
  ['unlistedSource', 'rtp'],
  ['rtcp', 'rtcp'],
]

/** What all checks do with each. */
type Lookers = { readonly [K in keyof Sights]: ((seen: Sights[K]) => void)[] }

export class Watches {
  readonly on: Lookers = {
    request: [],
    response: [],
    description: [],
    garbage: [],
    sent: [],
    originated: [],
    outOfOrder: [],
    passedOn: [],
    afterEnd: [],
    unlistedType: [],
    onSecureLeg: [],
    newStream: [],
    malformed: [],
    unlistedSource: [],
    rtcp: [],
  }
  readonly judged: Judged = { requests: 0, responses: 0, descriptions: 0, rtp: 0, rtcp: 0 }
  /** What counts for a check, by its id. */
  readonly #counted = new Map<string, Set<keyof Judged>>()

  add(check: StandingCheck, memory: Memory, report: Report): void {
    const watch = check.watch?.(memory, report) ?? {}
    const counted = new Set<keyof Judged>()
    if (check.violations !== undefined || check.otherViolation !== undefined) counted.add('requests').add('responses')
    for (const [what, count] of COUNTED) if (this.#take(what, watch[what]) && count !== undefined) counted.add(count)
    this.#counted.set(check.id, counted)
  }

  #take<K extends keyof Sights>(what: K, looker: Watch[K]): boolean {
    if (looker !== undefined) this.on[what].push(looker)
    return looker !== undefined
  }

  /** How many messages, descriptions and packets the check looked at. */
  judgedBy(id: string): number {
    let judged = 0
    for (const what of this.#counted.get(id) ?? []) judged += this.judged[what]
    return judged
  }
}
