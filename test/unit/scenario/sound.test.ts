import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { SeededRandom } from '../../../src/clock/random.js'
import { AudioPattern, CYCLE_SAMPLES } from '../../../src/media/audio-pattern.js'
import { decodeG711, encodeG711 } from '../../../src/media/g711.js'
import type { MediaPacketEvent, MediaSession } from '../../../src/media/media-session.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import type { Device } from '../../../src/scenario/device.js'
import { echoAt, voiceAt } from '../../../src/scenario/sound.js'

const VOICE = 4711
const local = { address: '192.0.2.1', port: 4000 }

const packet = (at: number, payload: Buffer | undefined): MediaPacketEvent => {
  const raw = serializeRtp({
    marker: false,
    payloadType: 8,
    ssrc: 1,
    sequenceNumber: at / 20,
    timestamp: at * 8,
    payload: payload ?? noise(),
  })
  const remote = { address: '192.0.2.2', port: 4002 }
  return { at, direction: 'in', kind: 'rtp', local, remote, raw, plain: payload === undefined ? undefined : raw }
}

const speech = (index: number) => new AudioPattern(VOICE).frame(index, 'PCMA')
const inverted = (index: number) => Buffer.from(speech(index).map((octet) => octet ^ 0x55))
const random = new SeededRandom(1)
const noise = () => random.bytes(160)
/** The voice with its own echo of -6 dB after 110 ms, and a second one. */
const blurred = (index: number) => {
  const pattern = new AudioPattern(VOICE)
  const samples = new Int16Array(160)
  for (const [delay, gain] of [
    [0, 1],
    [880, 0.7],
    [1_840, 0.7],
  ] as const) {
    const part = decodeG711(pattern.read(index * 160 + CYCLE_SAMPLES * 4 - delay, 160, 'PCMA'), 'PCMA')
    for (const [at, sample] of part.entries()) samples[at] = (samples[at] ?? 0) + gain * sample
  }
  return encodeG711(samples, 'PCMA')
}
const ringing = (index: number) =>
  encodeG711(
    Int16Array.from({ length: 160 }, (_, i) =>
      Math.round(4_000 * Math.sin((2 * Math.PI * 425 * (index * 160 + i)) / 8000)),
    ),
    'PCMA',
  )
const silence = () => Buffer.alloc(160, 0xd5)
const everyFrame = (ms: number, payload: (index: number) => Buffer | undefined) =>
  Array.from({ length: ms / 20 }, (_, index) => packet(index * 20, payload(index)))

/** A device with these packets, whose own call was answered at a moment (ms), and a session that recognised these patterns. */
function heardBy(packets: MediaPacketEvent[], heard: readonly number[] = [], answeredAt?: number) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what is read of it
  const device = {
    packets,
    hears: () => ({ last: answeredAt === undefined ? undefined : { at: answeredAt } }),
  } as unknown as Device
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what is read of it
  const session = {
    local,
    patternId: VOICE,
    muted: false,
    hears: () => Promise.resolve(heard.includes(VOICE)),
    report: () => ({ heard: heard.map((patternId) => ({ patternId })) }),
  } as unknown as MediaSession
  return { device, session }
}

describe('what came of a voice', () => {
  const at = (packets: MediaPacketEvent[], heard?: readonly number[], answeredAt?: number) => {
    const { device, session } = heardBy(packets, heard, answeredAt)
    const { audible, recognised, altered, unrecognised, words } = voiceAt(device, session, VOICE)
    return [audible, recognised, altered || (unrecognised ? 'unrecognised' : false), words]
  }

  it('is the voice itself', () =>
    expect(at(everyFrame(1_000, speech), [VOICE])).toEqual([true, true, false, 'the voice']))
  it('is the voice of another call', () => expect(at([], [99])).toEqual([true, false, false, 'another voice']))
  it('is nothing', () => expect(at([])).toEqual([false, false, false, 'no packets']))
  it('is silence', () => expect(at(everyFrame(1_000, silence))).toEqual([false, false, false, '50 packets of silence']))
  it('is what cannot be decrypted', () =>
    expect(at(everyFrame(1_000, () => undefined))).toEqual([
      false,
      false,
      false,
      '50 packets that cannot be decrypted',
    ]))
  it('is what a telephone drops, by what most of it is', () => {
    const dropped = (fault: string, o: { raw?: Buffer; type?: (index: number) => number } = {}) => {
      const packets = everyFrame(1_000, speech).map((one, index): MediaPacketEvent => {
        const raw = o.raw ?? Buffer.from(one.raw)
        if (o.type) raw[1] = o.type(index)
        return { ...one, raw, plain: fault === 'unknown-payload-type' ? raw : undefined, fault }
      })
      const [audible, , , words] = at(packets)
      return audible === false ? words : 'audible'
    }
    expect(dropped('rtp-version')).toBe('50 datagrams that are not RTP')
    expect(dropped('too-short')).toBe('50 datagrams that are not RTP')
    expect(dropped('replayed')).toBe('50 packets that were sent before')
    expect(dropped('authentication')).toBe('50 packets that are not encrypted')
    expect(dropped('authentication', { raw: random.bytes(182) })).toBe('50 packets that cannot be decrypted')
    const type = 'unknown-payload-type'
    expect(dropped(type, { type: () => 77 })).toBe('50 packets with payload type 77, which was not agreed on')
    expect(dropped(type, { type: (index) => 20 + (index % 7) })).toBe(
      '50 packets with payload types that were not agreed on: 20, 21, 22, 23, 24, …',
    )
  })
  it('is the voice under numbers that no telephone can put in order', () => {
    const numbered = (edit: (raw: Buffer, index: number) => void) => {
      const packets = everyFrame(4_000, speech).map((one, index): MediaPacketEvent => {
        const raw = Buffer.from(one.raw)
        edit(raw, index)
        return { ...one, raw, plain: raw }
      })
      return at(packets)
    }
    const told = (words: string) => [true, false, 'unrecognised', `200 packets of ${words}`]
    expect(numbered((raw, index) => raw.writeUInt32BE(index, 8))).toEqual(told('the voice under 200 sources (SSRC)'))
    expect(numbered((raw) => raw.writeUInt16BE(7, 2))).toEqual(told('the voice with sequence numbers that repeat'))
    expect(numbered((raw) => raw.writeUInt32BE(7, 4))).toEqual(
      told('the voice with timestamps that do not advance as the audio does'),
    )
  })
  it('is noise', () => expect(at(everyFrame(1_000, noise))).toEqual([true, false, true, '50 packets of noise']))
  it('is a tone', () => expect(at(everyFrame(1_000, ringing))).toEqual([true, false, true, '50 packets of a tone']))
  it('is the voice in a form that no telephone plays', () => {
    const words = '60 packets of audio whose even bits are inverted'
    expect(at(everyFrame(1_200, inverted))).toEqual([true, false, true, words])
    const mislabelled = everyFrame(1_200, (index) => new AudioPattern(VOICE).frame(index, 'PCMU'))
    const law = '60 packets of audio that is labelled with the wrong law (PCMA, PCMU)'
    expect(at(mislabelled)).toEqual([true, false, true, law])
  })
  it('is sound that was not recognised, where the voice may be in it', () => {
    const words = '150 packets of sound that was not recognised'
    expect(at(everyFrame(3_000, blurred))).toEqual([true, false, 'unrecognised', words])
  })
  it('is the voice and another', () => {
    const { device, session } = heardBy([], [VOICE, 99])
    expect(voiceAt(device, session, VOICE)).toMatchObject({ recognised: true, ofAnother: true })
  })
  it('is no ringing tone from before the answer', () =>
    expect(at(everyFrame(1_000, noise), [], 1_000)).toEqual([false, false, false, 'no packets']))
})

describe('an echo', () => {
  const told = async (heard: readonly number[], goesOn: boolean, sound: (index: number) => Buffer = noise) => {
    const clock = new VirtualClock()
    const packets = everyFrame(800, sound)
    const { device, session } = heardBy(packets, heard)
    const from = clock.now()
    if (goesOn) for (let ms = 0; ms < 3_000; ms += 20) clock.after(ms, () => packets.push(packet(from + ms, sound(ms))))
    const echo = await clock.run(() => echoAt(device, session, clock))
    return { echo, muted: session.muted }
  }

  it('is recognised', async () =>
    expect(await told([VOICE], true)).toEqual({ echo: expect.objectContaining({ recognised: true }), muted: false }))
  it('is altered where it ends with its caller', async () =>
    expect(await told([], false)).toEqual({ echo: expect.objectContaining({ altered: true }), muted: false }))
  it('is not recognised where it ends with its caller', async () =>
    expect(await told([], false, blurred)).toEqual({
      echo: expect.objectContaining({ altered: false, unrecognised: true }),
      muted: false,
    }))
  it.each([noise, blurred])('is an announcement where it goes on', async (sound) =>
    expect(await told([], true, sound)).toEqual({
      echo: expect.objectContaining({ audible: false, unrecognised: false }),
      muted: false,
    }),
  )
})
