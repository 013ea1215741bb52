import * as fc from 'fast-check'
import { parse as oracleParse } from 'sdp-transform'
import { getMediaSections, parseMLine } from 'sdp'
import { describe, expect, it } from 'vitest'
import { SessionDescription } from '../../../src/sdp/session-description.js'
import { connectionFor } from '../../../src/sdp/values.js'

const PHONE = [
  'v=0',
  'o=- 3724394400 3724394405 IN IP4 192.0.2.10',
  's=-',
  'c=IN IP4 192.0.2.10',
  't=0 0',
  'a=X-vendor: keep  me ',
  'm=audio 40000 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=rtcp:40007 IN IP4 192.0.2.11',
  'a=sendrecv',
  'm=video 0 RTP/AVP 34',
  'c=IN IP6 2001:db8::2',
]
const text = (lines: readonly string[]) => lines.map((line) => `${line}\r\n`).join('')
const codes = (sdp: string | Buffer) => SessionDescription.parse(sdp).violations.map((one) => one.code)

describe('session descriptions (RFC 8866)', () => {
  it('reads what a telephone says, and finds nothing wrong with it', () => {
    const sdp = SessionDescription.parse(text(PHONE))
    expect(sdp.violations).toEqual([])
    expect(sdp.origin).toMatchObject({ sessionId: '3724394400', version: '3724394405', address: '192.0.2.10' })
    const [audio, video] = sdp.media
    expect(audio).toMatchObject({ media: 'audio', port: 40000, protocol: 'RTP/AVP', ptime: 20, direction: 'sendrecv' })
    expect(audio?.formats).toEqual(['8', '0', '101'])
    expect(audio?.rtpMaps.map((map) => map.encoding)).toEqual(['PCMA', 'PCMU', 'telephone-event'])
    expect(audio?.fmtp(101)).toBe('0-15')
    expect(audio?.rtcp).toEqual({ port: 40007, connection: connectionFor('192.0.2.11') })
    expect(video?.connection).toEqual({ netType: 'IN', addrType: 'IP6', address: '2001:db8::2' })
    expect(video?.rtpMaps).toEqual([{ payloadType: 34, encoding: 'H263', clockRate: 90000, channels: 1 }])
  })

  it('gives untouched octets back as they came, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const sdp = SessionDescription.parse(bytes)
        expect(Buffer.compare(sdp.toBytes(), Buffer.from(bytes))).toBe(0)
        expect(Buffer.compare(sdp.clone().toBytes(), Buffer.from(bytes))).toBe(0)
      }),
    )
  })

  it('changes one line and leaves every other octet, unknown lines and line ends included', () => {
    const odd = `v=0\no=- 1 1 IN IP4 192.0.2.1\r\ns=caf\xe9\r\nx=unknown\r\nt=0 0\r\ngarbage\r\nm=audio 4000 RTP/AVP 8\r\na=foo\r\na=bar:1`
    const sdp = SessionDescription.parse(Buffer.from(odd, 'latin1'))
    const [audio] = sdp.media
    audio!.port = 5000
    expect(sdp.toBytes().toString('latin1')).toBe(odd.replace('audio 4000', 'audio 5000'))
    sdp.session.ownConnection = connectionFor('2001:db8::1')
    expect(sdp.toBytes().toString('latin1')).toContain('\r\nx=unknown\r\n')
    expect(sdp.toBytes().toString('latin1')).toContain('caf\xe9\r\nc=IN IP6 2001:db8::1\r\n')
  })

  it('puts new lines where RFC 8866 §5 wants them', () => {
    const sdp = SessionDescription.parse(
      'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=ptime:20',
    )
    const [audio] = sdp.media
    audio!.direction = 'inactive'
    audio!.ownConnection = connectionFor('192.0.2.9')
    sdp.session.ownConnection = connectionFor('192.0.2.8')
    audio!.setAttribute('rtcp-mux', true)
    expect(sdp.toString()).toBe(
      'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.8\r\nt=0 0\r\n' +
        'm=audio 4000 RTP/AVP 8\r\nc=IN IP4 192.0.2.9\r\na=ptime:20\r\na=inactive\r\na=rtcp-mux\r\n',
    )
    expect(sdp.violations).toEqual([])
    audio!.setAttribute('ptime', '30')
    audio!.removeAttribute('rtcp-mux')
    expect(audio?.ptime).toBe(30)
    expect(audio?.rtcpMux).toBe(false)
  })

  it('names what is wrong, with the section', () => {
    const broken = (change: (lines: string[]) => void) => {
      const lines = [...PHONE]
      change(lines)
      return codes(text(lines))
    }
    expect(broken((l) => l.splice(0, 1))).toContain('version-missing')
    expect(broken((l) => l.splice(1, 1))).toContain('origin-missing')
    expect(broken((l) => l.splice(1, 1, 'o=- x 1 IN IP4 192.0.2.1'))).toEqual(['origin-session-id'])
    expect(broken((l) => l.splice(1, 1, 'o=- 1 1 IN IP4'))).toEqual(['origin-fields'])
    expect(broken((l) => l.splice(2, 1))).toContain('session-name-missing')
    expect(broken((l) => l.splice(3, 1))).toEqual(['connection-missing'])
    // An IPv6 address that is said to be an IPv4 address.
    expect(broken((l) => l.splice(3, 1, 'c=IN IP4 2001:db8::1'))).toEqual(['connection-address'])
    expect(broken((l) => l.splice(4, 1))).toEqual(['time-missing'])
    expect(broken((l) => l.splice(4, 0, 'k=clear:secret'))).toContain('key-line')
    expect(broken((l) => l.splice(5, 0, 'y=1'))).toEqual(['type-unknown'])
    expect(broken((l) => l.splice(6, 1, 'm=audio 70000 RTP/AVP 8 0 101'))).toEqual(['media-port'])
    expect(broken((l) => l.splice(6, 1, 'm=audio 40000 RTP/AVP'))).toEqual(['media-fields'])
    expect(broken((l) => l.splice(9, 2))).toEqual(['rtpmap-missing'])
    expect(broken((l) => l.splice(7, 1, 'a=rtpmap:8PCMA'))).toContain('rtpmap')
    expect(broken((l) => l.splice(13, 0, 'a=sendonly'))).toEqual(['direction-repeated'])
    expect(broken((l) => l.splice(5, 0, 'a=rtcp:4001'))).toEqual(['rtcp-level'])
    expect(broken((l) => l.splice(5, 0, 'c=IN IP4 192.0.2.1'))).toContain('line-order')
    expect(codes(text(PHONE).replaceAll('\r\n', '\n'))).toContain('line-end')
    const { rule } = SessionDescription.parse(text(PHONE.slice(1))).violations[0]!
    expect(rule).toBe('RFC 8866 §5.1')
  })

  it('reads over spaces too many, and names them', () => {
    const sdp = SessionDescription.fromLines([
      'v=0',
      'o=root 1 1  IN IP4 192.0.2.9 ',
      's=-',
      'c=IN  IP4 192.0.2.9 ',
      't=0 0',
      'm=audio  5000 RTP/AVP 8 101 ',
      'a=rtpmap:8 PCMA/8000 ',
      'a=sendonly ',
    ])
    expect(sdp.origin?.address).toBe('192.0.2.9')
    expect(sdp.media[0]).toMatchObject({
      port: 5000,
      formats: ['8', '101'],
      direction: 'sendonly',
      connection: { netType: 'IN', addrType: 'IP4', address: '192.0.2.9' },
    })
    expect(sdp.violations.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['origin-fields', 'connection-fields', 'media-fields']),
    )
  })

  it('never tells a key in a violation', () => {
    const key = 'WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'
    const sdp = text([...PHONE.slice(0, 5), `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}`, `k=clear:${key}`])
    expect(JSON.stringify(SessionDescription.parse(sdp).violations)).not.toContain(key)
  })

  it('agrees with two other parsers about generated descriptions', () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/)
    const description = fc.record({
      id: fc.integer({ min: 1, max: 2 ** 31 }),
      address: fc.ipV4().filter((a) => !a.startsWith('0.')),
      media: fc.array(
        fc.record({
          port: fc.integer({ min: 1, max: 65535 }),
          types: fc.uniqueArray(fc.integer({ min: 96, max: 127 }), { minLength: 1, maxLength: 4 }),
          names: fc.array(token, { minLength: 4, maxLength: 4 }),
          direction: fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive'),
          ptime: fc.integer({ min: 10, max: 60 }),
        }),
        { maxLength: 4 },
      ),
    })
    fc.assert(
      fc.property(description, (d) => {
        const lines = ['v=0', `o=- ${d.id} 1 IN IP4 ${d.address}`, 's=-', `c=IN IP4 ${d.address}`, 't=0 0']
        for (const m of d.media) {
          lines.push(`m=audio ${m.port} RTP/AVP ${m.types.join(' ')}`)
          for (const [i, type] of m.types.entries()) lines.push(`a=rtpmap:${type} ${m.names[i]}/8000`)
          lines.push(`a=ptime:${m.ptime}`, `a=${m.direction}`)
        }
        const ours = SessionDescription.parse(text(lines))
        const theirs = oracleParse(text(lines))
        expect(ours.violations).toEqual([])
        expect(ours.media.length).toBe(theirs.media.length)
        const sections = getMediaSections(text(lines))
        for (const [i, media] of ours.media.entries()) {
          const other = theirs.media[i]!
          expect(media.port).toBe(other.port)
          expect(media.formats.join(' ')).toBe(String(other.payloads))
          expect(media.direction).toBe(other.direction)
          expect(media.ptime).toBe(other.ptime)
          expect(media.rtpMaps.map((map) => [map.payloadType, map.encoding, map.clockRate])).toEqual(
            other.rtp.map((map) => [map.payload, map.codec, map.rate]),
          )
          const line = parseMLine(sections[i]!)
          expect([media.media, media.port, media.protocol]).toEqual([line.kind, line.port, line.protocol])
        }
      }),
      { numRuns: 100 },
    )
  })

  it('survives hostile text: all views, all setters, in little time', () => {
    const line = fc.oneof(
      fc.stringMatching(/^[a-z]=[ -~]{0,40}$/),
      fc.constantFrom(
        'm=audio',
        'm=',
        'm=audio 99999999999999999999 RTP/AVP',
        'c=IN',
        'a=rtcp:',
        'a=crypto:',
        'a=ptime:0',
      ),
      fc.string({ maxLength: 30 }),
      fc.stringMatching(/^a=(rtpmap|fmtp|crypto|rtcp|fingerprint|key-mgmt|setup):[ -~]{0,60}$/),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.constantFrom('\r\n', '\n', '\r'), (lines, end) => {
        const sdp = SessionDescription.parse(lines.join(end))
        JSON.stringify([sdp.violations, sdp.origin, sdp.session.ownDirection])
        for (const media of sdp.media) {
          JSON.stringify(
            [media.media, media.port, media.formats, media.rtpMaps, media.fmtp(1), media.rtcp, media.crypto],
            (_, v) => (typeof v === 'bigint' ? String(v) : v),
          )
          expect(media.keyManagement.kinds.length).toBeLessThan(4)
          media.port = 1
          media.direction = 'inactive'
          media.formats = ['8']
        }
        sdp.origin = {
          username: '-',
          sessionId: '1',
          version: '2',
          netType: 'IN',
          addrType: 'IP4',
          address: '192.0.2.1',
        }
        sdp.toBytes()
      }),
      { numRuns: 300 },
    )
    // Of this process: a busy machine does not make it longer.
    const started = process.cpuUsage()
    const huge = SessionDescription.parse(`v=0\r\n${'m=audio 1 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n'.repeat(20_000)}`)
    expect(huge.media.length).toBe(20_000)
    expect(huge.violations.length).toBeGreaterThan(0)
    const wide = SessionDescription.parse(
      `v=0\r\nm=audio 1 RTP/AVP ${'96 '.repeat(50_000)}\r\n${'a=rtpmap:96 x/1\r\n'.repeat(50_000)}`,
    )
    expect(wide.media[0]?.rtpMaps.length).toBeGreaterThan(0)
    expect(process.cpuUsage(started).user).toBeLessThan(3_000_000)
  })
})
