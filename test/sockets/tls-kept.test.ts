/** TLS that is kept as it is on the wire: the file decrypts, in either role, resumed or not; and nothing of it is written unasked. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import tls from 'node:tls'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { readCapture } from '../../src/capture/read-capture.js'
import { main } from '../../src/cli/main.js'
import { WallClock } from '../../src/clock/wall-clock.js'
import { evidenceWriter } from '../../src/evidence/evidence-file.js'
import { ScenarioRecord } from '../../src/evidence/record.js'
import { type Authority, issueCertificate, makeAuthority } from '../../src/transport/certificates.js'
import { KernelNetwork } from '../../src/transport/kernel-network.js'
import type { StreamConnection, TlsServerOptions, TlsVersion } from '../../src/transport/network.js'
import { RecordingNetwork } from '../../src/transport/recording-network.js'
import { sinks } from '../unit/cli/sinks.js'

const clock = new WallClock()
const REQUEST = 'OPTIONS sip:x SIP/2.0\r\nCall-ID: kept\r\n\r\n'
const ANSWER = 'SIP/2.0 200 OK\r\nCall-ID: kept\r\n\r\n'

let authority: Authority
let certificate: TlsServerOptions
const undo: (() => unknown)[] = []
beforeAll(async () => {
  authority = await makeAuthority()
  certificate = await issueCertificate(authority, { dnsNames: ['sip.example'] })
})
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one()
})

/** A network on record, and what its record becomes. */
function onRecord(keepsTls: boolean) {
  const record = new ScenarioRecord(clock.unixMs() - clock.now())
  const network = new RecordingNetwork(new KernelNetwork(clock, { keepsTls }), record.tap('alice'))
  // Only this folder is removed afterwards.
  const folder = mkdtempSync(join(tmpdir(), 'ringproof-tls-'))
  mkdirSync(join(folder, 'evidence'))
  undo.push(() => rmSync(folder, { recursive: true }))
  const files = () => {
    evidenceWriter(folder)('x', record)
    return Object.fromEntries(
      readdirSync(join(folder, 'evidence')).map((name) => [name, readFileSync(join(folder, 'evidence', name))]),
    )
  }
  return { network, folder, files }
}

const next = (connection: StreamConnection) =>
  new Promise<string>((resolve) => (connection.onData = (data) => resolve(data.toString())))
const closed = (connection: StreamConnection) => new Promise<void>((resolve) => (connection.onClose = () => resolve()))

/** A server on another network than the one on record. */
async function answering(maxVersion?: TlsVersion): Promise<{ address: string; port: number }> {
  const listener = await new KernelNetwork(clock).listen({
    kind: 'tls',
    at: { address: '127.0.0.1', port: 0 },
    tls: { ...certificate, ...(maxVersion ? { maxVersion } : {}) },
    onConnection: (connection) => (connection.onData = () => connection.write(Buffer.from(ANSWER))),
  })
  undo.push(() => listener.close())
  return listener.local
}

/** What is read of the stream, by direction; `from` the port of the side that spoke. */
function textsIn(file: Buffer, from: number): string {
  const { events, troubles } = readCapture(file)
  expect(troubles).toEqual([])
  return events
    .flatMap((event) =>
      event.kind === 'segment' && event.tls && event.from.port === from ? [event.data.toString()] : [],
    )
    .join('')
}

test.each<TlsVersion>(['TLSv1.2', 'TLSv1.3'])('of a client, %s', async (version) => {
  const { network, folder, files } = onRecord(true)
  const remote = await answering(version)
  const client = await network.connect({
    kind: 'tls',
    remote,
    tls: { serverName: 'sip.example', ca: authority.cert, verify: true },
  })
  const answer = next(client)
  client.write(Buffer.from(REQUEST))
  expect(await answer).toBe(ANSWER)
  const ended = closed(client)
  client.close()
  await ended
  const { 'x.pcapng': plain, 'x.tls.pcapng': original } = files()
  expect(
    readCapture(original!)
      .events.map(({ kind }) => kind)
      .slice(0, 2),
  ).toEqual(['attempt', 'open'])
  expect(textsIn(original!, client.local.port)).toBe(REQUEST)
  expect(textsIn(original!, remote.port)).toBe(ANSWER)
  // It is encrypted, and what is written anyway has no key.
  expect(original!.includes('OPTIONS sip:x')).toBe(false)
  expect([original, plain].map((file) => file!.includes('CLIENT_RANDOM') || file!.includes('TRAFFIC_SECRET'))).toEqual([
    true,
    false,
  ])
  expect(statSync(join(folder, 'evidence', 'x.tls.pcapng')).mode & 0o077).toBe(0)
})

test.each<TlsVersion>(['TLSv1.2', 'TLSv1.3'])('of a server, first and resumed, %s', async (version) => {
  const { network, files } = onRecord(true)
  const listener = await network.listen({
    kind: 'tls',
    at: { address: '127.0.0.1', port: 0 },
    tls: certificate,
    onConnection: (connection) => (connection.onData = () => connection.write(Buffer.from(ANSWER))),
  })
  undo.push(() => listener.close())
  const ports: number[] = []
  let session: Buffer | undefined
  for (const resumed of [false, true]) {
    const socket = tls.connect({
      host: '127.0.0.1',
      port: listener.local.port,
      rejectUnauthorized: false,
      maxVersion: version,
      ...(session ? { session } : {}),
    })
    socket.on('session', (ticket: Buffer) => (session = ticket))
    const answer = new Promise<string>((resolve, reject) => {
      socket.once('data', (data) => resolve(data.toString()))
      socket.once('error', reject)
    })
    socket.write(REQUEST)
    // oxlint-disable-next-line no-await-in-loop -- the second resumes the first
    expect(await answer).toBe(ANSWER)
    expect(socket.isSessionReused()).toBe(resumed)
    ports.push(socket.localPort ?? 0)
    socket.destroy()
  }
  const original = files()['x.tls.pcapng']!
  for (const port of ports) expect(textsIn(original, port)).toBe(REQUEST)
  expect(textsIn(original, listener.local.port)).toBe(ANSWER + ANSWER)
})

test('of a handshake that fails, too: what the server sent is there', async () => {
  const { network, files } = onRecord(true)
  const remote = await answering()
  const tlsOptions = { serverName: 'other.example', ca: authority.cert, verify: true }
  await expect(network.connect({ kind: 'tls', remote, tls: tlsOptions })).rejects.toMatchObject({ code: 'certificate' })
  const { events } = readCapture(files()['x.tls.pcapng']!)
  expect(events.map(({ kind }) => kind)).toContain('open')
})

test('unasked nothing of it is written', async () => {
  const { network, files } = onRecord(false)
  const remote = await answering()
  const client = await network.connect({
    kind: 'tls',
    remote,
    tls: { serverName: 'sip.example', ca: authority.cert, verify: true },
  })
  const answer = next(client)
  client.write(Buffer.from(REQUEST))
  await answer
  client.close()
  const written = files()
  expect(Object.keys(written)).toEqual(['x.pcapng'])
  expect(written['x.pcapng']!.includes('TRAFFIC_SECRET')).toBe(false)
})

test('its help says what it means, and simulated time has none', async () => {
  const asked = async (...args: string[]) => {
    const { printed, options } = sinks()
    return { code: await main(['run', '--keep-tls', ...args], options), said: printed.out + printed.err }
  }
  const help = await asked('--help')
  expect(help.said.replaceAll(/\s+/g, ' ')).toContain('whoever has these files can read passwords’ proofs')
  expect(await asked('--clock', 'virtual')).toEqual({ code: 2, said: expect.stringContaining('encrypts nothing') })
})
