/** TLS servers as they are met in the wild: what is said of their certificates and versions. */
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import tls from 'node:tls'
import * as x509 from '@peculiar/x509'
import { beforeAll, describe, expect, it } from 'vitest'
import { socketStages } from '../../src/worlds/socket-stages.js'
import { createResponse } from '../../src/message/build.js'
import { parseMessage } from '../../src/message/parse.js'
import { runConformance } from '../../src/runner/run.js'
import { targetOf } from '../../src/target/target-file.js'
import { type Authority, type CertificateOptions, issueCertificate } from '../../src/transport/certificates.js'
import { allScenarios } from '../virtual/detection.js'

const NAME = 'sip.odd.example'
const DAY = 86_400_000
const scenarios = (await allScenarios()).filter(({ definition }) =>
  ['tls/certificate', 'tls/old-versions'].includes(definition.id),
)

const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** An authority that may have others below it, which ringproof's own may not; below `above`, where there is one. */
async function authority(above?: Authority): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify'])
  const der = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----|\s/g, ''), 'base64')
  const common = {
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    signingAlgorithm: CURVE,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  }
  const cert = above
    ? await x509.X509CertificateGenerator.create({
        ...common,
        serialNumber: '02',
        subject: 'CN=intermediate',
        issuer: new x509.X509Certificate(above.cert).subjectName,
        publicKey: keys.publicKey,
        signingKey: await webcrypto.subtle.importKey('pkcs8', der(above.key), CURVE, false, ['sign']),
      })
    : await x509.X509CertificateGenerator.createSelfSigned({ ...common, serialNumber: '01', name: 'CN=root', keys })
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  return {
    cert: cert.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`,
  }
}

interface Oddity {
  readonly certificate?: CertificateOptions
  readonly chain?: 'sent' | 'left out'
  readonly server?: tls.TlsOptions
}

let root: Authority
beforeAll(async () => {
  root = await authority()
})

/** The checks that did not hold, by scenario; or why nothing could be told. */
async function judged({ certificate = { dnsNames: [NAME] }, chain, server: options = {} }: Oddity) {
  const issuer = chain === undefined ? root : await authority(root)
  const { cert, key } = await issueCertificate(issuer, certificate)
  const server = tls.createServer(
    { cert: chain === 'sent' ? `${cert}\n${issuer.cert}` : cert, key, ...options },
    (socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) => {
        const { message } = parseMessage(data, { mode: 'fast' })
        if (message?.kind === 'request')
          socket.write(createResponse(message, 200, undefined, { toTag: 'odd' }).toBytes())
      })
    },
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const document = targetOf({
    name: 'odd',
    domain: NAME,
    endpoints: { tls: { host: '127.0.0.1', port, ca: root.cert } },
    accounts: [{ user: '1', password: 'x' }],
  })
  const stage = await socketStages(document)
  try {
    const outcome = await runConformance({
      scenarios: scenarios.map((one) => ({
        ...one,
        definition: { ...one.definition, variants: [{ transport: 'tls', family: 'ipv4' }] },
      })),
      document,
      stages: stage.stages,
      selection: {},
      brief: true,
    })
    return Object.fromEntries(
      outcome.scenarios.map(({ id, verdict, checks }) => [
        id,
        verdict === 'inconclusive'
          ? verdict
          : checks.flatMap((check) => (check.verdict === 'pass' ? [] : [`${check.id} ${check.verdict}`])),
      ]),
    )
  } finally {
    stage.close()
    server.close()
  }
}

const nothing = { 'tls/certificate': [], 'tls/old-versions': [] }
const days = (from: number, to: number): CertificateOptions => ({
  dnsNames: [NAME],
  notBefore: new Date(Date.now() + from * DAY),
  notAfter: new Date(Date.now() + to * DAY),
})

describe('a TLS server', () => {
  it.each<[string, Oddity, object]>([
    [
      'with one name among many',
      { certificate: { dnsNames: ['www.odd.example', 'SIP.Odd.Example', 'x.example'] } },
      nothing,
    ],
    ['with the name as a SIP URI', { certificate: { uris: [`sip:${NAME}`], dnsNames: ['www.odd.example'] } }, nothing],
    ['that sends its intermediate certificate', { chain: 'sent' }, nothing],
    ['that does not', { chain: 'left out' }, { ...nothing, 'tls/certificate': ['chain fail'] }],
    [
      'with a wildcard',
      { certificate: { dnsNames: ['*.odd.example'] } },
      { ...nothing, 'tls/certificate': ['name fail'] },
    ],
    ['with a certificate of six days, renewed in time', { certificate: days(-1, 5) }, nothing],
    [
      'with one of six days, at its end',
      { certificate: days(-5, 1) },
      { ...nothing, 'tls/certificate': ['lasting warn'] },
    ],
    [
      'with one of a year, at its end',
      { certificate: days(-360, 5) },
      { ...nothing, 'tls/certificate': ['lasting warn'] },
    ],
    [
      'with one that has expired',
      { certificate: days(-9, -1) },
      { ...nothing, 'tls/certificate': ['dates fail', 'lasting warn'] },
    ],
    ['of TLS 1.3 alone', { server: { minVersion: 'TLSv1.3' } }, { ...nothing, 'tls/old-versions': ['has12 fail'] }],
    ['of TLS 1.2 alone', { server: { maxVersion: 'TLSv1.2' } }, { ...nothing, 'tls/old-versions': ['has13 warn'] }],
    [
      'that asks for a certificate and does not insist',
      { server: { requestCert: true, rejectUnauthorized: false } },
      nothing,
    ],
    [
      'that insists on a certificate of the client',
      { server: { requestCert: true, rejectUnauthorized: true } },
      { ...nothing, 'tls/old-versions': 'inconclusive' },
    ],
  ])('%s', async (_, oddity, expected) => {
    expect(await judged(oddity)).toEqual(expected)
  })
})
