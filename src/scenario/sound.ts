/** Tells sound from silence, and a voice that arrives altered from one that does not arrive. */
import type { Clock } from '../clock/clock.js'
import type { MediaPacketEvent, MediaSession } from '../media/media-session.js'
import { decodeG711 } from '../media/g711.js'
import { isFault, parseRtp } from '../media/rtp.js'
import { soundKind, type SoundKind } from '../media/sound-kind.js'
import type { Device } from './device.js'

/** Audio that a device received. */
export interface SoundHeard {
  readonly packets: number
  /** Audio packets that are not one and the same sample all through, as digital silence is. */
  readonly sounding: number
}

/** What a device has received since a moment (ms of the clock), as long as its record goes. */
export function soundAt(device: Device, sinceMs = 0): SoundHeard {
  const received = device.packets.filter(
    ({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs,
  )
  return { packets: received.length, sounding: received.filter(isSounding).length }
}

/** So many packets are enough to tell a tone from a voice. */
const MOST_PACKETS = 600

/** What kind of sound a device has received since a moment (ms of the clock), of G.711: tone, noise, or what may be speech. */
export function soundKindAt(device: Device, sinceMs = 0): SoundKind {
  const frames = device.packets
    .filter(({ direction, kind, at }) => direction === 'in' && kind === 'rtp' && at >= sinceMs)
    .slice(0, MOST_PACKETS)
    .flatMap(({ plain }) => {
      const packet = plain && parseRtp(plain)
      if (packet === undefined || isFault(packet)) return []
      const codec = packet.payloadType === 8 ? 'PCMA' : packet.payloadType === 0 ? 'PCMU' : undefined
      return codec === undefined ? [] : [decodeG711(packet.payload, codec)]
    })
  const samples = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const frame of frames) {
    samples.set(frame, at)
    at += frame.length
  }
  return soundKind(samples)
}

/** What a device heard where a certain voice was to be heard. */
export interface VoiceHeard {
  /** Sound came, whatever it is. */
  readonly audible: boolean
  /** It is the voice. */
  readonly recognised: boolean
  /** It is nobody's voice: what was said did not arrive as it was said. */
  readonly altered: boolean
  /** It is the voice of another call. */
  readonly ofAnother: boolean
  /** For people: `no packets`. */
  readonly words: string
}

/** Sound in fewer packets may be the rest of a ringing tone. */
const AUDIBLE_PACKETS = 20
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
  const silent = { audible: false, recognised: false, altered: false, ofAnother: false }
  if (session === undefined) return { ...silent, words: 'no audio session' }
  const { heard } = session.report()
  if (heard.some(({ patternId }) => patternId === voice))
    return { ...silent, audible: true, recognised: true, words: 'the voice' }
  if (heard.length > 0) return { ...silent, audible: true, ofAnother: true, words: 'another voice' }
  const received = listener.packets.filter(
    ({ direction, kind, at, local }) =>
      direction === 'in' && kind === 'rtp' && at >= sinceMs && local.port === session.local.port,
  )
  const count = received.length
  if (count === 0) return { ...silent, words: 'no packets' }
  if (received.filter(isSounding).length >= AUDIBLE_PACKETS)
    return { ...silent, audible: true, altered: true, words: `${count} packets of unrecognised audio` }
  const unreadable = received.filter(({ plain }) => plain === undefined).length
  return {
    ...silent,
    words: unreadable > count / 2 ? `${unreadable} packets that cannot be decrypted` : `${count} packets of silence`,
  }
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
  if (!heard.altered) return heard
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
        ofAnother: false,
        words: 'audio that goes on while the caller is silent',
      }
}

/** G.711 of quiet noise has a handful of values; of speech or a tone, dozens. */
const FEW_VALUES = 6

function isSounding({ plain }: MediaPacketEvent): boolean {
  const packet = plain && parseRtp(plain)
  return packet !== undefined && !isFault(packet) && new Set(packet.payload).size > FEW_VALUES
}
