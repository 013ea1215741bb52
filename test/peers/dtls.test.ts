/** DTLS-SRTP with OpenSSL at the other end: both roles, all suites, both kinds of key; it tells the keys that it exports. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { DtlsAssociation, type DtlsOptions } from '../../src/media/dtls/association.js'
import { fingerprintOf, makeIdentity } from '../../src/media/dtls/certificate.js'
import { CIPHER_SUITES } from '../../src/media/dtls/record-cipher.js'

const install = 'sudo apt-get install openssl'
const hasOpenssl = spawnSync('openssl', ['version']).error === undefined
if (!hasOpenssl && process.env['CI']) throw new Error(`OpenSSL is missing: ${install}`)
if (!hasOpenssl) console.log(`OpenSSL is missing, its tests are skipped: ${install}`)

const clock = new WallClock()
let folder = ''
const at = (name: string) => join(folder, name)
const KEYS = ['-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', '60']
const SRTP = ['-use_srtp', 'SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32']

function makeCertificate(kind: 'ecdsa' | 'rsa'): void {
  const key = kind === 'ecdsa' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] : ['rsa:2048']
  const files = ['-keyout', at(`${kind}.key`), '-out', at(`${kind}.pem`)]
  spawnSync('openssl', ['req', '-x509', '-newkey', ...key, '-nodes', '-subj', '/CN=peer', '-days', '2', ...files])
}

/** A program of OpenSSL's, and what it has said. */
function starts(args: string[]): { child: ChildProcess; said: () => string; ends: () => void } {
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()))
  return { child, said: () => text, ends: () => child.kill('SIGKILL') }
}

async function until(what: () => boolean, said: () => string): Promise<void> {
  for (let waited = 0; !what(); waited += 20) {
    if (waited > 8_000) throw new Error(`not in time; OpenSSL said:\n${said()}`)
    await clock.sleep(20)
  }
}

const bound = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1', () => resolve(socket))
  })

async function freePort(): Promise<number> {
  const socket = await bound()
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(() => resolve()))
  return port
}

const fingerprintOfFile = (kind: 'ecdsa' | 'rsa') =>
  fingerprintOf(new X509Certificate(readFileSync(at(`${kind}.pem`))).raw)
const exported = (text: string) => /Keying material: ([0-9A-F]{120})/.exec(text)?.[1]?.toLowerCase()

/** The 60 octets that our keys were cut from. */
function material({ keying }: DtlsAssociation): string {
  const [client, server] = [keying?.client.keys[0]?.keySalt, keying?.server.keys[0]?.keySalt]
  if (client === undefined || server === undefined) return 'no keys'
  const parts = [client.subarray(0, 16), server.subarray(0, 16), client.subarray(16), server.subarray(16)]
  return Buffer.concat(parts).toString('hex')
}

/** We are the client of `openssl s_server`. */
async function asClient(
  kind: 'ecdsa' | 'rsa',
  o: {
    server?: string[]
    options?: Partial<DtlsOptions>
    afterwards: (end: DtlsAssociation, said: () => string) => unknown
  },
): Promise<void> {
  const port = await freePort()
  const files = ['-cert', at(`${kind}.pem`), '-key', at(`${kind}.key`)]
  const common = ['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, ...files, ...SRTP, ...KEYS]
  // It asks for a certificate, and insists on one, whoever signed it.
  const { said, ends, child } = starts([...common, '-Verify', '1', ...(o.server ?? [])])
  const socket = await bound()
  try {
    await until(() => said().includes('ACCEPT') || child.exitCode !== null, said)
    const end = new DtlsAssociation({
      role: 'client',
      clock,
      random: new SystemRandom(),
      identity: makeIdentity({ unixMs: clock.unixMs() }),
      fingerprints: [fingerprintOfFile(kind)],
      send: (datagram) => socket.send(datagram, port, '127.0.0.1'),
      ...o.options,
    })
    socket.on('message', (data) => end.receive(data))
    end.start()
    await until(() => end.state !== 'handshaking', said)
    await o.afterwards(end, said)
    end.close()
  } finally {
    ends()
    socket.close()
  }
}

/** We are the server of `openssl s_client`. */
async function asServer(
  kind: 'ecdsa' | 'rsa',
  o: {
    client?: string[]
    showsNothing?: boolean
    options?: Partial<DtlsOptions>
    afterwards: (end: DtlsAssociation, said: () => string) => unknown
  },
): Promise<void> {
  const socket = await bound()
  const { port } = socket.address()
  let to = 0
  const end = new DtlsAssociation({
    role: 'server',
    clock,
    random: new SystemRandom(),
    identity: makeIdentity({ kind, unixMs: clock.unixMs() }),
    fingerprints: [fingerprintOfFile('ecdsa')],
    send: (datagram) => socket.send(datagram, to, '127.0.0.1'),
    ...o.options,
  })
  socket.on('message', (data, from) => {
    to = from.port
    end.receive(data)
  })
  const files = o.showsNothing ? [] : ['-cert', at('ecdsa.pem'), '-key', at('ecdsa.key')]
  const common = ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, ...files, ...SRTP, ...KEYS]
  const { said, ends } = starts([...common, ...(o.client ?? [])])
  try {
    await until(() => end.state !== 'new' && end.state !== 'handshaking', said)
    await o.afterwards(end, said)
    end.close()
  } finally {
    ends()
    socket.close()
  }
}

async function expectSameKeys(end: DtlsAssociation, said: () => string): Promise<void> {
  expect(end.failure).toBeUndefined()
  await until(() => exported(said()) !== undefined, said)
  expect(material(end)).toBe(exported(said()))
}

describe.skipIf(!hasOpenssl)('DTLS-SRTP with OpenSSL', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-dtls-'))
    makeCertificate('ecdsa')
    makeCertificate('rsa')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each(CIPHER_SUITES.map((suite) => [suite.name, suite] as const))(
    'as client and as server: %s',
    async (_, suite) => {
      // RFC 8422 §5.1: groups are those of certificates, too, and P-256 is among them.
      for (const [groups, name] of [
        [[0x1d, 0x17], 'X25519:P-256'],
        [[0x17], 'P-256'],
      ] as const) {
        const options = { suites: [suite], groups }
        await asClient(suite.signature, { server: ['-groups', name], options, afterwards: expectSameKeys })
        await asServer(suite.signature, { client: ['-groups', name], options, afterwards: expectSameKeys })
      }
    },
  )

  it('with a cookie from its server, and flights in small datagrams both ways', async () => {
    await asClient('rsa', { server: ['-listen', '-mtu', '300'], options: { mtu: 300 }, afterwards: expectSameKeys })
    await asServer('rsa', {
      client: ['-mtu', '300'],
      options: { mtu: 300, asksForCookie: false },
      afterwards: expectSameKeys,
    })
  })

  it('without extended master secrets, as of old', async () => {
    await asClient('ecdsa', { options: { extendedMasterSecret: false }, afterwards: expectSameKeys })
    await asServer('ecdsa', { options: { extendedMasterSecret: false }, afterwards: expectSameKeys })
  })

  it('goes through with the second SRTP profile where the first is not offered', async () => {
    const client = ['-use_srtp', 'SRTP_AES128_CM_SHA1_32']
    await asServer('ecdsa', {
      client,
      afterwards: (end, said) => {
        expect(end.keying?.profile.name, said()).toBe('SRTP_AES128_CM_HMAC_SHA1_32')
      },
    })
  })

  it('ends where the certificate is not the one that was told, and says why', async () => {
    const wrong = { fingerprints: [fingerprintOfFile('rsa')] }
    await asClient('ecdsa', {
      options: wrong,
      afterwards: async (end, said) => {
        expect(end.failure?.code).toBe('fingerprint')
        await until(() => said().includes('bad certificate'), said)
      },
    })
    await asServer('ecdsa', { options: wrong, afterwards: (end) => expect(end.failure?.code).toBe('fingerprint') })
  })

  it('refuses a client without a certificate', async () => {
    await asServer('ecdsa', {
      showsNothing: true,
      afterwards: (end) => expect(end.failure).toMatchObject({ code: 'protocol', alert: 'handshake_failure' }),
    })
  })
})
