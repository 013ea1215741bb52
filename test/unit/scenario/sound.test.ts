import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { AudioPattern } from '../../../src/media/audio-pattern.js'
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
    payload: payload ?? Buffer.alloc(160),
  })
  const remote = { address: '192.0.2.2', port: 4002 }
  return { at, direction: 'in', kind: 'rtp', local, remote, raw, plain: payload === undefined ? undefined : raw }
}

const speech = (index: number) => new AudioPattern(VOICE).frame(index, 'PCMA')
const noise = (index: number) => Buffer.from(speech(index).map((octet) => octet ^ 0x55))
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
    const { audible, recognised, altered, words } = voiceAt(device, session, VOICE)
    return [audible, recognised, altered, words]
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
  it('is noise', () =>
    expect(at(everyFrame(1_000, noise))).toEqual([true, false, true, '50 packets of unrecognised audio']))
  it('is no ringing tone from before the answer', () =>
    expect(at(everyFrame(1_000, noise), [], 1_000)).toEqual([false, false, false, 'no packets']))
})

describe('an echo', () => {
  const told = async (heard: readonly number[], goesOn: boolean) => {
    const clock = new VirtualClock()
    const packets = everyFrame(800, noise)
    const { device, session } = heardBy(packets, heard)
    const from = clock.now()
    if (goesOn) for (let ms = 0; ms < 3_000; ms += 20) clock.after(ms, () => packets.push(packet(from + ms, noise(ms))))
    const echo = await clock.run(() => echoAt(device, session, clock))
    return { echo, muted: session.muted }
  }

  it('is recognised', async () =>
    expect(await told([VOICE], true)).toEqual({ echo: expect.objectContaining({ recognised: true }), muted: false }))
  it('is altered where it ends with its caller', async () =>
    expect(await told([], false)).toEqual({ echo: expect.objectContaining({ altered: true }), muted: false }))
  it('is an announcement where it goes on', async () =>
    expect(await told([], true)).toEqual({ echo: expect.objectContaining({ audible: false }), muted: false }))
})
