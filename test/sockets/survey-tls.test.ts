/** TLS servers that no telephone can use, and what the survey and the doctor say of them. */
import tls from 'node:tls'
import { beforeAll, describe, expect, it } from 'vitest'
import { examineTarget } from '../../src/cli/doctor.js'
import { createResponse } from '../../src/message/build.js'
import { parseMessage } from '../../src/message/parse.js'
import { survey } from '../../src/survey/survey.js'
import { reachAlone } from '../../src/survey/survey-needs.js'
import { targetOf } from '../../src/target/target-file.js'
import {
  type Authority,
  type CertificateOptions,
  issueCertificate,
  makeAuthority,
} from '../../src/transport/certificates.js'
import { socketStages } from '../../src/worlds/socket-stages.js'

const NAME = 'sip.odd.example'
const DAY = 86_400_000

let ours: Authority
let foreign: Authority
beforeAll(async () => {
  ours = await makeAuthority('ours')
  foreign = await makeAuthority('somebody else')
})

interface Oddity {
  readonly certificate?: CertificateOptions
  readonly by?: 'somebody else'
  readonly server?: tls.TlsOptions
}

/** What is said of a server that answers every request with 200, once a handshake has succeeded. */
async function saidOf({ certificate = { dnsNames: [NAME] }, by, server: options = {} }: Oddity) {
  const { cert, key } = await issueCertificate(by === undefined ? ours : foreign, certificate)
  const server = tls.createServer({ cert, key, ...options }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (data) => {
      const { message } = parseMessage(data, { mode: 'fast' })
      if (message?.kind === 'request') socket.write(createResponse(message, 200, undefined, { toTag: 'odd' }).toBytes())
    })
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const document = targetOf({
    name: 'odd',
    domain: NAME,
    endpoints: { tls: { host: '127.0.0.1', port, ca: ours.cert } },
    accounts: [{ user: '1', password: 'x' }],
    // Nobody is asked for records.
    unsupported: ['udp', 'tcp'],
    dns: { server: '127.0.0.1', port: 9 },
  })
  const stage = await socketStages(document)
  try {
    const { result, unreachable } = await survey({ world: stage.world, startMs: stage.startMs, needs: reachAlone() })
    const [sign] = result.vitalSigns
    const doctor = (await examineTarget(document)).find(({ what }) => what === `tls 127.0.0.1:${port}`)
    const [check] = sign?.checks ?? []
    return { code: sign?.code, reason: sign?.reason ?? '', check, doctor, unreachable }
  } finally {
    stage.close()
    server.close()
  }
}

const iso = (unixMs: number) => new Date(unixMs).toISOString().slice(0, 10)

describe('a TLS server', () => {
  it('that is as it should be lacks nothing', async () => {
    const { code, doctor } = await saidOf({})
    expect([code, doctor?.state]).toEqual([undefined, 'yes'])
  })

  it.each<[string, Oddity, string, RegExp]>([
    [
      'whose certificate has expired',
      {
        certificate: {
          dnsNames: [NAME],
          notBefore: new Date(Date.now() - 30 * DAY),
          notAfter: new Date(Date.now() - 3 * DAY),
        },
      },
      'certificate-expired',
      new RegExp(`^The TLS certificate expired on ${iso(Date.now() - 3 * DAY)}$`),
    ],
    [
      'whose certificate is for another name',
      { certificate: { dnsNames: ['other.example'] } },
      'certificate-name',
      /^The TLS certificate is for other\.example, not for sip\.odd\.example$/,
    ],
    [
      'whose authority nobody trusts',
      { by: 'somebody else' },
      'certificate-untrusted',
      /^The TLS certificate (?:comes from an authority|cannot be traced)/,
    ],
    [
      'that has no version in common',
      { server: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } },
      'no-common-tls-version',
      /^No TLS version in common: the server takes only TLS 1\.0 and 1\.1, current telephones use 1\.2 and 1\.3$/,
    ],
  ])('%s: the cause is exact, in the survey and for the doctor', async (_, odd, code, sentence) => {
    const said = await saidOf(odd)
    expect([said.code, said.reason]).toEqual([code, expect.stringMatching(sentence)])
    expect(said.check).toMatchObject({ verdict: 'fail', gravity: 'outage' })
    // Somebody is there: it is a failure, not a target that cannot be reached.
    expect(said.unreachable).toBeUndefined()
    expect(said.doctor?.state).toBe('no')
    expect(said.doctor?.found).toContain(said.reason.slice(0, 24))
  })
})
