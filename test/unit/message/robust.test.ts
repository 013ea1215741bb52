import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../../src/message/mask.js'
import { ParseError, type SipMessage } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import { validMessage } from './generators.js'

/** Asks for everything; only ParseError may come. */
function readAll(message: SipMessage): void {
  const reads: (() => unknown)[] = [
    () => message.via,
    () => message.vias(),
    () => message.from,
    () => message.to,
    () => message.callId,
    () => message.cseq,
    () => message.contacts(),
    () => message.routes(),
    () => message.recordRoutes(),
    () => message.maxForwards,
    () => message.expires,
    () => message.contentLength,
    () => message.contentType,
    () => message.headers.entries(),
    () => message.headers.values('accept'),
    () => message.clone().headers.removeFirstValue('via'),
    () => message.body.length,
  ]
  for (const read of reads) {
    try {
      read()
    } catch (error) {
      if (!(error instanceof ParseError)) throw error
    }
  }
}

function survives(bytes: Buffer): void {
  for (const mode of ['strict', 'fast'] as const) {
    for (const framing of ['datagram', 'stream'] as const) {
      const { message, violations, consumed } = parseMessage(bytes, { mode, framing })
      expect(consumed).toBeGreaterThanOrEqual(0)
      expect(consumed).toBeLessThanOrEqual(bytes.length)
      for (const v of violations) {
        expect(v.code).toMatch(/^[a-z0-9-]+$/)
        expect(v.rule).toMatch(/^RFC \d{3,4} §\d/)
        expect(v.offset).toBeGreaterThanOrEqual(0)
        expect(v.offset).toBeLessThanOrEqual(bytes.length)
      }
      if (message === undefined) continue
      readAll(message)
      const written = message.toBytes()
      expect(bytes.includes(written)).toBe(true)
      message.headers.set('X-Touched', '1')
      message.toBytes()
    }
  }
}

describe('never throws', () => {
  it('on random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => survives(Buffer.from(bytes))),
      { numRuns: 500 },
    )
  })

  it('on text made of the pieces that matter', () => {
    const words =
      'SIP/2.0 INVITE sip:a@b Via From To CSeq Call-ID Contact Content-Length v l 1 -1 SIP/2.0/UDP tag branch Date ' +
      'Warning User-Agent Authorization WWW-Authenticate Digest Retry-After Route Accept Expires'
    const piece = fc.constantFrom(
      '\r\n',
      ' ',
      '\t',
      '\r',
      '\n',
      '\0',
      'ü',
      ...'n:;,<>"\\=/@[]()%*?'.split(''),
      ...words.split(' '),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        survives(Buffer.from(pieces.join('')))
        survives(Buffer.from(`INVITE sip:a SIP/2.0\r\n${pieces.join('')}`))
      }),
      { numRuns: 1000 },
    )
  })

  it('on valid messages with bytes changed, taken out or put in', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'cut', 'insert'))
    fc.assert(
      fc.property(validMessage, fc.array(change, { minLength: 1, maxLength: 8 }), (text, changes) => {
        let bytes = Buffer.from(text)
        for (const [at, value, kind] of changes) {
          const i = at % bytes.length
          const tail = bytes.subarray(kind === 'insert' ? i : i + 1)
          bytes = Buffer.concat([bytes.subarray(0, i), kind === 'cut' ? Buffer.alloc(0) : Buffer.of(value), tail])
        }
        survives(bytes)
      }),
      { numRuns: 500 },
    )
  })
})

it('names a violation each time, after any number of good values', () => {
  const codes = (from: string) =>
    parseMessage(
      Buffer.from(
        `OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nFrom: ${from}\r\nTo: <sip:b@c>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\r\n`,
      ),
      { mode: 'strict' },
    ).violations.map((v) => v.code)
  const bad = '<sip:a@b>;tag=<'
  const first = codes(bad)
  expect(first).toEqual(['from-malformed'])
  for (let i = 0; i < 1500; i++) expect(codes(`<sip:a@b>;tag=${i}`)).toEqual([])
  expect(codes(bad)).toEqual(first)
})

describe('takes linear time', () => {
  const head =
    'INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n'
  const KB64 = 65_536
  const hostile: [string, string][] = [
    ['10,000 header fields', 'X-Header: value\r\n'.repeat(10_000)],
    ['10,000 Via lines', 'Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n'.repeat(10_000)],
    ['10,000 Via values on a line', `Via: ${'SIP/2.0/UDP h;branch=z9hG4bK1,'.repeat(10_000)}\r\n`],
    ['a header field of 64 KiB', `Subject: ${'x'.repeat(KB64)}\r\n`],
    ['64 KiB of folding', `Subject: x${'\r\n y'.repeat(KB64 / 4)}\r\n`],
    ['64 KiB of white space', `Subject: x${' '.repeat(KB64)}y\r\n`],
    ['64 KiB of white space before the colon', `Subject${' '.repeat(KB64)}: y\r\n`],
    ['64 KiB of escaped quotes after one that never closes', `Contact: "${'\\",'.repeat(KB64 / 3)}\r\n`],
    ['64 KiB of open angle brackets', `Contact: ${'<,'.repeat(KB64 / 2)}\r\n`],
    ['64 KiB of quotes', `Contact: ${'"'.repeat(KB64 + 1)}\r\n`],
    ['64 KiB of backslashes', `Contact: "${'\\'.repeat(KB64)}\r\n`],
    ['64 KiB of nested comments', `User-Agent: ${'('.repeat(KB64)}\r\n`],
    ['64 KiB of closed comments', `User-Agent: ${'('.repeat(KB64 / 2)}${')'.repeat(KB64 / 2)}\r\n`],
    ['64 KiB of parameters', `Contact: <sip:a@b>${';a=b'.repeat(KB64 / 4)}\r\n`],
    [
      '64 KiB of different parameters',
      `Contact: <sip:a@b>${Array.from({ length: KB64 / 8 }, (_, i) => `;p${i}=b`).join('')}\r\n`,
    ],
    ['64 KiB of a host', `Contact: <sip:a@${'a-'.repeat(KB64 / 2)}>\r\n`],
    ['64 KiB of labels', `Contact: <sip:a@${'a.'.repeat(KB64 / 2)}>\r\n`],
    ['64 KiB of IPv6 colons', `Contact: <sip:a@[${':'.repeat(KB64)}]>\r\n`],
    ['64 KiB of percent signs', `Contact: <sip:${'%'.repeat(KB64)}@b>\r\n`],
    ['64 KiB of escapes', `Contact: <sip:${'%41'.repeat(KB64 / 3)}@b>\r\n`],
    ['64 KiB of URI headers', `Contact: <sip:a@b?${'a=b&'.repeat(KB64 / 4)}>\r\n`],
    ['64 KiB of list commas', `Accept: ${','.repeat(KB64)}\r\n`],
    ['64 KiB of challenges', `WWW-Authenticate: ${'Digest a=b,'.repeat(KB64 / 11)}\r\n`],
    ['64 KiB of a challenge that never closes its quote', `WWW-Authenticate: Digest a="${'\\"'.repeat(KB64 / 2)}\r\n`],
    ['64 KiB of a Warning', `Warning: 399 a "${'\\x'.repeat(KB64 / 2)}\r\n`],
    ['64 KiB of digits', `Max-Forwards: ${'9'.repeat(KB64)}\r\n`],
    ['64 KiB of a date', `Date: ${'Mon, '.repeat(KB64 / 5)}\r\n`],
    ['64 KiB of a media type', `Content-Type: ${'a/'.repeat(KB64 / 2)}${' '.repeat(1000)}\r\n`],
    ['64 KiB of a time stamp', `Timestamp: ${'1 '.repeat(KB64 / 2)}\r\n`],
    ['64 KiB of lines without a colon', 'nonsense\r\n'.repeat(KB64 / 10)],
  ]
  it.each(hostile)('%s', (_name, lines) => {
    const bytes = Buffer.from(`${head}${lines}Content-Length: 0\r\n\r\n`)
    const start = process.cpuUsage()
    const { message } = parseMessage(bytes, { mode: 'strict' })
    readAll(message!)
    maskSecrets(bytes)
    const { user } = process.cpuUsage(start)
    // Linear work takes some milliseconds here; quadratic work takes many seconds.
    expect(user).toBeLessThan(1_500_000)
  })

  it('a head that never ends, fed in pieces', () => {
    const bytes = Buffer.from(`INVITE sip:a@b SIP/2.0\r\n${'X: y\r\n'.repeat(20_000)}`)
    const start = process.cpuUsage()
    for (let n = 1460; n < bytes.length; n += 1460)
      expect(parseMessage(bytes.subarray(0, n), { mode: 'fast', framing: 'stream' }).consumed).toBe(0)

    expect(process.cpuUsage(start).user).toBeLessThan(5_000_000)
  })
})
