import { describe, expect, it } from 'vitest'
import { defaultIsCandidate, formatCandidate, iceOf, parseCandidate, priorityOf } from '../../../src/sdp/ice.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'

/** RFC 8839 §4.2.6. */
const EXAMPLE = [
  'v=0',
  'o=jdoe 2890844526 2890842807 IN IP4 203.0.113.141',
  's=-',
  'c=IN IP4 192.0.2.3',
  't=0 0',
  'a=ice-options:ice2',
  'a=ice-pacing:50',
  'a=ice-pwd:asd88fgpdd777uzjYhagZg',
  'a=ice-ufrag:8hhY',
  'm=audio 45664 RTP/AVP 0',
  'b=RS:0',
  'b=RR:0',
  'a=rtpmap:0 PCMU/8000',
  'a=candidate:1 1 UDP 2130706431 203.0.113.141 8998 typ host',
  'a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998',
  '',
]

function read(lines: readonly string[]) {
  const description = SessionDescription.parse(lines.join('\r\n'))
  const [media] = description.media
  const ice = media && iceOf(description.session, media)
  return { ice, fits: media !== undefined && ice !== undefined && defaultIsCandidate(media, ice) }
}

describe('ICE in a session description', () => {
  it('is read as in RFC 8839 §4.2.6', () => {
    const { ice, fits } = read(EXAMPLE)
    expect(ice).toMatchObject({ ufrag: '8hhY', password: 'asd88fgpdd777uzjYhagZg', isLite: false, unreadable: [] })
    expect(ice?.candidates).toEqual([
      expect.objectContaining({ component: 1, address: '203.0.113.141', port: 8998, type: 'host', isRelated: false }),
      expect.objectContaining({ address: '192.0.2.3', port: 45_664, type: 'srflx', isRelated: true }),
    ])
    expect(fits).toBe(true)
  })

  it('is not there without user or password; those of the stream come before those of the session', () => {
    expect(read(EXAMPLE.filter((line) => !line.startsWith('a=ice-pwd'))).ice).toBeUndefined()
    expect(read([...EXAMPLE.slice(0, -1), 'a=ice-ufrag:own1', '']).ice?.ufrag).toBe('own1')
  })

  it('does not fit where c= and m= lead elsewhere, but for nowhere and for names (§4.2.5)', () => {
    const elsewhere = (connection: string, port: number) =>
      read(EXAMPLE.map((line) => line.replace('c=IN IP4 192.0.2.3', connection).replace('45664 RTP', `${port} RTP`)))
        .fits
    expect(elsewhere('c=IN IP4 192.0.2.3', 45_666)).toBe(false)
    expect(elsewhere('c=IN IP4 192.0.2.4', 45_664)).toBe(false)
    expect(elsewhere('c=IN IP4 0.0.0.0', 9)).toBe(true)
    expect(elsewhere('c=IN IP4 media.example.com', 45_664)).toBe(true)
  })
})

describe('a candidate', () => {
  it('is written as it is read', () => {
    const line = `1 1 UDP ${priorityOf(1)} 192.0.2.1 4000 typ host`
    const candidate = parseCandidate(line)
    expect(candidate && formatCandidate(candidate)).toBe(line)
    expect(priorityOf(1)).toBe(2_130_706_431)
  })

  it.each([
    ['extensions', '1 1 udp 1 192.0.2.1 4000 typ host generation 0 network-id 1', true],
    ['TCP', '1 1 TCP 1 192.0.2.1 9 typ host tcptype active', true],
    ['IPv6', 'F/+9 2 UDP 1 2001:db8::1 4000 typ host', true],
    ['no type', '1 1 UDP 1 192.0.2.1 4000', false],
    ['no foundation', '1 UDP 1 192.0.2.1 4000 typ host', false],
    ['a priority of 0', '1 1 UDP 0 192.0.2.1 4000 typ host', false],
    ['a port that is none', '1 1 UDP 1 192.0.2.1 70000 typ host', false],
  ])('with %s', (_, line, isOne) => {
    expect(parseCandidate(line) !== undefined).toBe(isOne)
  })
})
