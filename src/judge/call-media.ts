/** The audio of a call on one hop: who was to be heard, and what was seen of it. */
import { formatEndpoint } from '../transport/network.js'
import type { Leg } from './leg.js'
import { type Agreement, type Place, placeOf } from './descriptions.js'
import type { Scene } from './scene.js'
import type { Stream } from './streams.js'
import { firstOf } from './transactions.js'

/** One direction of one stream of audio, while one agreement holds. */
export interface Direction {
  /** Who is to hear it, and who sends it. */
  readonly to: Place
  readonly from: Place
  readonly streams: readonly Stream[]
  /** Packets of all of them, as far as they were seen and can arrive. */
  readonly packets: number
  /** Those that go to a private address from outside, and cannot arrive. */
  readonly astray: readonly Stream[]
}

export interface AudioSpell {
  readonly leg: Leg
  readonly agreement: Agreement
  /** ms: from when to when the answered call was so. */
  readonly at: number
  readonly until: number
  readonly towardsCaller: Direction
  readonly towardsCallee: Direction
}

/** When the call was over as far as the capture shows; where it does not, its end. */
export function endOf({ bye }: Leg, { until }: Pick<Scene, 'until'>): number {
  return bye === undefined ? until : firstOf(bye).at
}

const known = new WeakMap<Leg, AudioSpell[]>()

/** What was agreed on for audio, agreement by agreement, from the answer on. */
export function spellsOf(leg: Leg, scene: Scene): readonly AudioSpell[] {
  const before = known.get(leg)
  if (before !== undefined) return before
  const spells = spellsIn(leg, scene)
  known.set(leg, spells)
  return spells
}

function spellsIn(leg: Leg, scene: Scene): AudioSpell[] {
  const { answer, agreements } = leg
  if (answer === undefined) return []
  const end = endOf(leg, scene)
  const spells: AudioSpell[] = []
  for (const [nth, agreement] of agreements.entries()) {
    const at = Math.max(agreement.at, answer.at)
    const until = Math.min(agreements[nth + 1]?.at ?? end, end)
    const index = agreement.offer.sdp.media.findIndex(({ media }) => media === 'audio')
    const offered = placeOf(agreement.offer, index)
    const answered = placeOf(agreement.answer, index)
    if (until <= at || offered === undefined || answered === undefined) continue
    const byCaller = agreement.offer.seen.from.address === leg.caller.address
    const [caller, callee] = byCaller ? [offered, answered] : [answered, offered]
    spells.push({
      leg,
      agreement,
      at,
      until,
      towardsCaller: direction(callee, caller, scene, at, until),
      towardsCallee: direction(caller, callee, scene, at, until),
    })
  }
  return spells
}

/** By where it goes or by where it comes from: NAT changes one of them. */
function direction(from: Place, to: Place, scene: Scene, at: number, until: number): Direction {
  const { bySender, byReceiver } = indexOf(scene)
  const near = [
    ...(byReceiver.get(formatEndpoint(to.endpoint)) ?? []),
    ...(bySender.get(formatEndpoint(from.endpoint)) ?? []),
  ]
  const found = [...new Set(near)].filter(({ firstAt, lastAt }) => lastAt >= at && firstAt <= until)
  const astray = found.filter((stream) => scene.view.isOutOfReach(stream.to.address, stream.from.address))
  const packets = found.reduce((sum, stream) => sum + (astray.includes(stream) ? 0 : stream.packets), 0)
  return { from, to, streams: found, packets, astray }
}

interface StreamIndex {
  readonly bySender: ReadonlyMap<string, readonly Stream[]>
  readonly byReceiver: ReadonlyMap<string, readonly Stream[]>
}
const indexes = new WeakMap<Scene, StreamIndex>()

function indexOf(scene: Scene): StreamIndex {
  const before = indexes.get(scene)
  if (before !== undefined) return before
  const index = {
    bySender: grouped(scene.streams, ({ from }) => formatEndpoint(from)),
    byReceiver: grouped(scene.streams, ({ to }) => formatEndpoint(to)),
  }
  indexes.set(scene, index)
  return index
}

function grouped(streams: readonly Stream[], keyOf: (stream: Stream) => string): Map<string, Stream[]> {
  const groups = new Map<string, Stream[]>()
  for (const stream of streams) {
    const key = keyOf(stream)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [stream])
    else group.push(stream)
  }
  return groups
}
