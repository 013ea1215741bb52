/** Where standing checks noticed something: the frames of each call, and how to find them in Wireshark. */
import type { StandingNote } from '../result/finding.js'
import type { JudgedFinding, JudgedSighting } from '../result/judge-result.js'
import type { Endpoint } from '../transport/network.js'
import type { Call } from './calls.js'
import { callIdFilter, wayFilter } from './filters.js'
import { MOST_FRAMES, MOST_SEEN } from './findings.js'
import type { Registration } from './registrations.js'
import type { Scene } from './scene.js'
import { firstOf } from './transactions.js'

/** What is looked at: a message of a call, or a packet on its way. */
export interface LookedAt {
  readonly frame: number
  readonly callId?: string
  readonly way?: { readonly from: Endpoint; readonly to: Endpoint }
}

interface Place {
  readonly first: LookedAt
  readonly frames: Set<number>
}

export class StandingSightings {
  readonly #noted = new Map<StandingNote, Map<string, Place>>()
  #now: LookedAt | undefined

  looksAt(now: LookedAt): void {
    this.#now = now
  }

  note(note: StandingNote): void {
    const now = this.#now
    let places = this.#noted.get(note)
    if (places === undefined) this.#noted.set(note, (places = new Map()))
    if (now === undefined) return
    const key =
      now.callId ?? `${now.way?.from.address} ${now.way?.from.port} ${now.way?.to.address} ${now.way?.to.port}`
    const place = places.get(key)
    if (place !== undefined) {
      if (place.frames.size < MOST_FRAMES) place.frames.add(now.frame)
    } else if (places.size < MOST_SEEN) {
      places.set(key, { first: now, frames: new Set([now.frame]) })
    }
  }

  /** Each a finding about the provider, whoever saw it; what differs in nothing but the method is one. */
  findings(scene: Scene, keyOf: (about: Call | Registration) => string | undefined): JudgedFinding[] {
    const subjects = subjectsOf(scene)
    const found = new Map<string, JudgedFinding>()
    for (const [note, places] of this.#noted) {
      const key = `${note.id} ${note.severity} ${note.title}`
      const known = found.get(key)
      const seen = [
        ...(known?.seen ?? []),
        ...sightings(note, places, scene, (one) => keyOfPlace(one, scene, subjects, keyOf)),
      ]
      found.set(key, {
        ...(known ?? textOf(note)),
        seen: seen.slice(0, MOST_SEEN),
        count: (known?.count ?? 0) + note.count,
      })
    }
    return [...found.values()]
  }
}

function textOf(note: StandingNote): Omit<JudgedFinding, 'seen' | 'count'> {
  const { id, severity, gravity, cause = id, title, harm, advice, rule, expected } = note
  return { id, cause, severity, gravity, title, harm, advice, rule, expected }
}

function sightings(
  { title, actual }: StandingNote,
  places: ReadonlyMap<string, Place>,
  { view }: Scene,
  keyOf: (one: LookedAt) => string | undefined,
): JudgedSighting[] {
  const side = { who: 'provider', why: `it was sent by ${[...view.servers].join(', ') || 'the provider'}` } as const
  const whole = `${title}: ${actual}.`
  if (places.size === 0) return [{ text: whole, side, frames: [] }]
  return [...places.values()].map(({ first, frames }, index) => {
    const of = keyOf(first)
    const { callId, way } = first
    return {
      ...(of === undefined ? {} : { of }),
      // What exactly it was, is known of the first.
      text: index === 0 ? whole : `${title}.`,
      side,
      frames: [...frames].sort((a, b) => a - b),
      filter: way === undefined ? callIdFilter([callId ?? '']) : wayFilter(way.from, way.to),
    }
  })
}

function subjectsOf({ calls, registrations }: Scene): Map<string, Call | Registration> {
  const found = new Map<string, Call | Registration>()
  for (const one of registrations) for (const each of one.transactions) found.set(firstOf(each).callId, one)
  for (const call of calls) found.set(call.callId, call)
  return found
}

/** Of a packet, the call that announced where it goes. */
function keyOfPlace(
  { callId, way }: LookedAt,
  { media, until }: Scene,
  subjects: ReadonlyMap<string, Call | Registration>,
  keyOf: (about: Call | Registration) => string | undefined,
): string | undefined {
  const place = way === undefined ? undefined : (media.at(way.to, until) ?? media.at(way.from, until))
  const subject = subjects.get(callId ?? place?.description.seen.callId ?? '')
  return subject === undefined ? undefined : keyOf(subject)
}
