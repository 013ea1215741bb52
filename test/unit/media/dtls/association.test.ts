import { describe, expect, it } from 'vitest'
import { fingerprintOf } from '../../../../src/media/dtls/certificate.js'
import { CIPHER_SUITES } from '../../../../src/media/dtls/record-cipher.js'
import { parseRecords } from '../../../../src/media/dtls/records.js'
import { SRTP_PROFILES } from '../../../../src/media/dtls/srtp-profiles.js'
import { srtpContextOf } from '../../../../src/media/srtp-setup.js'
import { serializeRtp } from '../../../../src/media/rtp.js'
import { betweenTwoEnds, type Ends, IDENTITIES } from './two-ends.js'

const states = ({ client, server }: Ends) => [client.state, server.state]

/** Both have the same keys, and what one protects the other reads. */
function expectKeysInCommon({ client, server }: Ends): void {
  const [a, b] = [client.keying, server.keying]
  if (a === undefined || b === undefined)
    throw new Error(`no keys: ${client.failure?.words} ${server.failure?.words} ${client.state} ${server.state}`)
  expect(a.client.keys[0]?.keySalt).toEqual(b.client.keys[0]?.keySalt)
  expect(a.server.keys[0]?.keySalt).toEqual(b.server.keys[0]?.keySalt)
  expect(a.client.keys[0]?.keySalt).not.toEqual(a.server.keys[0]?.keySalt)
  const rtp = serializeRtp({
    marker: false,
    payloadType: 8,
    sequenceNumber: 7,
    timestamp: 1,
    ssrc: 2,
    payload: Buffer.alloc(160, 3),
  })
  expect(srtpContextOf(b.client).unprotect(srtpContextOf(a.client).protect(rtp))).toEqual(rtp)
}

describe('DtlsAssociation', () => {
  it.each(CIPHER_SUITES.map((suite) => [suite.name, suite] as const))(
    'agrees on keys with %s, in both groups',
    async (_name, suite) => {
      for (const group of [0x001d, 0x0017]) {
        await betweenTwoEnds(
          async (ends) => {
            expect(states(ends)).toEqual(['new', 'new'])
            ends.client.start()
            expect(states(ends)).toEqual(['handshaking', 'new'])
            await ends.clock.sleep(200)
            expect(states(ends)).toEqual(['connected', 'connected'])
            expectKeysInCommon(ends)
            expect([ends.client.retransmissions, ends.server.retransmissions]).toEqual([0, 0])
          },
          {
            client: { suites: [suite], groups: [group] },
            server: { identity: suite.signature === 'rsa' ? IDENTITIES.rsa : IDENTITIES.b },
          },
        )
      }
    },
  )

  it.each(SRTP_PROFILES.map((profile) => [profile.name, profile] as const))(
    'gives keys for %s',
    async (_name, profile) => {
      await betweenTwoEnds(
        async (ends) => {
          ends.client.start()
          await ends.clock.sleep(200)
          expect(ends.server.keying?.profile).toEqual(profile)
          expectKeysInCommon(ends)
        },
        { client: { profiles: [profile] } },
      )
    },
  )

  it('knows clients with RSA certificates, masters without RFC 7627, and servers that ask for no cookie', async () => {
    await betweenTwoEnds(
      async (ends) => {
        ends.client.start()
        await ends.clock.sleep(200)
        expectKeysInCommon(ends)
        // One flight less than with a cookie.
        expect([ends.sent.client.length, ends.sent.server.length]).toEqual([2, 2])
      },
      {
        client: { identity: IDENTITIES.rsa, extendedMasterSecret: false },
        server: { asksForCookie: false },
      },
    )
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('comes through loss, doubles and reordering (seed %i)', async (seed) => {
    await betweenTwoEnds(
      async (ends) => {
        ends.client.start()
        await ends.clock.sleep(60_000)
        expectKeysInCommon(ends)
      },
      {
        seed: `rough ${seed}`,
        link: { loss: 0.2, duplicate: 0.2, reorder: 0.3, jitterMs: 40 },
        client: { mtu: 300 },
        server: { mtu: 300 },
      },
    )
  })

  it('cuts flights to small datagrams, and puts them together in whatever order they come', async () => {
    await betweenTwoEnds(
      async (ends) => {
        ends.client.start()
        await ends.clock.sleep(500)
        expectKeysInCommon(ends)
        for (const datagram of [...ends.sent.client, ...ends.sent.server]) expect(datagram.length).toBeLessThan(129)
      },
      { client: { mtu: 128 }, server: { mtu: 128 }, link: { jitterMs: 60, reorder: 0.5 } },
    )
  })

  it('sends a flight again after 1, 3, 7, 15 and 31 s, and gives up after 63 s', async () => {
    await betweenTwoEnds(async ({ clock, network, client, sent }) => {
      network.filter = () => false
      const began = clock.now()
      client.start()
      const at: number[] = []
      for (let count = 1; client.state === 'handshaking'; await clock.sleep(100)) {
        if (sent.client.length === count) continue
        count = sent.client.length
        at.push(Math.round((clock.now() - began) / 1000))
      }
      expect(at).toEqual([1, 3, 7, 15, 31])
      expect(client.failure?.code).toBe('timeout')
      expect(Math.round((clock.now() - began) / 1000)).toBe(63)
      // RFC 6347 §4.2.4: numbered anew each time.
      expect(sent.client.flatMap((one) => parseRecords(one)).map(({ sequence }) => sequence)).toEqual([
        0, 1, 2, 3, 4, 5,
      ])
    })
  })

  it('sends its last flight again when the client repeats its own', async () => {
    await betweenTwoEnds(async (ends) => {
      const { clock, network, client, server, sent } = ends
      let lost = 0
      network.filter = ({ data, from }) => {
        const isLast = from.address === '192.0.2.2' && parseRecords(data).some(({ type }) => type === 20)
        return !(isLast && lost++ === 0)
      }
      client.start()
      await clock.sleep(500)
      expect([client.state, server.state]).toEqual(['handshaking', 'connected'])
      await clock.sleep(1_000)
      expectKeysInCommon(ends)
      const count = sent.server.length
      await clock.sleep(60_000)
      expect(sent.server.length).toBe(count)
    })
  })

  it('refuses a certificate that is not the one of the session description, in both roles', async () => {
    for (const role of ['client', 'server'] as const) {
      const other = role === 'client' ? 'server' : 'client'
      await betweenTwoEnds(
        async (ends) => {
          ends.client.start()
          await ends.clock.sleep(200)
          expect(ends[role].failure).toMatchObject({ code: 'fingerprint', alert: 'bad_certificate' })
          expect(ends[other].failure).toMatchObject({ code: 'alert', alert: 'bad_certificate' })
          expect([ends.client.keying, ends.server.keying]).toEqual([undefined, undefined])
        },
        { [role]: { fingerprints: [fingerprintOf(IDENTITIES.rsa.certificate)] } },
      )
    }
  })

  it('refuses a certificate whose key the client does not have, in words that the client can read', async () => {
    const { certificate } = IDENTITIES.a
    await betweenTwoEnds(
      async ({ clock, client, server }) => {
        client.start()
        await clock.sleep(200)
        expect(server.failure).toMatchObject({ code: 'protocol', alert: 'decrypt_error' })
        // In clear: the server has not changed its cipher yet.
        expect(client.failure).toMatchObject({ code: 'alert', alert: 'decrypt_error' })
        expect([client.keying, server.keying]).toEqual([undefined, undefined])
      },
      { client: { identity: { ...IDENTITIES.b, certificate } } },
    )
  })

  it('gives no keys before the fingerprint is known, and none where it is another', async () => {
    const play = (fingerprint: Buffer, then: (ends: Ends) => void) =>
      betweenTwoEnds(
        async (ends) => {
          ends.client.start()
          await ends.clock.sleep(200)
          expect(states(ends)).toEqual(['connected', 'connected'])
          expect(ends.server.keying).toBeUndefined()
          ends.server.trusts([fingerprintOf(fingerprint, 'sha-512')])
          then(ends)
        },
        { server: { fingerprints: undefined } },
      )
    await play(IDENTITIES.a.certificate, expectKeysInCommon)
    await play(IDENTITIES.rsa.certificate, ({ server }) => {
      expect(server.keying).toBeUndefined()
      expect(server.failure?.code).toBe('fingerprint')
    })
  })

  it('says when nothing is in common', async () => {
    const [gcm, , , cbc] = CIPHER_SUITES
    await betweenTwoEnds(
      async (ends) => {
        ends.client.start()
        await ends.clock.sleep(200)
        expect(ends.server.failure).toMatchObject({ code: 'protocol', alert: 'handshake_failure' })
        expect(ends.client.failure).toMatchObject({ code: 'alert', alert: 'handshake_failure' })
      },
      { client: { suites: gcm ? [gcm] : [] }, server: { suites: cbc ? [cbc] : [] } },
    )
  })

  it('says goodbye, and hears it', async () => {
    await betweenTwoEnds(async ({ clock, client, server, sent }) => {
      client.start()
      await clock.sleep(200)
      client.close()
      await clock.sleep(50)
      expect([client.state, server.state]).toEqual(['closed', 'closed'])
      // Protected: an alert in clear would be anybody's.
      expect(parseRecords(sent.client.at(-1) ?? Buffer.alloc(0))[0]).toMatchObject({ type: 21, epoch: 1 })
    })
  })

  it.each(['client', 'server'] as const)(
    'a goodbye of the %s before there are keys is a failure at the other end',
    async (leaver) => {
      await betweenTwoEnds(async (ends) => {
        const { client, server, clock } = ends
        client.start()
        // The hellos have crossed, and nothing is agreed on.
        await clock.sleep(25)
        expect(states(ends)).toEqual(['handshaking', 'handshaking'])
        ends[leaver].close()
        await clock.sleep(200)
        const other = leaver === 'client' ? server : client
        expect(ends[leaver].state).toBe('closed')
        expect([other.state, other.failure]).toEqual([
          'failed',
          { code: 'alert', alert: 'close_notify', words: 'the peer ended the handshake with close_notify' },
        ])
      })
    },
  )

  it('passes over alerts in clear after the handshake, and records that come twice', async () => {
    await betweenTwoEnds(async ({ clock, client, server, sent }) => {
      client.start()
      await clock.sleep(200)
      server.receive(Buffer.from([21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, 40]))
      for (const datagram of sent.client) server.receive(datagram)
      await clock.sleep(1_000)
      expect([client.state, server.state]).toEqual(['connected', 'connected'])
    })
  })
})
