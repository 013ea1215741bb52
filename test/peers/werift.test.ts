/** DTLS-SRTP with werift at the other end, another DTLS written in JavaScript: both roles, and then SRTP both ways. */
import { once } from 'node:events'
import { createSocket } from 'node:dgram'
import { X509Certificate } from 'node:crypto'
import { describe, expect, it, type TestContext } from 'vitest'
import {
  CipherContext,
  DtlsClient,
  DtlsServer,
  HashAlgorithm,
  NamedCurveAlgorithm,
  RtpHeader,
  SignatureAlgorithm,
  SrtcpSession,
  type SrtpProfile as TheirProfile,
  SrtpSession,
  UdpTransport,
} from 'werift'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { DtlsAssociation, type DtlsOptions, type DtlsRole } from '../../src/media/dtls/association.js'
import { fingerprintOf, type KeyKind, makeIdentity } from '../../src/media/dtls/certificate.js'
import { compound } from '../../src/media/rtcp.js'
import { serializeRtp } from '../../src/media/rtp.js'
import { isSuiteName, SrtpContext } from '../../src/media/srtp.js'

const LOOPBACK = '127.0.0.1'
const SSRC = 0xdecafbad
/** It knows AES_CM_128_HMAC_SHA1_80 (RFC 5764 §4.1.2) and AEAD_AES_128_GCM (RFC 7714 §14.2). */
const PROFILES = [1, 7] as const
const clock = new WallClock()

const { ecdsa_3: ECDSA, rsa_1: RSA } = SignatureAlgorithm
const certificateOf = (kind: KeyKind) =>
  CipherContext.createSelfSignedCertificateWithKey(
    { signature: kind === 'ecdsa' ? ECDSA : RSA, hash: HashAlgorithm.sha256_4 },
    kind === 'ecdsa' ? NamedCurveAlgorithm.secp256r1_23 : undefined,
  )
/** Its certificates: a key of RSA takes a while to make. */
const certificates = { ecdsa: certificateOf('ecdsa'), rsa: certificateOf('rsa') }
const fingerprintOfOurs = () => fingerprintOf(makeIdentity({ unixMs: clock.unixMs() }).certificate)

interface Ends {
  readonly ours: DtlsAssociation
  readonly theirs: DtlsClient | DtlsServer
}

/** Both ends, on sockets, when ours has come to an end of the handshake. */
async function shakesHands(
  test: TestContext,
  o: {
    readonly role: DtlsRole
    readonly kind: KeyKind
    readonly profiles?: readonly TheirProfile[]
    readonly extendedMasterSecret?: boolean
    readonly options?: Partial<DtlsOptions>
  },
): Promise<Ends> {
  const { extendedMasterSecret = true, profiles = PROFILES } = o
  const transport = await UdpTransport.init('udp4', { interfaceAddresses: { udp4: LOOPBACK } })
  const socket = createSocket('udp4').bind(0, LOOPBACK)
  await once(socket, 'listening')
  transport.rinfo = { address: LOOPBACK, port: socket.address().port }
  const { certPem: cert, keyPem: key, signatureHash } = await certificates[o.kind]
  const settings = { transport, cert, key, signatureHash, srtpProfiles: [...profiles], extendedMasterSecret }
  const theirs =
    o.role === 'client' ? new DtlsServer({ ...settings, certificateRequest: true }) : new DtlsClient(settings)
  const ours: DtlsAssociation = await new Promise((resolve) => {
    const end = new DtlsAssociation({
      role: o.role,
      clock,
      random: new SystemRandom(),
      identity: makeIdentity({ unixMs: clock.unixMs() }),
      fingerprints: [fingerprintOf(new X509Certificate(cert).raw)],
      extendedMasterSecret,
      send: (datagram) => socket.send(datagram, transport.port, LOOPBACK),
      onChange: () => {
        if (end.state !== 'new' && end.state !== 'handshaking') resolve(end)
      },
      ...o.options,
    })
    test.onTestFinished(async () => {
      end.close()
      socket.close()
      await transport.close()
    })
    socket.on('message', (data) => end.receive(data))
    end.start()
    if (theirs instanceof DtlsClient) void theirs.connect()
  })
  return { ours, theirs }
}

/** What each end makes of its keys is read by the other: RTP and RTCP, both ways. */
async function expectSrtpBothWays({ ours, theirs }: Ends, profile: TheirProfile): Promise<void> {
  expect(ours.failure).toBeUndefined()
  // The last flight may be theirs to take in still.
  if (!theirs.connected) await theirs.onConnect.asPromise()
  const { keying } = ours
  const suite = keying?.profile.suite ?? ''
  if (keying === undefined || !isSuiteName(suite)) throw new Error(`no keys, or of ${suite}`)
  expect([keying.profile.id, theirs.srtp.srtpProfile]).toEqual([profile, profile])
  const { keyBytes, saltBytes } = keying.profile
  const { localKey, localSalt, remoteKey, remoteSalt } = theirs.extractSessionKeys(keyBytes, saltBytes)
  const keys = {
    localMasterKey: localKey,
    localMasterSalt: localSalt,
    remoteMasterKey: remoteKey,
    remoteMasterSalt: remoteSalt,
  }
  const contextOf = (side: DtlsRole) => {
    const { keySalt = Buffer.alloc(0) } = keying[side].keys[0] ?? {}
    return new SrtpContext({ suite, keys: [{ key: keySalt.subarray(0, keyBytes), salt: keySalt.subarray(keyBytes) }] })
  }
  const [out, into] = [contextOf(ours.role), contextOf(ours.role === 'client' ? 'server' : 'client')]
  const [audio, control] = [new SrtpSession({ keys, profile }), new SrtcpSession({ keys, profile })]
  for (let sequenceNumber = 65_500; sequenceNumber < 65_580; sequenceNumber++) {
    const packet = serializeRtp({
      marker: false,
      payloadType: 8,
      sequenceNumber: sequenceNumber & 0xffff,
      timestamp: 160 * sequenceNumber,
      ssrc: SSRC,
      payload: Buffer.alloc(160, sequenceNumber),
    })
    expect(audio.decrypt(out.protect(packet))).toEqual(packet)
    const made = audio.encrypt(packet.subarray(12), RtpHeader.deSerialize(packet))
    expect(into.unprotect(made)).toEqual(packet)
    const report = compound({ type: 'RR', ssrc: SSRC, reports: [] }, `alice${sequenceNumber}@192.0.2.1`)
    expect(control.decrypt(out.protectRtcp(report))).toEqual(report)
    expect(into.unprotectRtcp(control.encrypt(report))).toEqual(report)
  }
}

const ROLES = ['client', 'server'] as const
const KINDS = ['ecdsa', 'rsa'] as const
const pairs = ROLES.flatMap((role) => KINDS.map((kind) => [role, kind] as const))

describe('DTLS-SRTP with werift', () => {
  for (const [role, kind] of pairs) {
    it(`as ${role}, its key of ${kind}`, async (test) => {
      const ends = await shakesHands(test, { role, kind })
      await expectSrtpBothWays(ends, 1)
    })

    it(`as ${role}, its key of ${kind}, without extended master secrets`, async (test) => {
      const ends = await shakesHands(test, { role, kind, extendedMasterSecret: false })
      await expectSrtpBothWays(ends, 1)
    })

    it(`as ${role}, its key of ${kind}, with AES-GCM where nothing else is offered`, async (test) => {
      const ends = await shakesHands(test, { role, kind, profiles: [7] })
      await expectSrtpBothWays(ends, 7)
    })

    it(`as ${role}, its key of ${kind}, ends where that is not the one that was told`, async (test) => {
      const { ours } = await shakesHands(test, { role, kind, options: { fingerprints: [fingerprintOfOurs()] } })
      expect([ours.state, ours.failure?.code, ours.keying]).toEqual(['failed', 'fingerprint', undefined])
    })
  }
})
