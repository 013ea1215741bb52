/** Calls that are answered, and are heard in one direction only, or in none. */
import { formatEndpoint } from '../../transport/network.js'
import { type AudioSpell, type Direction, spellsOf } from '../call-media.js'
import type { Call } from '../calls.js'
import { wayFilter } from '../filters.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, roleOf, side } from '../sides.js'
import { seconds } from '../texts.js'

/** A call of this length, ms, with so many packets one way, must have some the other way. */
const SPELL_MS = 3_000
const PACKETS = 50

export const oneWayAudio: JudgeRule = {
  id: 'one-way-audio',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'no-audio',
    title: 'Calls have audio in one direction only',
    rule: 'RFC 3264 §6.1',
    expected: 'audio in both directions, as both sides said',
    harm: 'One side hears nothing, and hangs up.',
    advice:
      'Look at the addresses in the session descriptions: audio goes where they say, unless the other side sends it back to where it comes from (symmetric RTP).',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) {
        const spell = spellsOf(leg, scene).find((one) => isOneWay(one))
        if (spell !== undefined) report(told(call, spell, scene))
      }
    }
  },
}

function isOneWay({ at, until, towardsCaller, towardsCallee }: AudioSpell): boolean {
  if (until - at < SPELL_MS) return false
  if (![towardsCaller, towardsCallee].every(isWanted)) return false
  const [less, more] = [towardsCaller.packets, towardsCallee.packets].toSorted((a, b) => a - b)
  if (less !== 0 || (more ?? 0) < PACKETS) return false
  // What was sent before the answer, and ended with it, was early media.
  const heard = towardsCaller.packets > 0 ? towardsCaller : towardsCallee
  return heard.streams.some((stream) => stream.lastAt - Math.max(stream.firstAt, at) >= SPELL_MS / 2)
}

/** Of streams that go on before and after, as many as fall into the time. */
function packetsIn({ streams }: Direction, at: number, until: number): number {
  const shares = streams.map(({ firstAt, lastAt, packets }) => {
    const overlap = Math.max(0, Math.min(lastAt, until) - Math.max(firstAt, at))
    return lastAt > firstAt ? (packets * overlap) / (lastAt - firstAt) : packets
  })
  return Math.round(shares.reduce((sum, one) => sum + one, 0))
}

const isWanted = ({ from, to }: Direction): boolean => from.sends && to.receives

function told(call: Call, { leg, at, until, towardsCaller, towardsCallee }: AudioSpell, scene: Scene): Observation {
  const { view } = scene
  const [heard, missing] = towardsCaller.packets > 0 ? [towardsCaller, towardsCallee] : [towardsCallee, towardsCaller]
  const [stream] = heard.streams
  const [astray] = missing.astray
  const silent = missing.from.endpoint
  const listener = missing.to.endpoint
  const who = missing === towardsCaller ? 'caller' : 'called side'
  const frames = [heard.to.seen.frame, heard.from.seen.frame, ...(stream === undefined ? [] : [stream.firstFrame])]
  const begin = `The ${who} hears nothing: in ${seconds(until - at)}, about ${packetsIn(heard, at, until)} packets were sent to ${formatEndpoint(silent)}, and none came from there`
  const common = {
    about: call,
    frames,
    filter:
      stream === undefined ? undefined : `(${wayFilter(stream.from, stream.to)}) || (${wayFilter(silent, listener)})`,
  }
  if (astray !== undefined) {
    return {
      ...common,
      kind: 'nat-ignored',
      cause: 'nat-source-ignored',
      title: 'Audio is sent to a private address instead of where the telephone is: one side hears nothing',
      expected: 'audio to where the other side sends from',
      seen: `The ${who} hears nothing: ${named(astray.from.address, view)} sends ${astray.packets} packets to a private address, ${formatEndpoint(astray.to)}, as the session description says, though audio comes from ${formatEndpoint(stream?.from ?? silent)}.`,
      frames: [...frames, astray.firstFrame],
      side: doingOf(astray.from.address, view, 'the capture shows where it sends'),
    }
  }
  if (view.isOutOfReach(listener.address, silent.address)) {
    return {
      ...common,
      kind: 'private',
      title: 'Audio has to go to a private address and does not arrive: one side hears nothing',
      seen: `${begin}; it was to go to a private address, ${formatEndpoint(listener)}, which ${named(missing.to.seen.from.address, view)} put into its session description.`,
      side: side(
        'unknown',
        `${missing.to.seen.from.address} names an address that cannot be reached, and ${silent.address} does not send to where audio comes from`,
      ),
    }
  }
  // What comes from beyond it, and does not come, it cannot send.
  const before = call.legs
    .filter((one) => one !== leg)
    .flatMap((one) => spellsOf(one, scene))
    .map((spell) => (missing === towardsCaller ? spell.towardsCaller : spell.towardsCallee))
  const isFed = before.some(({ packets }) => packets > 0)
  const role = roleOf(leg.callee.address === silent.address ? leg.callee.address : leg.caller.address, view)
  const near =
    view.where === 'one machine' ||
    (role !== 'unknown' &&
      view.where === role &&
      role === roleOf(silent.address, view) &&
      (role === 'telephone' || isFed))
  return {
    ...common,
    kind: 'one-way',
    seen: `${begin}.`,
    side: near
      ? doingOf(silent.address, view, `captured on its side: ${silent.address} sends nothing`)
      : side(
          'unknown',
          before.length > 0 && !isFed
            ? `nothing came to ${silent.address} on the other hop either: it is not sent, or lost before this point`
            : `${silent.address} sends nothing, or it is lost before this point: a capture there shows it`,
        ),
  }
}
