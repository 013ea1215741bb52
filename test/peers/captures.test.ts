/** Capture files, both ways: what runs write opens in the tools that people have, and what those tools write is read. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSocket } from 'node:dgram'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Capture, readCapture } from '../../src/capture/read-capture.js'
import { issueCertificate, makeAuthority } from '../../src/transport/certificates.js'
import { listens } from './sipp.js'

const PROGRAMS = ['tcpdump', 'tshark', 'editcap', 'capinfos', 'sngrep', 'text2pcap', 'openssl', 'file']
const missing = PROGRAMS.filter((name) => !['/usr/bin', '/usr/sbin'].some((place) => existsSync(join(place, name))))
if (missing.length > 0 && process.env['CI'])
  throw new Error(`${missing.join(', ')} missing: apt-get install tcpdump tshark sngrep openssl`)

const folder = mkdtempSync(join(tmpdir(), 'ringproof-captures-'))
const at = (...names: string[]) => join(folder, ...names)
const read = (path: string, tlsSecrets = ''): Capture => readCapture(readFileSync(path), { tlsSecrets })
/** Runs it to its end. @returns what it printed, and what it complained about */
function run(program: string, ...args: string[]): { said: string; complaint: string } {
  const { stdout, stderr, status } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  const complaint = stderr.replaceAll(
    /^(?:Running as user|reading from file|Warning: interface|dropped privs).*\n/gm,
    '',
  )
  return { said: stdout, complaint: status === 0 ? complaint : `exit ${status}: ${stderr}` }
}

/** Call-IDs of the INVITEs in a file, as the reader of captures finds them. */
function callsOf({ events }: Capture): string[] {
  const texts = events.flatMap((event) => ('data' in event ? [event.data.toString('latin1')] : []))
  const ids = texts.flatMap((text) =>
    [...text.matchAll(/^INVITE [^]*?^(?:Call-ID|i): *(\S+)/gim)].map(([, id]) => id ?? ''),
  )
  return [...new Set(ids)].sort()
}

/** @throws Error after ten seconds */
async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 10_000
  while (!holds()) {
    if (performance.now() > end) throw new Error('it does not come')
    // oxlint-disable-next-line no-await-in-loop -- until it comes
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** A client and a server of openssl's talk, and tcpdump listens. */
async function talk(
  start: (program: string, args: readonly string[]) => ChildProcessWithoutNullStreams,
  version: readonly string[],
  file: string,
): Promise<void> {
  const tcpdump = start('tcpdump', [
    '-i',
    'lo',
    '--immediate-mode',
    '-U',
    '-w',
    file,
    '-Z',
    'root',
    'tcp',
    'port',
    '19778',
  ])
  await once(tcpdump.stderr, 'data')
  const server = start('openssl', ['s_server', '-accept', '127.0.0.45:19778', '-cert', at('cert.pem'), '-quiet'])
  const heard = { server: '', client: '' }
  server.stdout.on('data', (data: Buffer) => (heard.server += data.toString()))
  await listens(19778, 'tcp')
  const args = ['s_client', '-connect', '127.0.0.45:19778', '-keylogfile', at('keys'), ...version]
  const client = start('openssl', args)
  for (const stream of [client.stdout, client.stderr])
    stream.on('data', (data: Buffer) => (heard.client += data.toString()))
  client.stdin.write('one line\n')
  await until(() => heard.server.includes('one line'))
  server.stdin.write('an answer\n')
  await until(() => heard.client.includes('an answer'))
  if (version[0] === '-tls1_3') client.stdin.write('K\n')
  // A command is one only at the beginning of what is read at once.
  await until(() => version[0] !== '-tls1_3' || heard.client.includes('KEYUPDATE'))
  client.stdin.write('another line\n')
  await until(() => heard.server.includes('another line'))
  server.stdin.write('another answer\n')
  await until(() => heard.client.includes('another answer'))
}

const ONLY = ['dialog/hold-by-caller', 'srtp/echo', 'tls/call']

beforeAll(() => {
  if (missing.length > 0) return
  for (const transport of ['udp', 'tcp', 'tls']) {
    const chosen = ONLY.flatMap((name) => ['--only', name])
    const how = ['--clock', 'virtual', '--transport', transport, '--out', at(transport)]
    run(process.execPath, 'bin/ringproof.mjs', 'run', ...how, ...chosen)
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.skipIf(missing.length > 0)('the captures of a run', () => {
  const files = () =>
    ['udp', 'tcp', 'tls'].flatMap((transport) =>
      readdirSync(at(transport, 'evidence')).map((name) => at(transport, 'evidence', name)),
    )

  it('open in tcpdump, capinfos, editcap and sngrep without a complaint, and show the same calls', () => {
    expect(files().length).toBeGreaterThan(15)
    let [calls, looked] = [0, 0]
    for (const file of files()) {
      expect([file, run('tcpdump', '-nr', file).complaint]).toEqual([file, ''])
      const { troubles, events, packets } = read(file)
      expect([file, troubles]).toEqual([file, []])
      if (events.length === 0) continue
      const wanted = callsOf(read(file))
      calls += wanted.length
      // One of each transport: these take a second each.
      const isOther = !/srtp_echo_tls_ipv6|hold-by-caller_(?:tcp|udp)_ipv4/.test(file)
      if (wanted.length === 0 || isOther) continue
      looked += 1
      expect(run('capinfos', '-cM', file).said).toContain(`packets:   ${packets}\n`)
      expect(run('editcap', '-F', 'pcap', file, at('old.pcap')).complaint).toBe('')
      expect(callsOf(read(at('old.pcap')))).toEqual(wanted)
      const tshark = run(
        'tshark',
        '-n',
        '-r',
        file,
        '-Y',
        'sip.Method == "INVITE"',
        '-T',
        'fields',
        '-e',
        'sip.Call-ID',
      )
      expect(tshark.complaint).toBe('')
      expect([...new Set(tshark.said.split(/[\n,]/).filter(Boolean))].sort()).toEqual(wanted)
      expect(run('sngrep', '-NqI', file, '-O', at('sngrep.pcap')).complaint).toBe('')
      expect([file, callsOf(read(at('sngrep.pcap')))]).toEqual([file, wanted])
      rmSync(at('sngrep.pcap'))
    }
    expect(calls).toBeGreaterThan(6)
    expect(looked).toBe(3)
  })

  it('say what went over TLS', () => {
    const segments = (transport: string) =>
      readdirSync(at(transport, 'evidence'))
        .filter((name) => name.includes(`_${transport}_`))
        .flatMap((name) => read(at(transport, 'evidence', name)).events)
        .flatMap((event) => (event.kind === 'segment' ? [event.tls] : []))
    expect([...new Set(segments('tls'))]).toEqual([true])
    expect([...new Set(segments('tcp'))]).toEqual([false])
  })
})

describe.skipIf(missing.length > 0)('TLS as it was on the wire', () => {
  it('is decrypted by tshark with what the file itself brings', () => {
    const how = ['--only', 'tls/call', '--family', 'ipv4', '--keep-tls', '--out', at('kept')]
    expect(run(process.execPath, 'bin/ringproof.mjs', 'run', ...how).said).toMatch(/passed/)
    const file = at('kept', 'evidence', 'tls_call_tls_ipv4.tls.pcapng')
    expect(run('tcpdump', '-nr', file).complaint).toBe('')
    // It takes 5061 alone for SIP over TLS; where that is in use the provider listens elsewhere.
    const first = ['-Y', 'tcp.flags.syn == 1 and tcp.flags.ack == 0', '-T', 'fields', '-e', 'tcp.dstport']
    const ports = new Set(
      run('tshark', '-n', '-r', file, ...first)
        .said.trim()
        .split('\n'),
    )
    const isSip = [...ports].flatMap((port) => ['-d', `tls.port==${port},sip`])
    const methods = (path: string, ...more: string[]) => {
      const fields = [...isSip, '-T', 'fields', '-e', 'sip.Method', '-e', 'sip.Status-Code']
      const { said, complaint } = run('tshark', '-n', '-r', path, ...more, ...fields)
      expect(complaint).toBe('')
      return said
        .split(/[\s,]+/)
        .filter(Boolean)
        .sort()
    }
    const decrypted = methods(file, '-Y', 'tls and sip')
    expect(decrypted).toEqual(methods(at('kept', 'evidence', 'tls_call_tls_ipv4.pcapng'), '-Y', 'sip'))
    expect(decrypted.filter((name) => name === 'BYE').length).toBeGreaterThan(0)
    expect(run('tshark', '-n', '-r', file, '-Y', 'tcp.analysis.flags or _ws.malformed').said).toBe('')
    // As long as they are in it.
    expect(run('editcap', '--discard-all-secrets', file, at('without-keys.pcapng')).complaint).toBe('')
    expect(methods(at('without-keys.pcapng'), '-Y', 'sip')).toEqual([])
  })
})

describe.skipIf(missing.length > 0)('the audio of what failed', () => {
  it('is sound for other programs', () => {
    const how = ['--clock', 'virtual', '--fault', 'relay-one-way', '--only', 'media/two-way', '--transport', 'tls']
    run(process.execPath, 'bin/ringproof.mjs', 'run', ...how, '--out', at('failed'))
    const sounds = readdirSync(at('failed', 'evidence')).filter((name) => name.endsWith('.wav'))
    // Of the vital sign and the test, on each family: what two said, and what one heard.
    expect(sounds.length).toBeGreaterThanOrEqual(9)
    const said = run('file', '-b', ...sounds.map((name) => at('failed', 'evidence', name)))
      .said.trim()
      .split('\n')
    expect(new Set(said)).toEqual(
      new Set(['RIFF (little-endian) data, WAVE audio, Microsoft PCM, 16 bit, mono 8000 Hz']),
    )
  })
})

describe.skipIf(missing.length > 0)('files of other programs', () => {
  /** What does not depend on the file's format. */
  const told = ({ events, troubles }: Capture) => [
    troubles,
    events.map((event) => [
      event.kind,
      event.frame,
      event.at.toFixed(3),
      'data' in event ? event.data.toString('latin1') : '',
    ]),
  ]

  it.each(['pcap', 'nsecpcap', 'modpcap', 'pcapng'])('in the form %s of editcap are read as the original', (form) => {
    const original = at('tcp', 'evidence', 'dialog_hold-by-caller_tcp_ipv4.pcapng')
    expect(run('editcap', '-F', form, original, at('copy')).complaint).toBe('')
    expect(told(read(at('copy')))).toEqual(told(read(original)))
    writeFileSync(at('copy.gz'), gzipSync(readFileSync(at('copy'))))
    expect(told(read(at('copy.gz')))).toEqual(told(read(original)))
  })

  it("text2pcap's are read: Ethernet, UDP and a time", () => {
    writeFileSync(at('text'), '12:30:01.5\n0000 68 65 6c 6c 6f\n')
    run('text2pcap', '-t', '%H:%M:%S.', '-4', '192.0.2.1,192.0.2.2', '-u', '5060,5070', at('text'), at('text.pcapng'))
    expect(read(at('text.pcapng')).events).toMatchObject([
      { kind: 'datagram', from: { port: 5060 }, to: { address: '192.0.2.2', port: 5070 }, data: Buffer.from('hello') },
    ])
  })

  it.skipIf(process.getuid?.() !== 0)("tcpdump's are read, of all interfaces", async () => {
    const file = at('any.pcap')
    const tcpdump = spawn('tcpdump', [
      '-i',
      'any',
      '--immediate-mode',
      '-U',
      '-w',
      file,
      '-Z',
      'root',
      'udp',
      'port',
      '19777',
    ])
    await once(tcpdump.stderr, 'data')
    const socket = createSocket('udp4')
    const seen = () => (existsSync(file) ? readFileSync(file).length : 0)
    // The first ones may come before tcpdump looks.
    for (let i = 0; i < 100 && seen() < 2000; i++) {
      socket.send(Buffer.alloc(500, i), 19777, '127.0.0.44')
      // oxlint-disable-next-line no-await-in-loop -- until tcpdump has some
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    socket.close()
    tcpdump.kill('SIGTERM')
    await once(tcpdump, 'close')
    const { events, links } = read(file)
    expect(links).toEqual(['Linux cooked v2'])
    expect(events.length).toBeGreaterThan(2)
    const datagrams = events.flatMap((event) => (event.kind === 'datagram' ? [event.data] : []))
    expect(new Set(datagrams.map((data) => data[0])).size).toBe(datagrams.length)
    expect(events).toMatchObject(datagrams.map(() => ({ to: { address: '127.0.0.44', port: 19777 } })))
  })
})

describe.skipIf(missing.length > 0 || process.getuid?.() !== 0)('TLS between openssl and openssl', () => {
  it.each([
    ['TLS 1.3, keys updated', ['-tls1_3']],
    ['TLS 1.2', ['-tls1_2']],
  ])('%s is read with the secrets that editcap puts into the file', async (_name, version) => {
    const { cert, key } = await issueCertificate(await makeAuthority(), { dnsNames: ['example.net'] })
    writeFileSync(at('cert.pem'), `${cert}\n${key}`)
    const started: ChildProcessWithoutNullStreams[] = []
    const start = (program: string, args: readonly string[]) => {
      const child = spawn(program, args)
      started.unshift(child)
      return child
    }
    try {
      await talk(start, version, at('tls.pcap'))
    } finally {
      // tcpdump last, as it sees the others close.
      for (const child of started) {
        child.kill('SIGTERM')
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        if (child.exitCode === null) await once(child, 'close')
      }
    }
    const file = at('tls.pcap')
    const keys = readFileSync(at('keys'), 'utf8')
    execFileSync('editcap', ['--inject-secrets', `tls,${at('keys')}`, file, at('tls.pcapng')])
    for (const capture of [read(file, keys), read(at('tls.pcapng'))]) {
      const text = (port: 'from' | 'to') =>
        capture.events
          .flatMap((event) => (event.kind === 'segment' && event[port].port === 19778 ? [event.data.toString()] : []))
          .join('')
      expect(text('to')).toBe('one line\nanother line\n')
      expect(text('from')).toBe('an answer\nanother answer\n')
      expect(capture.events.slice(0, 2).map(({ kind }) => kind)).toEqual(['attempt', 'open'])
      expect(capture.troubles).toEqual([])
    }
    expect(read(file).events.filter(({ kind }) => kind === 'encrypted')).toHaveLength(1)
    rmSync(at('keys'))
  })
})
