import { describe, expect, it } from 'vitest'
import { AudioPattern, PatternListener } from '../../../src/media/audio-pattern.js'
import { decodeG711, encodeG711 } from '../../../src/media/g711.js'
import { G722Decoder } from '../../../src/media/g722.js'
import { isFault, parseRtp, serializeRtp } from '../../../src/media/rtp.js'
import { RIGHT_RELAY } from '../../../src/provider/rules/relay.js'
import type { MediaLeg } from '../../../src/provider/media-leg.js'
import type { Recoder } from '../../../src/provider/recoder.js'
import { Transcoder } from '../../../src/provider/transcoder.js'
import type { MediaDescription } from '../../../src/sdp/section.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

function audio(formats: string): MediaDescription {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 192.0.2.1',
    's=-',
    'c=IN IP4 192.0.2.1',
    't=0 0',
    `m=audio 4000 RTP/AVP ${formats}`,
  ]
  const [media] = SessionDescription.fromLines([...lines, 'a=rtpmap:101 telephone-event/8000']).media
  if (media === undefined) throw new Error('no m= line')
  return media
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only this of it is touched
const leg = () => ({ recoder: undefined }) as { recoder: Recoder | undefined } as MediaLeg

function agreed(offered: string, answered: string, rules = RIGHT_RELAY) {
  const [caller, callee, transcoder] = [leg(), leg(), new Transcoder(rules)]
  const [offer, answer] = [audio(offered), audio(answered)]
  transcoder.widen(offer, caller, callee)
  transcoder.settle(answer, callee, caller)
  return { caller, callee, transcoder, offer: offer.formats.join(' '), answer: answer.formats.join(' ') }
}

describe('a relay between devices of different codecs', () => {
  it('leaves offers alone that have what every telephone has', () => {
    const { offer, answer, caller, callee } = agreed('8 0 101', '8 101')
    expect([offer, answer, caller.recoder, callee.recoder]).toEqual(['8 0 101', '8 101', undefined, undefined])
  })

  it('takes what it has added out of the answer, where the two have a codec in common', () => {
    expect(agreed('8 101', '8 101 0')).toMatchObject({ offer: '8 101 0', answer: '8 101' })
  })

  it('does not touch codecs that it does not know', () => {
    expect(agreed('18 101', '18 101')).toMatchObject({ offer: '18 101', answer: '18 101' })
  })

  it('goes on taking from a device what it has offered it, when that device offers', () => {
    const { caller, callee, transcoder } = agreed('8 101', '8 101 0')
    const [offer, answer] = [audio('8 0 101'), audio('8 101')]
    transcoder.widen(offer, callee, caller)
    transcoder.settle(answer, caller, callee)
    expect(answer.formats.join(' ')).toBe('8 101 0')
    expect(caller.recoder).toBeDefined()
  })

  it.each([
    ['PCMU', '0', '8 101', '8'],
    ['G722', '9', '0 101', '0'],
  ] as const)('decodes and encodes again where they have none: %s', (codec, own, answered, other) => {
    const { caller, callee, offer, answer } = agreed(`${own} 101`, answered)
    expect(offer.split(' ').slice(0, 2)).toEqual([own, '101'])
    expect(answer).toBe(`${own} 101`)
    const listener = new PatternListener()
    const decoder = new G722Decoder()
    const voice = new AudioPattern(815)
    for (let index = 0; index < 150; index++) {
      const law = other === '8' ? 'PCMA' : 'PCMU'
      const stream = { marker: false, ssrc: 1, sequenceNumber: index, timestamp: 160 * index }
      const sent = serializeRtp({ ...stream, payloadType: Number(other), payload: voice.frame(index, law) })
      const packet = parseRtp(caller.recoder!.recode(sent))
      if (isFault(packet)) throw new Error(packet.code)
      expect([packet.payloadType, packet.timestamp, packet.payload.length]).toEqual([Number(own), 160 * index, 160])
      const samples = codec === 'G722' ? decoder.decode(packet.payload) : decodeG711(packet.payload, codec)
      listener.push(encodeG711(samples, 'PCMU'), 'PCMU', packet.timestamp)
    }
    expect(listener.heard().map(({ id }) => id)).toEqual([815])
    const event = serializeRtp({
      marker: true,
      ssrc: 1,
      sequenceNumber: 1,
      timestamp: 0,
      payloadType: 101,
      payload: Buffer.alloc(4),
    })
    expect(callee.recoder!.recode(event)).toBe(event)
  })

  it('keeps its coders where an answer comes again, and makes new ones where another codec was chosen', () => {
    const { caller, callee, transcoder } = agreed('9 101', '8 101')
    const before = [caller.recoder, callee.recoder]
    const again = (formats: string) => {
      transcoder.widen(audio('9 101'), caller, callee)
      transcoder.settle(audio(formats), callee, caller)
      return [caller.recoder, callee.recoder]
    }
    transcoder.settle(audio('8 101'), callee, caller)
    expect(caller.recoder).toBe(before[0])
    expect(callee.recoder).toBe(before[1])
    expect(again('8 101').every((recoder, index) => recoder === before[index])).toBe(true)
    expect(again('0 101').some((recoder, index) => recoder === before[index])).toBe(false)
    expect(again('9 101')).toEqual([undefined, undefined])
  })

  it('adds nothing where its rules do not transcode', () => {
    expect(agreed('8 101', '8 101', { ...RIGHT_RELAY, transcodes: false })).toMatchObject({ offer: '8 101' })
  })
})
