/** Calls and registrations as the report lists them. */
import type { JudgedStream, JudgedSubject } from '../result/judge-result.js'
import { formatEndpoint } from '../transport/network.js'
import type { Call } from './calls.js'
import type { Leg } from './leg.js'
import { endOf } from './call-media.js'
import { pressedIn } from './presses.js'
import { filterOfCall, filterOfRegistration } from './filters.js'
import { type LadderRoom, ladderOf } from './ladders.js'
import type { Registration } from './registrations.js'
import type { Scene } from './scene.js'
import type { Stream } from './streams.js'
import { seconds } from './texts.js'
import { finalOf, firstOf, isChallenge } from './transactions.js'

export function callSubject(
  call: Call,
  key: string,
  o: {
    scene: Scene
    streams: readonly Stream[]
    keyOfStream: (stream: Stream) => string
    room: LadderRoom
    isShown: boolean
    legOf?: string | undefined
  },
): JudgedSubject {
  const { messages, callId, from = 'unknown', to = 'unknown' } = call
  const { scene, streams, keyOfStream, room, isShown, legOf } = o
  const [first] = messages
  const at = first?.at ?? scene.from
  const pressed = pressedIn(call, streams)
  return {
    key,
    title: `${from} → ${to}`,
    outcome: outcomeOf(call, scene),
    atMs: at - scene.from,
    durationMs: (messages.at(-1)?.at ?? at) - at,
    callIds: [callId],
    transports: [...new Set(messages.map(({ transport }) => transport))],
    streams: streams.map(keyOfStream),
    ...(pressed.length === 0 ? {} : { pressed }),
    ...(legOf === undefined ? {} : { legOf }),
    filter: filterOfCall(call),
    ...(isShown ? { ladder: ladderOf(messages, streams, room) } : {}),
  }
}

/** What came of a call, in words. */
export function outcomeOf({ legs, messages }: Call, scene: Scene): string {
  const [leg] = legs
  if (leg === undefined) {
    return messages.some(({ method }) => method === 'BYE')
      ? 'begins before the capture; ended'
      : 'begins before the capture'
  }
  const answered = legs.find(({ answer }) => answer !== undefined)
  if (answered !== undefined) return answeredOutcome(answered, scene)
  const final = finalOf(leg.invite)
  if (leg.cancel !== undefined)
    return `cancelled by the caller after ${seconds(firstOf(leg.cancel).at - firstOf(leg.invite).at)}`
  if (final !== undefined)
    return `refused: ${final.status}${final.message.kind === 'response' ? ` ${final.message.reason}` : ''}`
  const told = leg.invite.responses.at(-1)
  return told === undefined ? 'no answer at all' : `${told.status} seen last; the capture does not show more`
}

function answeredOutcome(leg: Leg, scene: Scene): string {
  const { answer, bye } = leg
  const length = seconds(endOf(leg, scene) - (answer?.at ?? 0))
  if (bye === undefined) return `answered; goes on when the capture ends, ${length} later`
  return `answered; ended after ${length} by ${firstOf(bye).from.address}`
}

export function registrationSubject(
  registration: Registration,
  key: string,
  o: { scene: Scene; room: LadderRoom; isShown: boolean },
): JudgedSubject {
  const { aor, transactions } = registration
  const { scene, room, isShown } = o
  const messages = transactions
    .flatMap(({ requests, responses }) => [...requests, ...responses])
    .toSorted((a, b) => a.at - b.at)
  const at = messages[0]?.at ?? scene.from
  return {
    key,
    title: aor,
    outcome: registrationOutcome(registration),
    atMs: at - scene.from,
    durationMs: (messages.at(-1)?.at ?? at) - at,
    callIds: [...new Set(messages.map(({ callId }) => callId))],
    transports: [...new Set(messages.map(({ transport }) => transport))],
    streams: [],
    filter: filterOfRegistration(registration),
    ...(isShown ? { ladder: ladderOf(messages, [], room) } : {}),
  }
}

function registrationOutcome({ transactions }: Registration): string {
  const finals = transactions.flatMap((one) => finalOf(one) ?? [])
  const accepted = finals.filter(({ status }) => status < 300).length
  const refused = finals.filter(({ status }) => status >= 300 && !isChallenge(status))
  const silent = transactions.filter((one) => finalOf(one) === undefined).length
  const parts = [
    `${accepted} accepted`,
    ...(refused.length > 0
      ? [`${refused.length} refused (${[...new Set(refused.map(({ status }) => status))].join(', ')})`]
      : []),
    ...(silent > 0 ? [`${silent} without an answer`] : []),
  ]
  if (accepted === 0 && refused.length === 0 && finals.length > 0)
    return `asked to log in ${finals.length} times, never accepted`
  return parts.join(', ')
}

export function streamRow(stream: Stream, key: string, scene: Scene, of: string | undefined): JudgedStream {
  const { from, to, ssrc, statistics, types, firstAt, lastAt, packets, keys, tones, clockRate } = stream
  const { lost, expected, reordered, jitterMs } = statistics.snapshot()
  const [digits, heard] = [keys, tones].map((all) => all.map(({ digit }) => digit).join(''))
  return {
    key,
    from: formatEndpoint(from),
    to: formatEndpoint(to),
    ssrc: `0x${ssrc.toString(16).padStart(8, '0')}`,
    codec: [...types.keys()]
      .map((type) => scene.media.type(to, from, type, firstAt)?.encoding ?? `type ${type}`)
      .join(', '),
    packets,
    lost,
    expected,
    reordered,
    ...(clockRate === undefined ? {} : { jitterMs: Math.round(jitterMs * 10) / 10 }),
    atMs: firstAt - scene.from,
    durationMs: lastAt - firstAt,
    ...(digits === '' ? {} : { digits }),
    ...(heard === '' ? {} : { tones: heard }),
    ...(of === undefined ? {} : { of }),
  }
}
