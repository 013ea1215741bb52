import { describe, expect, it } from 'vitest'
import { parseFingerprint, parseKeyManagement } from '../../../src/sdp/key-management.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'
import { connectionFor, parseConnection, parsePort, parseRtpMap } from '../../../src/sdp/values.js'

const HEAD = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 't=0 0']
const mediaOf = (...lines: string[]) => SessionDescription.fromLines([...HEAD, ...lines]).media[0]!

describe('values of lines', () => {
  it.each([
    ['IN IP4 192.0.2.1', { netType: 'IN', addrType: 'IP4', address: '192.0.2.1' }],
    ['IN', undefined],
    ['IN IP4', undefined],
    ['', undefined],
    ['IN IP4 192.0.2.1 x', undefined],
  ])('c=%s', (value, expected) => {
    expect(parseConnection(value)).toEqual(expected)
  })

  it.each([
    ['0', 0],
    ['65535', 65535],
    ['65536', undefined],
    ['x1', undefined],
    ['1x', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('port %s', (text, expected) => {
    expect(parsePort(text)).toBe(expected)
  })

  it.each([
    ['96 L16/8000', [96, 'L16', 8000, 1]],
    ['127 L16/44100/12', [127, 'L16', 44100, 12]],
    // Spaces too many are read over.
    ['96   x/1 ', [96, 'x', 1, 1]],
    ['128 x/8000', undefined],
    ['96 x/0', undefined],
    ['x96 x/8000', undefined],
    ['96 x/8000/x', undefined],
    ['96 x/8000 y', undefined],
    ['96 x', undefined],
    ['', undefined],
  ])('a=rtpmap:%s', (value, expected) => {
    const map = parseRtpMap(value)
    expect(map && [map.payloadType, map.encoding, map.clockRate, map.channels]).toEqual(expected)
  })

  it.each([
    ['o=- 1 2 IN IP4 192.0.2.1', '- 1 2 IN IP4 192.0.2.1'],
    ['o=- 1 2 IN IP4', undefined],
    ['o=-', undefined],
    ['o=', undefined],
    ['o=- 1 2 IN IP4 192.0.2.1 x', undefined],
    ['i=x', undefined],
  ])('%s', (line, expected) => {
    const { origin } = SessionDescription.fromLines(['v=0', line])
    expect(origin && Object.values(origin).join(' ')).toBe(expected)
  })

  it.each([
    ['sha-256 4a:AD', { hash: 'sha-256', value: '4A:AD' }],
    ['SHA-1   ab ', { hash: 'sha-1', value: 'AB' }],
    ['sha-256 4A:AD:', undefined],
    ['sha-256 4A:AD x', undefined],
    ['sha 256 4A', undefined],
    ['sha-256', undefined],
    ['(x) sha-256 4A', undefined],
  ])('a=fingerprint:%s', (value, expected) => {
    expect(parseFingerprint(value)).toEqual(expected)
  })

  // RFC 3830 §6.1: version, data type, next payload, V and PRF, CSB ID.
  it.each([
    [0, 'pre-shared'],
    [1, 'pre-shared-verification'],
    [2, 'public-key'],
    [3, 'public-key-verification'],
    [4, 'dh-init'],
    [5, 'dh-response'],
    [6, 'error'],
    [7, '7'],
  ])('MIKEY data type %i is %s', (type, dataType) => {
    const bytes = Buffer.from([1, type, 5, 0, 0xde, 0xad, 0xbe, 0xef, 0, 0])
    expect(parseKeyManagement(` MIKEY  ${bytes.toString('base64')} `)).toEqual({
      protocol: 'mikey',
      version: 1,
      dataType,
      csbId: 0xdeadbeef,
      bytes,
    })
  })

  it('key management that cannot be read as MIKEY is told by its name', () => {
    const other = { protocol: 'other', bytes: Buffer.alloc(12) }
    expect(parseKeyManagement('other AAAAAAAAAAAAAAAA')).toEqual(other)
    expect(parseKeyManagement('mikey AAAA')).toEqual({ protocol: 'mikey', bytes: Buffer.alloc(3) })
    for (const value of ['mikey', 'mikey ?', 'mikey AAAA x', 'x mikey AAAA', ''])
      expect(parseKeyManagement(value)).toBeUndefined()
  })

  it('the profiles of SRTP (RFC 3711, RFC 5124, RFC 5764 §8)', () => {
    const secure = (protocol: string) => mediaOf(`m=audio 1 ${protocol} 8`).keyManagement.secureProfile
    expect(['RTP/SAVP', 'RTP/SAVPF', 'UDP/TLS/RTP/SAVPF', 'rtp/savp'].map(secure)).toEqual([true, true, true, true])
    expect(['RTP/AVP', 'RTP/SAVPX', 'XRTP/SAVP', 'SAVP'].map(secure)).toEqual([false, false, false, false])
    expect(mediaOf('m=audio 1 RTP/AVP 8').keyManagement).not.toHaveProperty('setup')
  })
})

describe('what a media description tells', () => {
  it.each([
    ['a=ptime:20', 20],
    ['a=ptime:100', 100],
    ['a=ptime:2.25', 2.25],
    ['a=ptime:0', undefined],
    ['a=ptime:x20', undefined],
    ['a=ptime:20x', undefined],
    ['a=ptime:1234567', undefined],
    ['a=x', undefined],
  ])('%s', (line, expected) => {
    expect(mediaOf('m=audio 1 RTP/AVP 8', line).ptime).toBe(expected)
  })

  it.each([
    ['a=rtcp:7', { port: 7 }],
    ['a=rtcp:7 IN IP4 192.0.2.7', { port: 7, connection: connectionFor('192.0.2.7') }],
    ['a=rtcp:7 IN IP4', { port: 7 }],
    ['a=rtcp:x', undefined],
    ['a=rtcp: 7', undefined],
    ['a=rtcpx:7', undefined],
  ])('%s', (line, expected) => {
    expect(mediaOf('m=audio 1 RTP/AVP 8', line).rtcp).toEqual(expected)
  })

  it('its formats, in the order of the m= line, by the first map of each or by RFC 3551 §6', () => {
    const media = mediaOf(
      'm=audio 1 RTP/AVP 96 8 9 97 98 x8 0x 1234',
      'a=rtpmap:98 broken',
      'a=rtpmap:96 first/8000',
      'a=rtpmap:96 second/8000',
      'a=rtpmap:8 mine/16000/2',
    )
    expect(media.rtpMaps.map((map) => `${map.payloadType} ${map.encoding}/${map.clockRate}/${map.channels}`)).toEqual([
      '96 first/8000/1',
      '8 mine/16000/2',
      '9 G722/8000/1',
    ])
    expect(media.fmtp(96)).toBeUndefined()
    expect(mediaOf('m=audio 1 RTP/AVP 96', 'a=fmtp:960 x', 'a=fmtp:96 y').fmtp('96')).toBe('y')
  })

  it('its own connection and direction before the session’s (RFC 8866 §5.7, §6.7)', () => {
    const sdp = SessionDescription.fromLines([
      ...HEAD.slice(0, 3),
      'i=recvonly',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'a=x',
      'a=sendonly',
      'm=audio 1 RTP/AVP 8',
      'i=inactive',
      'm=audio 2 RTP/AVP 8',
      'c=IN IP4 192.0.2.2',
      'a=inactive ',
    ])
    expect(sdp.media.map((media) => [media.direction, media.connection?.address])).toEqual([
      ['sendonly', '192.0.2.1'],
      ['inactive', '192.0.2.2'],
    ])
    expect(mediaOf('m=audio 1 RTP/AVP 8').direction).toBe('sendrecv')
    expect(mediaOf('m=audio 1 RTP/AVP 8').connection).toBeUndefined()
  })

  it('attributes by their whole names, flags as empty, of a= lines only', () => {
    const media = mediaOf('m=audio 1 RTP/AVP 8', 'i=flag', 'a=flagged', 'a=flag', 'a=x:1', 'a=xy:2', 'a=x:3')
    expect(media.attribute('flag')).toBe('')
    expect([media.attribute('x'), media.attributes('x'), media.attribute('none')]).toEqual(['1', ['1', '3'], undefined])
    expect(media.attribute('fla')).toBeUndefined()
  })

  it('nothing where the m= line is empty', () => {
    expect(mediaOf('m=')).toMatchObject({ media: '', port: 0, protocol: '', formats: [], rtpMaps: [] })
  })
})

describe('changes to lines', () => {
  const text = 'v=0\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n'
  const changed = (sdp: string | Buffer, change: (sdp: SessionDescription) => void) => {
    const description = SessionDescription.parse(sdp)
    change(description)
    return description.toString().slice(text.length)
  }

  it.each([
    ['port', 'm=audio 5 RTP/AVP 8\r\n', 'm=audio 6 RTP/AVP 8\r\n'],
    ['protocol', 'm=audio 5 RTP/AVP 8\r\n', 'm=audio 5 RTP/SAVP 8\r\n'],
    ['formats', 'm=audio 5 RTP/AVP 8 0\r\n', 'm=audio 5 RTP/AVP 9 18\r\n'],
    ['formats', 'm=\r\n', 'm=audio 0 RTP/AVP 9 18\r\n'],
    // A last line without end gets one with its change, a line feed stays.
    ['port', 'm=audio 5 RTP/AVP 8', 'm=audio 6 RTP/AVP 8\r\n'],
    ['port', 'm=audio 5 RTP/AVP 8\n', 'm=audio 6 RTP/AVP 8\n'],
  ])('sets the %s of %j', (what, before, after) => {
    const result = changed(text + before, ({ media: [media] }) => {
      if (what === 'port') media!.port = 6
      else if (what === 'protocol') media!.protocol = 'RTP/SAVP'
      else media!.formats = ['9', '18']
      expect(media).toMatchObject(
        what === 'port' ? { port: 6 } : what === 'protocol' ? { protocol: 'RTP/SAVP' } : { formats: ['9', '18'] },
      )
    })
    expect(result).toBe(after)
  })

  const media = (...lines: string[]) => ['m=audio 5 RTP/AVP 8', ...lines].map((line) => `${line}\r\n`).join('')
  it.each<[string, string, (sdp: SessionDescription) => void, string]>([
    [
      'sets one of several directions',
      media('a=sendonly', 'a=x', 'a=inactive '),
      (sdp) => (sdp.media[0]!.direction = 'recvonly'),
      media('a=recvonly', 'a=x'),
    ],
    [
      'removes directions',
      media('i=sendrecv', 'a=sendonly ', 'a=x', 'a=inactive'),
      (sdp) => (sdp.media[0]!.ownDirection = undefined),
      media('i=sendrecv', 'a=x'),
    ],
    [
      'removes a connection',
      media('c=IN IP4 192.0.2.2', 'a=x'),
      (sdp) => (sdp.media[0]!.ownConnection = undefined),
      media('a=x'),
    ],
    ['removes what is not there', media('a=x'), (sdp) => sdp.media[0]!.removeLines('c'), media('a=x')],
    ['removes lines', media('b=AS:1', 'a=x', 'b=CT:2'), (sdp) => sdp.media[0]!.removeLines('b'), media('a=x')],
    [
      'adds flags and attributes',
      media('a=x:1'),
      (sdp) => (sdp.media[0]!.addAttribute('x', true), sdp.media[0]!.addAttribute('x', '2')),
      media('a=x:1', 'a=x', 'a=x:2'),
    ],
    [
      'sets an attribute in place of all',
      media('a=x:1', 'a=y', 'a=x:2', 'a=x'),
      (sdp) => sdp.media[0]!.setAttribute('x', '3'),
      media('a=x:3', 'a=y'),
    ],
    ['sets a flag', media('a=y'), (sdp) => sdp.media[0]!.setAttribute('x', true), media('a=y', 'a=x')],
    [
      'finds the place behind its like',
      media('i=1', 'unknown', 'a=x'),
      (sdp) => sdp.media[0]!.setLine('c', 'IN IP4 192.0.2.3'),
      media('i=1', 'c=IN IP4 192.0.2.3', 'unknown', 'a=x'),
    ],
    ['puts unknown letters last', media('a=x'), (sdp) => sdp.media[0]!.setLine('y', '1'), media('a=x', 'y=1')],
    [
      'ends the line before',
      media('a=x').slice(0, -2),
      (sdp) => sdp.media[0]!.addAttribute('y', true),
      media('a=x', 'a=y'),
    ],
    [
      'keeps a line feed before',
      media().replace('\r', ''),
      (sdp) => sdp.media[0]!.addAttribute('y', true),
      media().replace('\r', '') + 'a=y\r\n',
    ],
    ['writes UTF-8', media('a=x'), (sdp) => sdp.media[0]!.setLine('i', 'Ärger'), media('i=Ärger', 'a=x')],
  ])('%s', (_, before, change, after) => {
    expect(changed(text + before, change)).toBe(after)
  })

  it('begins a session part that is empty', () => {
    const sdp = SessionDescription.parse('')
    sdp.session.setLine('s', 'x')
    sdp.session.setLine('v', '0')
    expect(sdp.toString()).toBe('v=0\r\ns=x\r\n')
  })

  it('sets o=', () => {
    const sdp = SessionDescription.parse(text)
    sdp.origin = { username: 'u', sessionId: '2', version: '3', netType: 'IN', addrType: 'IP6', address: '::1' }
    expect(sdp.toString()).toBe(text.replace('o=- 1 1 IN IP4 192.0.2.1', 'o=u 2 3 IN IP6 ::1'))
  })

  it('reads UTF-8 in strings and octets alike, and a clone goes its own way', () => {
    for (const source of ['v=0\r\ns=Käse\r\na=é:è\r\n', Buffer.from('v=0\r\ns=Käse\r\na=é:è\r\n')]) {
      const sdp = SessionDescription.parse(source)
      expect([sdp.session.line('s'), sdp.session.lines('s')]).toEqual(['Käse', ['Käse']])
      expect(sdp.session.attributes('x')).toEqual([])
      const clone = sdp.clone()
      clone.session.setLine('s', 'y')
      expect([clone.toString(), sdp.toString()]).toEqual(['v=0\r\ns=y\r\na=é:è\r\n', 'v=0\r\ns=Käse\r\na=é:è\r\n'])
    }
    const { session } = SessionDescription.parse('a=\x7f:é\r\n')
    expect(session.attribute('\x7f')).toBe('é')
  })
})
