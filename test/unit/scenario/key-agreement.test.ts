import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { mikeyOfUnknownKey } from '../../../src/scenario/key-agreement.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

/** Reads the payloads of a MIKEY message to its end (RFC 3830 §5.3); throws where one does not fit. */
function payloadsOf(message: Buffer): string[] {
  const names: string[] = []
  const take = (from: number, length: number) => {
    if (from + length > message.length) throw new RangeError(`${length} octets from ${from} of ${message.length}`)
    return from + length
  }
  let next = message[2]
  // §6.1: ten octets, and nine for each crypto session.
  let at = take(0, 10 + 9 * message[8]!)
  while (next !== 0) {
    const payload = next
    next = message[at]
    if (payload === 5) {
      names.push('T')
      at = take(at, 2 + 8)
    } else if (payload === 11) {
      names.push('RAND')
      at = take(at, 2 + message[at + 1]!)
    } else if (payload === 1) {
      names.push('KEMAC')
      at = take(at, 4 + message.readUInt16BE(at + 2) + 1 + 20)
    } else {
      throw new RangeError(`a payload of type ${payload}`)
    }
  }
  if (at !== message.length) throw new RangeError(`${message.length - at} octets behind the last payload`)
  return names
}

describe('a MIKEY message of a key that nobody shares', () => {
  const unixMs = Date.UTC(2026, 2, 11, 6, 52, 35, 500)
  const message = mikeyOfUnknownKey(new SeededRandom(1), { unixMs, ssrc: 0x01020304 })

  it('is made of the payloads of the pre-shared key method, and fits', () => {
    expect(payloadsOf(message)).toEqual(['T', 'RAND', 'KEMAC'])
    expect(() => payloadsOf(message.subarray(0, -1))).toThrow(RangeError)
  })
  it('is read as what it is in a session description', () => {
    const [audio] = SessionDescription.parse(
      `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\na=key-mgmt:mikey ${message.toString('base64')}\r\n`,
    ).media
    expect(audio?.keyManagement.messages).toMatchObject([{ protocol: 'mikey', version: 1, dataType: 'pre-shared' }])
  })
  it('names the stream, and the time since 1900', () => {
    expect(message.readUInt32BE(11)).toBe(0x01020304)
    expect([message.readUInt32BE(21), message.readUInt32BE(25)]).toEqual([unixMs / 1000 - 0.5 + 2_208_988_800, 2 ** 31])
  })
})
