/** TLS of a capture, opened with the secrets of a key log. */
import { describe, expect, it } from 'vitest'
import { readCapture } from '../../../src/capture/read-capture.js'
import { A, B, pcap, tcp } from './files.js'
import { type Sealed, sealed, type SealedOptions } from './tls.js'

const TEXTS = ['one', 'two', 'three '.repeat(4000)]

/** Packets of the connection. @param lacking numbers of those that were not captured */
function file({ wire }: Sealed, { port = 5061, lacking = [] as number[], seconds = 1000 } = {}): Buffer {
  const client = { ...A, port }
  const next = { true: 1001, false: 5001 }
  const packets = [tcp(client, B, 'S', 1000), tcp(B, client, 'SA', 5000)]
  for (const [i, { client: isClient, bytes }] of wire.entries()) {
    const [from, to] = isClient ? [client, B] : [B, client]
    const [own, others] = isClient ? (['true', 'false'] as const) : (['false', 'true'] as const)
    for (let at = 0; at < bytes.length; at += 60_000) {
      const piece = bytes.subarray(at, at + 60_000)
      if (!lacking.includes(i)) packets.push(tcp(from, to, 'PA', next[own], piece, next[others]))
      next[own] += piece.length
    }
  }
  return pcap(packets.map((data, i) => ({ data, seconds, nanoseconds: i * 1_000_000 })))
}

/** All text of either direction, and what else was told. */
function heard(capture: Buffer, secrets: string) {
  const { events, troubles } = readCapture(capture, { tlsSecrets: secrets })
  const text = (port: number) =>
    events
      .map((event) => (event.kind === 'segment' && event.tls && event.from.port === port ? event.data : ''))
      .join('')
      .replaceAll(/(?:three )+/g, (long) => String(long.length))
  const kinds = events.flatMap(({ kind }) => (kind === 'segment' ? [] : [kind]))
  return { client: text(5061), server: text(B.port), kinds, troubles }
}

const all = { client: 'onetwo24000', server: 'onetwo24000', kinds: ['attempt', 'open'], troubles: [] }
const old = (ciphers: string, more: SealedOptions = {}): SealedOptions => ({
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.2',
  ciphers: `${ciphers}:@SECLEVEL=0`,
  ...more,
})
/** SSL_OP_NO_ENCRYPT_THEN_MAC. */
const MAC_THEN_ENCRYPT = { secureOptions: 0x80000 }

describe('a connection of', () => {
  it.each<[string, SealedOptions]>([
    ['TLS 1.3, AES-128-GCM', { ciphers: 'TLS_AES_128_GCM_SHA256' }],
    ['TLS 1.3, AES-256-GCM', { ciphers: 'TLS_AES_256_GCM_SHA384' }],
    ['TLS 1.3, ChaCha20', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }],
    ['TLS 1.3, CCM', { ciphers: 'TLS_AES_128_CCM_SHA256' }],
    ['TLS 1.3 with another group asked for', { ciphers: 'TLS_AES_128_GCM_SHA256', ecdhCurve: 'P-256:X25519' }],
    ['TLS 1.2, AES-128-GCM', old('ECDHE-ECDSA-AES128-GCM-SHA256')],
    ['TLS 1.2, AES-256-GCM', old('ECDHE-ECDSA-AES256-GCM-SHA384')],
    ['TLS 1.2, ChaCha20', old('ECDHE-ECDSA-CHACHA20-POLY1305')],
    ['TLS 1.2, CCM', old('ECDHE-ECDSA-AES128-CCM')],
    ['TLS 1.2, CCM with short tags', old('ECDHE-ECDSA-AES256-CCM8')],
    ['TLS 1.2, CBC and SHA-1, encrypted first', old('ECDHE-ECDSA-AES128-SHA')],
    ['TLS 1.2, CBC and SHA-1, MAC first', old('ECDHE-ECDSA-AES256-SHA', MAC_THEN_ENCRYPT)],
    ['TLS 1.2, CBC and SHA-256', old('ECDHE-ECDSA-AES128-SHA256')],
    ['TLS 1.2, CBC and SHA-384', old('ECDHE-ECDSA-AES256-SHA384', MAC_THEN_ENCRYPT)],
    ['TLS 1.2, renegotiated', { ...old('ECDHE-ECDSA-AES128-GCM-SHA256'), renegotiate: true }],
    ['TLS 1.1', old('ECDHE-ECDSA-AES128-SHA', { maxVersion: 'TLSv1.1', ...MAC_THEN_ENCRYPT })],
    ['TLS 1.0', old('ECDHE-ECDSA-AES128-SHA', { maxVersion: 'TLSv1' })],
    ['TLS 1.0, MAC first', old('ECDHE-ECDSA-AES128-SHA', { maxVersion: 'TLSv1', ...MAC_THEN_ENCRYPT })],
  ])('%s is read', async (_name, options) => {
    const one = await sealed(TEXTS, options)
    expect(heard(file(one), one.secrets)).toEqual(all)
  })
})

it('a session of TLS 1.2 that is resumed needs no line of its own', async () => {
  const options = old('ECDHE-ECDSA-AES128-GCM-SHA256')
  const one = await sealed(TEXTS, options)
  const again = await sealed(TEXTS, { ...options, session: one.session! })
  const both = Buffer.concat([file(one, { port: 5555 }), file(again, { seconds: 2000 }).subarray(24)])
  expect(heard(both, one.secrets)).toMatchObject({ client: all.client, server: all.server + all.server })
})

it('a session of TLS 1.3 that is resumed is read', async () => {
  const one = await sealed(TEXTS, {})
  const again = await sealed(TEXTS, { session: one.session! })
  expect(heard(file(again), again.secrets)).toEqual(all)
})

describe('without the secrets', () => {
  it.each<[string, SealedOptions]>([
    ['TLS 1.3', {}],
    ['TLS 1.2', old('ECDHE-ECDSA-AES128-GCM-SHA256')],
  ])('%s is told to be encrypted, once', async (_name, options) => {
    const one = await sealed(['one'], options)
    expect(heard(file(one), '')).toEqual({
      client: '',
      server: '',
      kinds: ['attempt', 'open', 'encrypted'],
      troubles: [],
    })
  })
  it('of the handshake, those of the application suffice', async () => {
    const one = await sealed(TEXTS, {})
    expect(heard(file(one), one.secrets.replaceAll(/^.*HANDSHAKE.*\n/gm, ''))).toEqual(all)
  })
  it('with those of another connection it is encrypted', async () => {
    const [one, other] = [await sealed(['one'], {}), await sealed(['one'], {})]
    const wrong = other.secrets.replaceAll(/(?<= )[0-9a-f]{64}(?= )/g, one.secrets.split(' ')[1]!)
    expect(heard(file(one), wrong)).toMatchObject({ client: '', server: '' })
  })
  it('from its middle on it is no text', async () => {
    const { wire } = await sealed(['one'.repeat(100)], {})
    const [last] = wire.filter(({ client }) => client).slice(-1)
    const events = readCapture(pcap([{ data: tcp(A, B, 'PA', 1, last!.bytes.subarray(40)) }])).events
    expect(events.map(({ kind }) => kind)).toEqual(['encrypted'])
  })
})

describe('a gap', () => {
  it.each<[string, SealedOptions]>([
    ['TLS 1.3', {}],
    ['TLS 1.2', old('ECDHE-ECDSA-AES128-GCM-SHA256')],
  ])('in %s does not end it', async (_name, options) => {
    const one = await sealed(['one', 'two', 'three', 'four'], options)
    const ofClient = one.wire.flatMap(({ client }, i) => (client ? [i] : []))
    const { client, server, kinds } = heard(file(one, { lacking: [ofClient.at(-3)!] }), one.secrets)
    expect([client, server, kinds]).toEqual(['onethreefour', 'onetwothreefour', ['attempt', 'open', 'gap']])
  })
})
