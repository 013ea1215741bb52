import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { SystemRandom } from '../../src/clock/random.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { createRequest, createResponse } from '../../src/message/build.js'
import { timerTable } from '../../src/transaction/timers.js'
import { TransactionLayer } from '../../src/transaction/transaction-layer.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import { NetworkError, type StreamConnection } from '../../src/transport/network.js'
import { SipTransport } from '../../src/transport/sip-transport.js'

const install = 'sudo apt-get install openssl'
const hasOpenssl = spawnSync('openssl', ['version']).error === undefined
if (!hasOpenssl && process.env['CI']) throw new Error(`OpenSSL is missing: ${install}`)
if (!hasOpenssl) console.log(`OpenSSL is missing, its tests are skipped: ${install}`)

const clock = new WallClock()
const network = new KernelNetwork(clock)
const NAME = 'sip.example.net'
let folder = ''
const at = (name: string) => join(folder, name)
const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })

/** Certificates from OpenSSL's own hand, all from one authority but `self`. */
const certificates: Record<string, { names: string; days?: string; cn?: string }> = {
  good: { names: `DNS:${NAME}` },
  uri: { names: `DNS:other.example.net,URI:sip:${NAME}` },
  other: { names: 'DNS:other.example.net' },
  // RFC 5922 §7.1: with a SIP URI there, DNS names do not count.
  'uri-first': { names: `DNS:${NAME},URI:sip:other.example.net` },
  wildcard: { names: 'DNS:*.example.net' },
  'common-name': { names: 'email:postmaster@example.net', cn: NAME },
  expired: { names: `DNS:${NAME}`, days: '-1' },
}

describe.skipIf(!hasOpenssl)('OpenSSL', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringproof-openssl-'))
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    openssl(
      'req',
      '-x509',
      ...key,
      '-subj',
      '/CN=authority',
      '-days',
      '2',
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
    )
    const self = ['-addext', `subjectAltName=DNS:${NAME}`, '-keyout', at('self.key'), '-out', at('self.pem')]
    openssl('req', '-x509', ...key, '-subj', `/CN=${NAME}`, '-days', '2', ...self)
    for (const [name, { names, days = '2', cn = 'server' }] of Object.entries(certificates)) {
      writeFileSync(at(`${name}.ext`), `subjectAltName=${names}\n`)
      openssl('req', ...key, '-subj', `/CN=${cn}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`))
      const issuer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-extfile', at(`${name}.ext`)]
      openssl('x509', '-req', '-in', at(`${name}.csr`), ...issuer, '-days', days, '-out', at(`${name}.pem`))
    }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** `openssl s_server` with one of the certificates. `said` grows with what it receives. */
  async function server(test: TestContext, certificate: string, args: readonly string[] = []) {
    const probe = await network.listen({ kind: 'tcp', at: { address: '127.0.0.1', port: 0 }, onConnection: () => {} })
    const { port } = probe.local
    await probe.close()
    const credentials = ['-cert', at(`${certificate}.pem`), '-key', at(`${certificate}.key`)]
    const child = spawn('openssl', ['s_server', '-quiet', '-accept', `127.0.0.1:${port}`, ...credentials, ...args])
    test.onTestFinished(() => void child.kill())
    const heard = { text: '' }
    child.stdout.on('data', (data: Buffer) => (heard.text += data.toString()))
    for (let i = 0; i < 100; i++) {
      const connection = await network
        .connect({ kind: 'tcp', remote: { address: '127.0.0.1', port } })
        .catch(() => undefined)
      connection?.close()
      if (connection) break
      await clock.sleep(30)
    }
    return { port, child, heard }
  }

  const connect = (
    port: number,
    o: { verify?: boolean; ca?: string; minVersion?: 'TLSv1.1' } = {},
  ): Promise<StreamConnection | NetworkError> =>
    network
      .connect({
        kind: 'tls',
        remote: { address: '127.0.0.1', port },
        tls: { serverName: NAME, verify: true, ca: readFileSync(at('ca.pem'), 'utf8'), ...o },
      })
      .catch((error: unknown) => {
        if (error instanceof NetworkError) return error
        throw error
      })
  const failure = (result: StreamConnection | NetworkError) =>
    result instanceof NetworkError ? `${result.code}: ${result.message}` : `connected with ${result.tls?.version}`

  it.for([
    ['TLSv1.2', '-tls1_2'],
    ['TLSv1.3', '-tls1_3'],
  ] as const)('as server: %s is spoken, SIP goes both ways', async ([version, option], test) => {
    const { port, child, heard } = await server(test, 'good', [option])
    const transport = new SipTransport({
      network,
      clock,
      parseMode: 'strict',
      tlsClient: { verify: true, ca: readFileSync(at('ca.pem'), 'utf8') },
    })
    test.onTestFinished(() => transport.close())
    const layer = new TransactionLayer({ transport, clock, timers: timerTable(), random: new SystemRandom() })
    const request = createRequest({
      method: 'OPTIONS',
      uri: `sip:${NAME}`,
      from: `<sip:a@${NAME}>;tag=a`,
      to: `<sip:${NAME}>`,
      callId: 'openssl',
      cseq: 1,
    })
    const answer = new Promise<number>((resolve, reject) => {
      const hop = { transport: 'tls' as const, remote: { address: '127.0.0.1', port }, serverName: NAME }
      layer.request(request, hop, {
        onResponse: (response, flow) => {
          expect(flow.tls?.version).toBe(version)
          resolve(response.status)
        },
        onTimeout: () => reject(new Error('timeout')),
        onTransportError: reject,
      })
    })
    for (let i = 0; i < 100 && !heard.text.includes('\r\n\r\n'); i++) await clock.sleep(20)
    expect(heard.text).toMatch(/^OPTIONS sip:sip\.example\.net SIP\/2\.0\r\n/)
    const copied = heard.text.split('\r\n').filter((line) => /^(?:Via|From|Call-ID|CSeq):/.test(line))
    child.stdin.write(
      ['SIP/2.0 200 OK', ...copied, `To: <sip:${NAME}>;tag=b`, 'Content-Length: 0', '\r\n'].join('\r\n'),
    )
    expect(await answer).toBe(200)
  })

  it('as server of TLS 1.1: is refused, unless asked for', async (test) => {
    const { port } = await server(test, 'good', ['-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0'])
    expect(failure(await connect(port))).not.toContain('connected')
    expect(failure(await connect(port, { minVersion: 'TLSv1.1' }))).toBe('connected with TLSv1.1')
  })

  it.for([
    ['good', /^connected/],
    ['uri', /^connected/],
    ['other', /^certificate: .*it is for other\.example\.net/],
    ['uri-first', /^certificate: .*it is for other\.example\.net/],
    ['wildcard', /^certificate: .*wildcards/],
    ['common-name', /^certificate: .*names no SIP domain/],
    ['expired', /^certificate: .*expired/],
    ['self', /^certificate: .*self-signed/],
  ] as const)('as server: the certificate %s is judged by RFC 5922', async ([certificate, verdict], test) => {
    const { port } = await server(test, certificate)
    const result = await connect(port)
    expect(failure(result)).toMatch(verdict)
    if (!(result instanceof NetworkError)) {
      expect(result.tls?.subjectAltNames?.join(',')).toBe(certificates[certificate]?.names)
      result.close()
    }
    const unverified = await connect(port, { verify: false })
    expect(failure(unverified)).toMatch(/^connected/)
    if (!(unverified instanceof NetworkError)) unverified.close()
  })

  it.for([
    ['-tls1_2', 'TLSv1.2'],
    ['-tls1_3', 'TLSv1.3'],
  ] as const)('as client: %s finds our certificate good and gets its answer', async ([option, version], test) => {
    const transport = new SipTransport({ network, clock, parseMode: 'strict' })
    test.onTestFinished(() => transport.close())
    const layer = new TransactionLayer({ transport, clock, timers: timerTable(), random: new SystemRandom() })
    const tls = { cert: readFileSync(at('good.pem'), 'utf8'), key: readFileSync(at('good.key'), 'utf8') }
    const listening = await transport.listen({ transport: 'tls', at: { address: '127.0.0.1', port: 0 }, tls })
    layer.onRequest = (tx) => {
      expect(tx.flow.tls).toMatchObject({ version, serverName: NAME })
      tx.respond(createResponse(tx.request, 200, undefined, { toTag: 'b' }))
    }
    const check = ['-CAfile', at('ca.pem'), '-verify_return_error', '-verify_hostname', NAME, '-servername', NAME]
    const child = spawn('openssl', ['s_client', '-quiet', option, '-connect', `127.0.0.1:${listening.port}`, ...check])
    test.onTestFinished(() => void child.kill())
    let heard = ''
    child.stdout.on('data', (data: Buffer) => (heard += data.toString()))
    child.stdin.write(
      [
        `OPTIONS sip:${NAME} SIP/2.0`,
        'Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bKopenssl',
        'Max-Forwards: 70',
        `From: <sip:c@${NAME}>;tag=c`,
        `To: <sip:${NAME}>`,
        'Call-ID: s_client',
        'CSeq: 1 OPTIONS',
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n'),
    )
    for (let i = 0; i < 100 && !heard.includes('\r\n\r\n'); i++) await clock.sleep(20)
    expect(heard).toMatch(/^SIP\/2\.0 200 OK\r\n[^]*branch=z9hG4bKopenssl/)
  })

  it('as client of TLS 1.1: is refused', async (test) => {
    const tls = { cert: readFileSync(at('good.pem'), 'utf8'), key: readFileSync(at('good.key'), 'utf8') }
    const listener = await network.listen({
      kind: 'tls',
      at: { address: '127.0.0.1', port: 0 },
      tls,
      onConnection: () => {},
    })
    test.onTestFinished(() => listener.close())
    const args = [
      's_client',
      '-tls1_1',
      '-cipher',
      'DEFAULT@SECLEVEL=0',
      '-connect',
      `127.0.0.1:${listener.local.port}`,
    ]
    const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] })
    test.onTestFinished(() => void child.kill())
    let said = ''
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    const code = await new Promise((resolve) => child.once('close', resolve))
    expect([code, said]).toEqual([1, expect.stringContaining('protocol version')])
  })
})
