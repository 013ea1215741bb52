import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FramerLimits, StreamFramer } from '../../../src/transport/stream-framer.js'

function options(n: number, body = ''): string {
  return [
    `OPTIONS sip:${n}@example.com SIP/2.0`,
    `Via: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK${n}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

/** Pushes the pieces and tells what was found: messages as text, `ping`, `pong`, `broken: code`. */
function frame(pieces: Iterable<string | Buffer>, o: { limits?: FramerLimits; pings?: number } = {}): string[] {
  const found: string[] = []
  const framer = new StreamFramer(
    {
      message: (bytes) => found.push(bytes.toString('latin1')),
      ping: () => found.push('ping'),
      pong: () => found.push('pong'),
      broken: (fault) => found.push(`broken: ${fault.code}`),
    },
    o.limits,
  )
  for (let i = 0; i < (o.pings ?? 0); i++) framer.expectPong()
  for (const piece of pieces) framer.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)
  return found
}

describe('messages in a stream (RFC 3261 §18.3)', () => {
  const one = options(1, 'v=0\r\n\r\nm=audio')
  const two = options(2)
  const three = `l : 5\r\nX: 1\r\n\r\nhello`
  const third = `SIP/2.0 200 OK\r\n${three}`
  const stream = `${one}\r\n\r\n${two}${third}\r\n`
  const expected = [one, 'ping', two, third]

  it('come out whole, whether joined or one by one', () => {
    expect(frame([stream])).toEqual(expected)
    expect(frame([one, '\r\n\r\n', two, third])).toEqual(expected)
  })

  it('come out whole when the stream is split at any one byte', () => {
    for (let at = 0; at <= stream.length; at++)
      expect(frame([stream.slice(0, at), stream.slice(at)]), `split at ${at}`).toEqual(expected)
  })

  it('come out whole byte by byte', () => {
    expect(frame(stream)).toEqual(expected)
  })

  it('come out whole however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 60 }), (sizes) => {
        const pieces: string[] = []
        let at = 0
        for (let i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          pieces.push(stream.slice(at, at + size))
          at += size
        }
        expect(frame(pieces)).toEqual(expected)
      }),
    )
  })

  it('keep their bytes when later ones arrive', () => {
    const kept: Buffer[] = []
    const framer = new StreamFramer({ message: (b) => kept.push(b), ping() {}, pong() {}, broken() {} })
    for (const byte of Buffer.from(one + two)) framer.push(Buffer.from([byte]))
    expect(kept.map(String)).toEqual([one, two])
    expect(framer.buffered).toBe(0)
  })

  it('may fold Content-Length, repeat it with the same value, and spell it as they like', () => {
    for (const field of ['Content-Length:\r\n 2', 'CONTENT-LENGTH \t:2 ', 'l: 2\r\nContent-Length: 02', 'L:2']) {
      const message = `A b SIP/2.0\r\n${field}\r\n\r\nhi`
      expect(frame([`${message}${two}`]), field).toEqual([message, two])
    }
  })

  it('have no body without Content-Length, and no other field is taken for it', () => {
    const message = 'A b SIP/2.0\r\nContent-Language: 7\r\nX-L: 9\r\nSubject: l: 3\r\n\r\n'
    expect(frame([message + two])).toEqual([message, two])
  })
})

describe('line ends between messages', () => {
  it('are ignored (RFC 3261 §7.5), a pair is a ping (RFC 5626 §4.4.1)', () => {
    expect(frame(['\r\n', options(1)])).toEqual([options(1)])
    expect(frame(['\r\n\r\n', options(1)])).toEqual(['ping', options(1)])
    expect(frame(['\r\n', '\r\n'])).toEqual(['ping'])
    expect(frame(['\r', '\n\r', '\n'])).toEqual(['ping'])
    expect(frame(['\r\n\r\n\r\n\r\n'])).toEqual(['ping', 'ping'])
  })

  it('are a pong when a ping of ours waits for one', () => {
    expect(frame(['\r\n'], { pings: 1 })).toEqual(['pong'])
    expect(frame(['\r\n', '\r\n'], { pings: 2 })).toEqual(['pong', 'pong'])
    expect(frame(['\r\n', '\r\n\r\n'], { pings: 1 })).toEqual(['pong', 'ping'])
  })
})

describe('what breaks a stream', () => {
  const limits = { header: 200, body: 100 }

  it('a header beyond the limit, finished or not', () => {
    const endless = `OPTIONS sip:x SIP/2.0\r\nX: ${'y'.repeat(300)}`
    expect(frame([endless], { limits })).toEqual(['broken: stream-header-too-long'])
    expect(frame(endless, { limits })).toEqual(['broken: stream-header-too-long'])
    expect(frame([`${endless}\r\n\r\n`], { limits })).toEqual(['broken: stream-header-too-long'])
  })

  it('a body beyond the limit; nothing is collected for it', () => {
    expect(frame(['A b SIP/2.0\r\nl: 101\r\n\r\n'], { limits })).toEqual(['broken: stream-body-too-long'])
    expect(frame(['A b SIP/2.0\r\nl: 99999999999999999999\r\n\r\n'])).toEqual(['broken: stream-body-too-long'])
  })

  it('a Content-Length that is no number, or two that differ', () => {
    for (const value of ['-1', 'x', '', '1 2', '0x10', '3,3']) {
      expect(frame([`A b SIP/2.0\r\nContent-Length: ${value}\r\n\r\n`]), value).toEqual([
        'broken: content-length-malformed',
      ])
    }
    expect(frame(['A b SIP/2.0\r\nl: 1\r\nContent-Length: 2\r\n\r\n'])).toEqual(['broken: content-length-repeated'])
  })

  it('bytes that no SIP message begins with, such as a TLS handshake', () => {
    expect(frame([Buffer.from([0x16, 3, 1, 2, 0])])).toEqual(['broken: stream-not-sip'])
  })

  it('and what follows is ignored', () => {
    expect(frame([Buffer.from([0x16]), options(1), '\r\n\r\n'])).toEqual(['broken: stream-not-sip'])
  })

  it('never throws and never holds more than its limits, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 20 }), (pieces) => {
        const framer = new StreamFramer({ message() {}, ping() {}, pong() {}, broken() {} }, limits)
        for (const piece of pieces) framer.push(Buffer.from(piece))
        expect(framer.buffered).toBeLessThanOrEqual(limits.header + limits.body)
      }),
    )
  })
})
