/** The audio of a call on one hop: who was to be heard, and what was seen of it. */
import { sameEndpoint } from '../transport/network.js'
import { isOutOfReachOf } from './addresses.js'
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

/** What was agreed on for audio, agreement by agreement, from the answer on. */
export function spellsOf(leg: Leg, scene: Scene): AudioSpell[] {
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
function direction(from: Place, to: Place, { streams }: Scene, at: number, until: number): Direction {
  const found = streams.filter(
    (stream) =>
      stream.lastAt >= at &&
      stream.firstAt <= until &&
      (sameEndpoint(stream.to, to.endpoint) || sameEndpoint(stream.from, from.endpoint)),
  )
  const astray = found.filter((stream) => isOutOfReachOf(stream.to.address, stream.from.address))
  const packets = found.reduce((sum, stream) => sum + (astray.includes(stream) ? 0 : stream.packets), 0)
  return { from, to, streams: found, packets, astray }
}
