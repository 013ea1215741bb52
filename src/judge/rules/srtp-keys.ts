/** Encrypted audio that the key which was agreed on does not open (RFC 3711 §3.3, RFC 4568 §6.1). */
import { formatEndpoint } from '../../transport/network.js'
import type { Call } from '../calls.js'
import { wayFilter } from '../filters.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, side } from '../sides.js'
import type { Stream } from '../streams.js'

/** Packets that are told of. */
const ENOUGH = 50
/** Share of packets that somebody has changed, or that are somebody else's. */
const ALTERED = 0.01
/** Sequence numbers shortly before they begin anew. */
const NEAR_END = 0xff00

export const srtpKeys: JudgeRule = {
  id: 'srtp-keys',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'no-audio',
    title: 'Encrypted audio is sent under another key than the one agreed on',
    rule: 'RFC 4568 §6.1',
    expected: 'SRTP under the key in the description of who sends it',
    harm: 'The call is answered and silent: what the key does not open is dropped.',
    advice:
      'Compare a=crypto of offer and answer on both hops; look whether a relay passes on what it should encrypt anew, or takes the key of another call.',
    step: 'talk',
  },
  look(scene, report) {
    for (const stream of scene.streams) {
      if (stream.tried < ENOUGH || stream.refused === 0) continue
      const call = callOf(stream, scene)
      // A key that a message brought which is not in the capture, opens what looks wrong here.
      if (call === undefined || scene.broken.has(call.callId)) continue
      const observation = told(stream, call, scene)
      if (observation !== undefined) report(observation)
    }
  },
}

function told(stream: Stream, call: Call, { view }: Scene): Observation | undefined {
  const { from, to, tried, refused, refusedInARow, lastOpened, firstFrame, lastFrame } = stream
  const way = `from ${formatEndpoint(from)} to ${formatEndpoint(to)}`
  const common = { about: call, frames: [firstFrame, lastFrame], filter: wayFilter(from, to) }
  if (refused === tried) {
    return {
      ...common,
      kind: 'key',
      seen: `None of ${tried} packets of SRTP ${way} carries the tag of the key that was agreed on for them; ${named(from.address, view)} sends them.`,
      side: doingOf(
        from.address,
        view,
        'the capture shows the key, and what is sent; who made the packets, may be behind it',
      ),
    }
  }
  if (refusedInARow >= ENOUGH && lastOpened >= NEAR_END) {
    return {
      ...common,
      kind: 'rollover',
      cause: 'srtp-rollover-lost',
      title: 'Encrypted audio breaks off when sequence numbers begin anew',
      rule: 'RFC 3711 §3.3.1',
      expected: 'a roll-over counter that is one more',
      harm: 'Calls fall silent after up to 22 minutes.',
      seen: `After sequence number ${lastOpened} the last ${refusedInARow} packets of SRTP ${way} carry no right tag.`,
      side: doingOf(from.address, view, 'it sends them'),
    }
  }
  if (refused / tried < ALTERED) return undefined
  return {
    ...common,
    kind: 'altered',
    severity: 'warn',
    gravity: 'harm',
    title: 'Packets of encrypted audio do not carry the right tag',
    expected: 'no packet that the key does not open',
    harm: 'Such packets are dropped: words are missing.',
    seen: `${refused} of ${tried} packets of SRTP ${way} do not carry the tag of the key that opens the others.`,
    side: side(
      'unknown',
      'they were changed on their way, are somebody else’s, or a key that is not in the capture took its place',
    ),
  }
}

function callOf({ to, from, firstAt }: Stream, { media, calls }: Scene): Call | undefined {
  const place = media.at(to, firstAt) ?? media.at(from, firstAt)
  return calls.find(({ callId }) => callId === place?.description.seen.callId)
}
