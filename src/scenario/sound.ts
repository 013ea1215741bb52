/** Tells sound from silence, and a voice that arrives altered from one that does not arrive. */
import type { Clock } from '../clock/clock.js'
import type { MediaPacketEvent, MediaSession } from '../media/media-session.js'
import { PatternListener } from '../media/audio-pattern.js'
import { decodeG711, encodeG711, type Law } from '../media/g711.js'
import { G722Decoder } from '../media/g722.js'
import { isFault, parseRtp } from '../media/rtp.js'
import { soundKind } from '../media/sound-kind.js'
import type { Device } from './device.js'
import { isIgnored, isRepetition, whatIsIgnored } from './ignored-audio.js'

/** Audio that a device received. */
export interface SoundHeard {
  readonly packets: number
  /** Audio packets that are not one and the same sample all through, as digital silence is. */
  readonly sounding: number
  /** They are enough for a tone or an announcement. */
  readonly audible: boolean
  /** For people: `31 of 50 packets with sound`. */
  readonly words: string
}

/** Sound in fewer packets may be the rest of a ringing tone. */
const AUDIBLE_PACKETS = 20

/** What a device has received since a moment (ms of the clock), as long as its record goes. */
export function soundAt(device: Device, sinceMs = 0): SoundHeard {
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  const sounding = received.filter(isSounding).length
  const words = `${sounding} of ${received.length} packets with sound`
  return { packets: received.length, sounding, audible: sounding >= AUDIBLE_PACKETS, words }
}

/** So many packets are enough to tell a tone from a voice. */
const MOST_PACKETS = 600

/** A packet of G.711. */
export interface Frame {
  readonly payload: Uint8Array
  readonly codec: Law
  /** As they came: of G.722, what the payload was made of. */
  readonly octets: Uint8Array
  readonly timestamp: number
  readonly sequenceNumber: number
  readonly ssrc: number
}

/** The first packets of audio of these; those of G.722 are made G.711, as a gateway does. */
export const framesOf = (packets: readonly MediaPacketEvent[], most = MOST_PACKETS): Frame[] => {
  const wideband = new G722Decoder()
  return packets.slice(0, most).flatMap(({ plain }) => {
    const packet = plain && parseRtp(plain)
    if (packet === undefined || isFault(packet)) return []
    const { payload, timestamp, sequenceNumber, ssrc } = packet
    const numbers = { timestamp, sequenceNumber, ssrc, octets: payload }
    if (packet.payloadType === 9)
      return [{ payload: encodeG711(wideband.decode(payload), 'PCMU'), codec: 'PCMU', ...numbers }]
    const codec = packet.payloadType === 8 ? 'PCMA' : packet.payloadType === 0 ? 'PCMU' : undefined
    return codec === undefined ? [] : [{ payload, codec, ...numbers }]
  })
}

/** What they sound like in a row, 8,000 samples a second. */
export function samplesOf(coded: readonly Frame[]): Int16Array {
  const frames = coded.map(({ payload, codec }) => decodeG711(payload, codec))
  const samples = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const frame of frames) {
    samples.set(frame, at)
    at += frame.length
  }
  return samples
}

/** What a device heard where a certain voice was to be heard. */
export interface VoiceHeard {
  /** Sound came, whatever it is. */
  readonly audible: boolean
  /** It is the voice. */
  readonly recognised: boolean
  /** It is certainly not what was said: noise, a tone, or the voice in a form that no telephone plays. */
  readonly altered: boolean
  /** Nothing is known of it: the voice may be in it, behind noise or echo, or something else may be played. */
  readonly unrecognised: boolean
  /** The voice of another call is heard, alone or as well. */
  readonly ofAnother: boolean
  /** For people: `no packets`. */
  readonly words: string
}

/** What was sent before the answer may arrive so many milliseconds after it. */
const ON_ITS_WAY_MS = 300

/**
 * Whether a voice has come through a device's audio session. What was heard before the device's own call was answered is
 * a ringing tone or an announcement and does not count.
 * @param voice number of the pattern that the other side plays
 */
export function voiceAt(
  listener: Device,
  session: MediaSession | undefined,
  voice: number | undefined,
  sinceMs = (listener.hears('2xx', { to: 'INVITE' }).last?.at ?? Number.NEGATIVE_INFINITY) + ON_ITS_WAY_MS,
): VoiceHeard {
  const silent = { audible: false, recognised: false, altered: false, unrecognised: false, ofAnother: false }
  if (session === undefined) return { ...silent, words: 'no audio session' }
  const { heard } = session.report()
  if (heard.some(({ patternId }) => patternId === voice)) {
    const ofAnother = heard.length > 1
    const words = ofAnother ? 'the voice, and another' : 'the voice'
    return { ...silent, audible: true, recognised: true, ofAnother, words }
  }
  if (heard.length > 0) return { ...silent, audible: true, ofAnother: true, words: 'another voice' }
  const received = listener.packets.filter(
    ({ direction, kind, at, local }) =>
      direction === 'in' && kind === 'rtp' && at >= sinceMs && local.port === session.local.port,
  )
  const count = received.length
  if (count === 0) return { ...silent, words: 'no packets' }
  const ignored = received.filter(isIgnored)
  const played = received.filter((packet) => !isIgnored(packet) || isRepetition(packet))
  if (played.filter(isSounding).length >= AUDIBLE_PACKETS) {
    const frames = framesOf(played)
    const misnumbered = misnumberedVoice(voice, frames)
    if (misnumbered !== undefined)
      return { ...silent, audible: true, unrecognised: true, words: `${played.length} packets of ${misnumbered}` }
    const instead = insteadOf(voice, frames)
    const words = `${played.length} packets of ${instead ?? 'sound that was not recognised'}`
    return { ...silent, audible: true, altered: instead !== undefined, unrecognised: instead === undefined, words }
  }
  return {
    ...silent,
    words: ignored.length > count / 2 ? whatIsIgnored(ignored) : `${count} packets of silence`,
  }
}

/** What gateways and relays do to octets of G.711 that makes noise of them: the other law's name, or bits inverted (ITU-T G.711). */
const MISTAKES: readonly { readonly words: string; readonly as: (frame: Frame) => Frame }[] = [
  {
    words: 'audio that is labelled with the wrong law (PCMA, PCMU)',
    as: (frame) => ({ ...frame, codec: frame.codec === 'PCMA' ? 'PCMU' : 'PCMA' }),
  },
  { words: 'audio whose bits are inverted', as: (frame) => ({ ...frame, payload: inverted(frame.payload, 0xff) }) },
  {
    words: 'audio whose even bits are inverted',
    as: (frame) => ({ ...frame, payload: inverted(frame.payload, 0x55) }),
  },
]

const inverted = (payload: Uint8Array, bits: number): Uint8Array => payload.map((octet) => octet ^ bits)

/**
 * The voice in packets that come in the right order under wrong numbers: what a telephone plays of it cannot be told. Undefined:
 * it is not that.
 */
function misnumberedVoice(voice: number | undefined, frames: readonly Frame[]): string | undefined {
  let timestamp = 0
  const inTurn = frames.map((frame) => {
    const now = { ...frame, timestamp }
    timestamp = (timestamp + frame.payload.length) >>> 0
    return now
  })
  if (!isHeardIn(voice, inTurn)) return undefined
  const [first] = frames
  const sources = new Set(frames.map(({ ssrc }) => ssrc)).size
  if (sources > frames.length / 4) return `the voice under ${sources} sources (SSRC)`
  const numbers = new Set(frames.map(({ sequenceNumber }) => sequenceNumber)).size
  if (numbers < frames.length / 2) return 'the voice with sequence numbers that repeat'
  const steady = frames.filter(({ timestamp: at }, i) => ((at - (first?.timestamp ?? 0)) | 0) === inTurn[i]?.timestamp)
  return steady.length < frames.length / 4
    ? 'the voice with timestamps that do not advance as the audio does'
    : undefined
}

/** What a gateway makes that gives G.722 the name of G.711, or the other way round. */
function mislabelledWideband(voice: number | undefined, frames: readonly Frame[]): string | undefined {
  const as = (codec: Law) => frames.map((frame) => ({ ...frame, payload: frame.octets, codec }))
  const decoder = new G722Decoder()
  const wideband = frames.map((frame) => ({
    ...frame,
    payload: encodeG711(decoder.decode(frame.octets), 'PCMU'),
    codec: 'PCMU' as const,
  }))
  return [wideband, as('PCMA'), as('PCMU')].some((one) => isHeardIn(voice, one))
    ? 'audio that is labelled with the wrong codec (G.711, G.722)'
    : undefined
}

function isHeardIn(voice: number | undefined, frames: readonly Frame[]): boolean {
  const listener = new PatternListener()
  for (const { payload, codec, timestamp } of frames) listener.push(payload, codec, timestamp)
  return listener.heard().some(({ id }) => id === voice)
}

/** What is certainly heard in place of a voice; undefined: that cannot be told. */
function insteadOf(voice: number | undefined, frames: readonly Frame[]): string | undefined {
  const mistake = MISTAKES.find(({ as }) => isHeardIn(voice, frames.map(as)))
  if (mistake !== undefined) return mistake.words
  const wideband = mislabelledWideband(voice, frames)
  if (wideband !== undefined) return wideband
  const kind = soundKind(samplesOf(frames))
  return kind === 'noise' ? 'noise' : kind === 'tone' ? 'a tone' : undefined
}

/** Many echo tests say first what they are, some for so long (ms). */
const ANNOUNCEMENT_MS = 15_000
/** Where it is known when the echo begins, it may be so much later (ms). */
const MARGIN_MS = 5_000
/** An echo has ended so long (ms) after its caller fell silent; so much longer is listened. */
const ECHO_ENDS_MS = 900
const LISTENS_MS = 600

/**
 * Whether a session's own voice comes back to it. Where something else comes, the session falls silent for a moment: what goes
 * on then, such as an announcement, is no altered echo.
 */
export async function echoAt(
  device: Device,
  session: MediaSession,
  clock: Clock,
  withinMs = device.echoFacts ? device.echoFacts.firstEchoMs + MARGIN_MS : ANNOUNCEMENT_MS,
): Promise<VoiceHeard> {
  await session.hears(session.patternId, withinMs)
  const heard = voiceAt(device, session, session.patternId)
  if (!heard.altered && !heard.unrecognised) return heard
  session.muted = true
  await clock.sleep(ECHO_ENDS_MS)
  const since = clock.now()
  await clock.sleep(LISTENS_MS)
  session.muted = false
  return soundAt(device, since).sounding === 0
    ? heard
    : {
        audible: false,
        recognised: false,
        altered: false,
        unrecognised: false,
        ofAnother: false,
        words: 'audio that goes on while the caller is silent',
      }
}

/** G.711 of quiet noise has a handful of values; of speech or a tone, dozens. */
const FEW_VALUES = 6

export function isSounding({ plain }: MediaPacketEvent): boolean {
  const packet = plain && parseRtp(plain)
  return packet !== undefined && !isFault(packet) && new Set(packet.payload).size > FEW_VALUES
}
