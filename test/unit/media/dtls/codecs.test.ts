import { describe, expect, it } from 'vitest'
import { DtlsFault, parseAlert } from '../../../../src/media/dtls/alert.js'
import { kindOfDatagram } from '../../../../src/media/dtls/demultiplex.js'
import { parseFragments, Reassembler, serializeHandshake } from '../../../../src/media/dtls/handshake-messages.js'
import {
  parseClientHello,
  parseHelloVerifyRequest,
  parseServerHello,
  serializeClientHello,
  serializeHelloVerifyRequest,
  serializeServerHello,
} from '../../../../src/media/dtls/hellos.js'
import { makeEphemeralKey } from '../../../../src/media/dtls/key-exchange.js'
import { prf } from '../../../../src/media/dtls/key-schedule.js'
import { OctetReader } from '../../../../src/media/dtls/octets.js'
import { CIPHER_SUITES, recordCiphers } from '../../../../src/media/dtls/record-cipher.js'
import { srtpKeying, SRTP_PROFILES } from '../../../../src/media/dtls/srtp-profiles.js'

const hex = (text: string) => Buffer.from(text, 'hex')
const randoms = { client: Buffer.alloc(32, 1), server: Buffer.alloc(32, 2) }
const master = Buffer.alloc(48, 3)

describe('the pseudo-random function of TLS 1.2', () => {
  it('gives what other implementations give', () => {
    const octets = prf(
      hex('9bbe436ba940f017b17652849a71db35'),
      'test label',
      hex('a0ba9f936cda311827a6f796ffd5198c'),
      100,
    )
    expect(octets.subarray(0, 32)).toEqual(hex('e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a'))
    expect(octets).toHaveLength(100)
  })
})

describe('hellos', () => {
  const hello = {
    version: 0xfefd,
    random: Buffer.alloc(32, 7),
    cookie: Buffer.from('cookie'),
    cipherSuites: [0xc02b],
    groups: [0x1d],
    signatureSchemes: [0x0403],
    srtpProfiles: [1, 2],
    extendedMasterSecret: true,
    secureRenegotiation: true,
  }

  it('are read as they were written', () => {
    expect(parseClientHello(serializeClientHello(hello))).toEqual({ ...hello, cipherSuites: [0xc02b, 0x00ff] })
    const answer = {
      version: 0xfefd,
      random: Buffer.alloc(32, 8),
      cipherSuite: 0xc02b,
      srtpProfile: 1,
      extendedMasterSecret: true,
      secureRenegotiation: true,
    }
    expect(parseServerHello(serializeServerHello(answer, true))).toEqual({
      ...answer,
      extensions: [0xff01, 11, 14, 23],
    })
    expect(parseHelloVerifyRequest(serializeHelloVerifyRequest(Buffer.from('x')))).toEqual(Buffer.from('x'))
  })

  it('are refused where they end too early, or later than they should', () => {
    const whole = serializeClientHello(hello)
    for (let length = 0; length < whole.length; length++) {
      // Without extensions at all it is one as well (RFC 5246 §7.4.1.2).
      const body = whole.subarray(0, length)
      const bare = 2 + 32 + 1 + 7 + 2 + 4 + 2
      if (length === bare) expect(parseClientHello(body).srtpProfiles).toBeUndefined()
      else expect(() => parseClientHello(body), `${length} octets`).toThrow(DtlsFault)
    }
    expect(() => parseClientHello(Buffer.concat([whole, Buffer.from([0])]))).toThrow(/octets after the end/)
  })

  it('may not have an extension twice, nor two SRTP profiles in an answer', () => {
    const twice = Buffer.concat([
      hex('fefd'),
      Buffer.alloc(32),
      hex('00c02b00'),
      hex('000a'),
      hex('00170000'),
      hex('00170000'),
      hex('0000'),
    ])
    expect(() => parseServerHello(twice)).toThrow(DtlsFault)
    const two = Buffer.concat([
      hex('fefd'),
      Buffer.alloc(32),
      hex('00c02b00'),
      hex('000b000e0007'),
      hex('00040001000200'),
    ])
    expect(() => parseServerHello(two)).toThrow(/2 SRTP profiles/)
  })
})

describe('handshake fragments', () => {
  const message = { type: 11, sequence: 0, body: Buffer.from('a certificate, more or less') }

  it('come together from any order, overlapping and repeated', () => {
    const reassembler = new Reassembler()
    for (const [from, to] of [
      [20, 27],
      [3, 9],
      [0, 5],
      [3, 9],
      [8, 21],
    ]) {
      expect(reassembler.take()).toBeUndefined()
      for (const fragment of parseFragments(serializeHandshake(message, from, to))) reassembler.add(fragment)
    }
    expect(reassembler.take()).toEqual(message)
    expect(reassembler.next).toBe(1)
  })

  it('wait for the messages before them', () => {
    const reassembler = new Reassembler()
    const second = { type: 14, sequence: 1, body: Buffer.alloc(0) }
    for (const one of [second, message])
      for (const fragment of parseFragments(serializeHandshake(one))) reassembler.add(fragment)
    expect([reassembler.take()?.type, reassembler.take()?.type, reassembler.take()]).toEqual([11, 14, undefined])
  })

  it('that contradict one another are passed over', () => {
    const reassembler = new Reassembler()
    reassembler.add({ type: 11, length: 4, sequence: 0, offset: 0, body: Buffer.from('ab') })
    reassembler.add({ type: 11, length: 5, sequence: 0, offset: 2, body: Buffer.from('xyz') })
    reassembler.add({ type: 12, length: 4, sequence: 0, offset: 2, body: Buffer.from('xy') })
    expect(reassembler.take()).toBeUndefined()
    reassembler.add({ type: 11, length: 4, sequence: 0, offset: 2, body: Buffer.from('cd') })
    expect(reassembler.take()?.body.toString()).toBe('abcd')
    expect(parseFragments(hex('0b000004000000000300000200'))).toEqual([])
  })
})

describe('records', () => {
  it.each(CIPHER_SUITES.map((suite) => [suite.name, suite] as const))(
    'are read by the other side alone, and only untouched (%s)',
    (_name, suite) => {
      const ciphers = recordCiphers(suite, master, randoms)
      const header = { type: 22, version: 0xfefd, epoch: 1, sequence: 2 ** 33 + 5 }
      for (const length of [0, 1, 15, 16, 17, 1_000]) {
        const plain = Buffer.alloc(length, 9)
        const body = ciphers.client.protect(header, plain)
        expect(body.length).toBeLessThanOrEqual(length + ciphers.client.overhead)
        expect(ciphers.client.unprotect(header, body)).toEqual(plain)
        expect(ciphers.server.unprotect(header, body)).toBeUndefined()
        expect(ciphers.client.unprotect({ ...header, sequence: 6 }, body)).toBeUndefined()
        expect(ciphers.client.unprotect({ ...header, type: 21 }, body)).toBeUndefined()
        for (let at = 0; at < body.length; at += 5) {
          const touched = Buffer.from(body)
          touched[at] = (touched[at] ?? 0) ^ 1
          expect(ciphers.client.unprotect(header, touched)).toBeUndefined()
        }
        for (let cut = 0; cut < Math.min(body.length, 70); cut++)
          expect(ciphers.client.unprotect(header, body.subarray(0, cut))).toBeUndefined()
      }
    },
  )
})

describe('keys', () => {
  it.each([0x1d, 0x17])('are the same on both sides (group %i), and no other point will do', (group) => {
    const [a, b] = [makeEphemeralKey(group), makeEphemeralKey(group)]
    expect(a.sharedSecret(b.publicKey)).toEqual(b.sharedSecret(a.publicKey))
    for (const wrong of [Buffer.alloc(0), Buffer.alloc(32), Buffer.alloc(65, 4), b.publicKey.subarray(1)])
      expect(() => a.sharedSecret(wrong)).toThrow(/no point/)
    expect(() => makeEphemeralKey(0x18)).toThrow(DtlsFault)
  })

  it('of SRTP are both keys, then both salts (RFC 5764 §4.2)', () => {
    const [profile] = SRTP_PROFILES
    if (profile === undefined) throw new Error('no profiles')
    const { client, server } = srtpKeying(profile, master, randoms)
    const material = prf(master, 'EXTRACTOR-dtls_srtp', Buffer.concat([randoms.client, randoms.server]), 60)
    expect(client.keys[0]?.keySalt).toEqual(Buffer.concat([material.subarray(0, 16), material.subarray(32, 46)]))
    expect(server.keys[0]?.keySalt).toEqual(Buffer.concat([material.subarray(16, 32), material.subarray(46, 60)]))
  })
})

describe('small things', () => {
  it('alerts', () => {
    expect(parseAlert(Buffer.from([2, 42]))).toEqual({ fatal: true, name: 'bad_certificate' })
    expect(parseAlert(Buffer.from([1, 222]))).toEqual({ fatal: false, name: 'alert 222' })
    expect(parseAlert(Buffer.from([3, 0]))).toBeUndefined()
  })

  it('lists of an odd length', () => {
    expect(() => new OctetReader(hex('0003000102')).numbers(2)).toThrow(/odd length/)
  })

  it('datagrams on one port, by their first octet (RFC 7983 §7)', () => {
    const kinds = [0, 3, 4, 16, 19, 20, 63, 64, 79, 80, 127, 128, 191, 192].map((first) =>
      kindOfDatagram(Buffer.from([first])),
    )
    expect(kinds).toEqual([
      'stun',
      'stun',
      'unknown',
      'zrtp',
      'zrtp',
      'dtls',
      'dtls',
      'turn',
      'turn',
      'unknown',
      'unknown',
      'rtp',
      'rtp',
      'unknown',
    ])
    expect(kindOfDatagram(Buffer.alloc(0))).toBe('unknown')
  })
})
