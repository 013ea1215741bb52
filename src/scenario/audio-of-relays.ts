/**
 * What of the calls of a story went through which relay, and how it arrived at each end. Read off the packets of its devices
 * afterwards, whatever the story is about: each call of a run tells something of its relays.
 */
import { ownersOf } from '../evidence/places.js'
import type { ScenarioRecord } from '../evidence/record.js'
import type { MediaPacketEvent } from '../media/media-session.js'
import { isFault, parseRtp } from '../media/rtp.js'
import { SourceTable } from '../media/statistics.js'
import type { RelayAudio } from '../result/audio.js'
import { formatEndpoint } from '../transport/network.js'
import { sumOfAudio } from '../verdict/relays.js'
import type { MediaLeg } from './call-audio.js'
import type { Device } from './device.js'
import { voiceAt } from './sound.js'
import type { Target } from './target.js'

/** An end that is spoken to for so many packets of 20 ms, and hears nothing, is deaf. */
const SPOKEN = 75
/** For so many, and its audio should be recognised. */
const RECOGNISABLE = 150
/** A relay may learn from an end's own packets where it is. */
const SPEAKS = 25
/** What was sent at the end of the time that is looked at may arrive so much later (ms). */
const ON_ITS_WAY_MS = 300
/** The clock rate of G.711. */
const PER_SECOND = 8_000

/** From the answer to the first thing that changes or ends the call (ms of the clock). */
interface Span {
  readonly from: number
  readonly to: number
}

interface End extends MediaLeg {
  readonly device: Device
  readonly span: Span
}

/** What each end of each answered call received, summed up by relay and direction. */
export function audioOfRelays(
  devices: readonly Device[],
  record: Pick<ScenarioRecord, 'messages' | 'wire'>,
  { published }: Pick<Target, 'published'>,
): RelayAudio[] {
  const ends = devices.flatMap((device) =>
    device.callAudio.legs.flatMap((leg): End[] => {
      const span = spanOf(leg, device.name, record)
      return span === undefined ? [] : [{ ...leg, device, span: untilForgotten(span, devices) }]
    }),
  )
  const seen = ownersOf(record.wire, devices)
  const opened = devices.flatMap(({ mediaSessions }) => mediaSessions.map(({ local }) => formatEndpoint(local)))
  const ours = new Set([...seen.keys(), ...opened])
  const known = new Set(devices.flatMap(({ mediaSessions }) => mediaSessions.map(({ patternId }) => patternId)))
  const withholds = devices.some(({ callAudio }) => callAudio.withholds)
  return sumOfAudio(
    ends.flatMap((end): RelayAudio[] => {
      const { remote } = end.session
      // Two devices of ours that send each other their audio: no relay leads it.
      if (remote === undefined || ours.has(formatEndpoint(remote))) return []
      const speaker = end.device.callAudio.speakerFor(end.session)
      const speaking = ends.find(({ session }) => session === speaker)
      return [
        {
          relay: published.relayOf(remote.address, remote.port) ?? remote.address,
          to: end.direction === 'outgoing' ? 'caller' : 'called',
          calls: 1,
          ...receptionOf(end, withholds),
          ...(speaking === undefined ? NOT_JUDGED : hearingOf(end, speaking, known)),
        },
      ]
    }),
  )
}

/** What a router that forgets its devices in mid-call loses is no relay's doing. */
function untilForgotten({ from, to }: Span, devices: readonly Device[]): Span {
  const forgotten = devices.flatMap(({ nat }) => nat?.forgottenAt ?? []).filter((at) => at >= from)
  return { from, to: Math.min(to, ...forgotten) }
}

/** Undefined where the call was not answered. */
function spanOf({ call }: MediaLeg, device: string, { messages }: Pick<ScenarioRecord, 'messages'>): Span | undefined {
  const own = messages.filter((one) => one.device === device && one.message.headers.get('Call-ID') === call)
  const answer = own.findIndex(
    ({ message }) =>
      message.kind === 'response' &&
      message.status >= 200 &&
      message.status < 300 &&
      /\bINVITE$/.test(message.headers.get('CSeq') ?? ''),
  )
  const answered = own[answer]
  if (answered === undefined) return undefined
  const change = own
    .slice(answer)
    .find(({ message, again }) => message.kind === 'request' && !again && CHANGES.has(message.method))
  return { from: answered.at, to: change?.at ?? Number.POSITIVE_INFINITY }
}

const CHANGES = new Set(['INVITE', 'UPDATE', 'BYE', 'REFER'])

const packetsOf = ({ device, session }: End, direction: 'in' | 'out', { from, to }: Span): MediaPacketEvent[] =>
  device.packets.filter(
    (one) =>
      one.direction === direction &&
      one.kind === 'rtp' &&
      one.local.port === session.local.port &&
      one.at >= from &&
      one.at <= to,
  )

/** What came, by its sequence numbers. Where a story held packets back on purpose, nothing is said of losses. */
function receptionOf(
  end: End,
  withholds: boolean,
): Pick<RelayAudio, 'packets' | 'expected' | 'lost' | 'gaps' | 'jitterMs'> {
  const table = new SourceTable({ ownSsrc: -1, clockRate: PER_SECOND })
  const packets = packetsOf(end, 'in', end.span)
  for (const { plain, remote, at } of packets) {
    const packet = plain && parseRtp(plain)
    if (packet === undefined || isFault(packet)) continue
    // The timestamp of an event is that of its beginning (RFC 4733 §2.5.1.2).
    table.receive(packet, remote, at, packet.payloadType === 8 || packet.payloadType === 0)
  }
  const total = withholds ? undefined : table.total()
  return {
    packets: packets.length,
    expected: total?.expected ?? 0,
    lost: Math.max(0, total?.lost ?? 0),
    gaps: Math.max(0, total?.gaps ?? 0),
    ...(total === undefined ? {} : { jitterMs: total.jitterMs }),
  }
}

type Hearing = Pick<RelayAudio, 'listened' | 'oneWay' | 'wrong' | 'altered' | 'unrecognised' | 'startMs'>

const NOT_JUDGED = { listened: 0, oneWay: 0, wrong: 0, altered: 0, unrecognised: 0 } satisfies Hearing

/** Whether an end heard what it should. */
function hearingOf(end: End, speaking: End, known: ReadonlySet<number>): Hearing {
  const span = {
    from: Math.max(end.span.from, speaking.span.from),
    to: Math.min(end.span.to, speaking.span.to),
  }
  const spoken = packetsOf(speaking, 'out', span)
  const [first] = spoken
  const came = packetsOf(end, 'in', { from: span.from, to: span.to + ON_ITS_WAY_MS })
  const start = came[0] && first ? { startMs: Math.max(0, Math.round(came[0].at - first.at)) } : {}
  const judged = { ...NOT_JUDGED, listened: 1, ...start }
  if (end.session.report().heard.some(({ patternId }) => !known.has(patternId))) return { ...judged, wrong: 1 }
  const heard = voiceAt(end.device, end.session, speaking.session.patternId, span.from)
  if (heard.recognised || heard.ofAnother) return judged
  if (spoken.length < SPOKEN || packetsOf(end, 'out', span).length < SPEAKS) return NOT_JUDGED
  if (!heard.audible) return { ...judged, oneWay: 1 }
  if (spoken.length < RECOGNISABLE) return NOT_JUDGED
  return heard.altered ? { ...judged, altered: 1 } : { ...judged, unrecognised: 1 }
}
