/** What `--hep` sends, as Kamailio's capture server (module sipcapture) and sngrep read it. Debian's tshark has no dissector for it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { NOTHING_WRITTEN } from '../../src/evidence/evidence-file.js'
import { HepTap } from '../../src/evidence/hep-tap.js'
import { findK6 } from '../../src/load/k6-program.js'
import { runConformance } from '../../src/runner/run.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { allScenarios } from '../virtual/detection.js'
import { listens } from './sipp.js'

const KAMAILIO = '/usr/sbin/kamailio'
const COLLECTOR = '127.0.0.1:19060'
const hasKamailio = existsSync(KAMAILIO)
if (!hasKamailio && process.env['CI']) throw new Error('Kamailio is missing: apt-get install kamailio')
const k6 = await findK6()

// What it hears is told in a line each: as it understood it, not as it came.
const CONFIGURATION = (folder: string) => `
debug=1
log_stderror=yes
children=1
disable_tcp=yes
listen=udp:${COLLECTOR}
loadmodule "db_text.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "text://${folder}")
modparam("sipcapture", "hep_capture_on", 1)
request_route { xlog("L_ERR", "heard $rm from $si:$sp call $ci auth $hdr(Authorization) end\\n"); drop; }
onreply_route { xlog("L_ERR", "heard $rs from $si:$sp call $ci auth $hdr(WWW-Authenticate) end\\n"); drop; }
`

/** Hands on what is no SIP, too, before it looks at it: told in chunks, as it understood them. */
const WHATEVER_COMES = (folder: string, port: number) => `
debug=1
log_stderror=yes
children=1
disable_tcp=yes
listen=udp:127.0.0.1:${port}
loadmodule "db_text.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "sipcapture.so"
modparam("sipcapture", "db_url", "text://${folder}")
modparam("sipcapture", "hep_capture_on", 1)
modparam("sipcapture", "nonsip_hook", 1)
request_route { drop; }
event_route[sipcapture:request] {
  xlog("L_ERR", "hep kind $hep(0x00b) correlation $hep(0x011) payload $hep(0x00f) end\n");
  drop;
}
`

const folder = mkdtempSync(join(tmpdir(), 'ringproof-hep-'))
let collector: ChildProcess | undefined
let heard = ''

beforeAll(async () => {
  if (!hasKamailio) return
  const file = join(folder, 'kamailio.cfg')
  writeFileSync(file, CONFIGURATION(folder))
  collector = spawn(KAMAILIO, ['-f', file, '-DD', '-E', '-w', folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [collector?.stdout, collector?.stderr]) {
      stream?.on('data', (data: Buffer) => {
        heard += data.toString('latin1')
        if (heard.includes('Listening on')) resolve()
      })
    }
    collector?.once('exit', () => reject(new Error(`Kamailio ended: ${heard}`)))
  })
  await ready
})
afterAll(async () => {
  const ended = new Promise((resolve) => collector?.once('exit', resolve) ?? resolve(undefined))
  collector?.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true })
})

interface Ended {
  readonly code: number | null
  readonly said: string
}

function ringproof(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['bin/ringproof.mjs', ...args, '--out', join(folder, 'out')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()))
    child.once('close', (code) => resolve({ code, said }))
  })
}

interface Heard {
  readonly what: string
  readonly from: string
  readonly call: string
  readonly auth: string
}

/** Runs it, and gives what the collector heard of it. */
async function heardOf(...args: string[]): Promise<{ ended: Ended; messages: Heard[] }> {
  heard = ''
  const ended = await ringproof(...args, '--hep', COLLECTOR)
  const lines = [...heard.matchAll(/heard (\S+) from (\S+) call (\S+) auth (.*?) end/g)]
  const messages = lines.map(([, what = '', from = '', call = '', auth = '']) => ({ what, from, call, auth }))
  return { ended, messages }
}

describe.skipIf(!hasKamailio)('a collector', () => {
  test.each(['udp', 'tls'])(
    'hears every message of a run over %s, both ways, with digest responses masked',
    async (transport) => {
      const { ended, messages } = await heardOf('run', '--only', 'registrar/refresh*', '--transport', transport)
      expect(ended.code, ended.said).toBe(0)
      const registers = messages.filter(({ what }) => what === 'REGISTER')
      expect(registers.length).toBeGreaterThan(3)
      for (const { call, from } of registers) {
        const answers = messages.filter((one) => one.call === call && /^[1-6]\d\d$/.test(one.what))
        expect(answers.length, call).toBeGreaterThan(0)
        expect(answers.map((one) => one.from)).not.toContain(from)
      }
      const proofs = registers.filter(({ auth }) => auth.startsWith('Digest'))
      expect(proofs.length).toBeGreaterThan(0)
      expect(proofs.filter(({ auth }) => !/response="\*{32,}"/.test(auth))).toEqual([])
    },
  )

  test.skipIf(k6 === undefined)('hears the calls of a load', async () => {
    const { ended, messages } = await heardOf('load', '--profile', 'smoke')
    const calls = new Set(messages.filter(({ what }) => what === 'INVITE').map(({ call }) => call))
    expect(calls.size, ended.said).toBeGreaterThanOrEqual(5)
    for (const method of ['ACK', 'BYE', '200']) {
      const same = messages.filter(({ what, call }) => what === method && calls.has(call)).map(({ call }) => call)
      expect(new Set(same), method).toEqual(calls)
    }
  })
})

test.each(['127.0.0.1:9', '[::1]:9', 'no-such-host.invalid:9060'])(
  'one that is away (%s) changes nothing',
  async (away) => {
    const { code, said } = await ringproof(
      'run',
      '--only',
      'registrar/refresh-replaces',
      '--transport',
      'udp',
      '--hep',
      away,
    )
    expect([code, said]).toEqual([0, expect.stringMatching(/passed/)])
  },
)

test.each([
  ['9060', /Expected HOST:PORT/],
  ['host:99999', /Expected HOST:PORT/],
])('%s is no address of a collector', async (wrong, message) => {
  expect(await ringproof('run', '--hep', wrong)).toEqual({ code: 2, said: expect.stringMatching(message) })
})

const SNGREP = '/usr/bin/sngrep'
const hasSngrep = existsSync(SNGREP)
if (!hasSngrep && process.env['CI']) throw new Error('sngrep is missing: apt-get install sngrep')

/** A program that listens for UDP here, and all that it says. */
async function listening(program: string, args: readonly string[], port: number) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const told = { text: '' }
  const looking = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      told.text += data.toString('latin1')
      for (const look of looking) look()
    })
  }
  await listens(port, 'udp')
  const says = (what: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!what.test(told.text)) return
        looking.delete(look)
        resolve()
      }
      looking.add(look)
      look()
    })
  const stop = async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return { told, says, stop }
}

/** What a collector is sent of a scenario, in simulated time. */
async function datagramsOf(id: string): Promise<Buffer[]> {
  const datagrams: Buffer[] = []
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  await runConformance({
    scenarios: (await allScenarios()).filter(({ definition }) => definition.id === id),
    document,
    stages,
    selection: { transport: 'udp', family: 'ipv4' },
    writeEvidence: (_key, { wire, unixAtZero }) => {
      const tap = new HepTap({ unixAt: (at) => unixAtZero + at, send: (datagram) => datagrams.push(datagram) })
      for (const event of wire) tap.see(event)
      return NOTHING_WRITTEN
    },
  })
  return datagrams
}

describe.skipIf(!hasKamailio || !hasSngrep)('collectors of others', () => {
  test('read RTCP with the Call-ID of its call as correlation id, and SIP as dialogs', async () => {
    const file = join(folder, 'whatever.cfg')
    writeFileSync(file, WHATEVER_COMES(folder, 19061))
    const kamailio = await listening(KAMAILIO, ['-f', file, '-DD', '-E', '-w', folder], 19061)
    const sngrep = await listening(SNGREP, ['-N', '-L', 'udp:127.0.0.1:19062'], 19062)
    const socket = createSocket('udp4')
    try {
      for (const datagram of await datagramsOf('media/two-way'))
        for (const port of [19061, 19062]) socket.send(datagram, port, '127.0.0.1')
      await kamailio.says(/hep kind 5 [^]*? end/)
      await sngrep.says(/Dialog count: [1-9]/)
      const heard = [...kamailio.told.text.matchAll(/hep kind (\d) correlation (\S+) payload ([^]*?) end\n/g)]
      const calls = new Set(
        heard.flatMap(([, kind, correlation = '', payload = '']) => {
          if (kind !== '1') return []
          expect(payload).toContain(`\nCall-ID: ${correlation}\r\n`)
          return payload.startsWith('INVITE') ? [correlation] : []
        }),
      )
      const reports = heard.filter(([, kind]) => kind === '5')
      expect(reports.length).toBeGreaterThan(1)
      for (const [, , correlation = '', payload = ''] of reports) {
        expect(calls).toContain(correlation)
        expect(JSON.parse(payload)).toMatchObject({ ssrc: expect.any(Number), report_blocks: expect.any(Array) })
      }
    } finally {
      socket.close()
      await Promise.all([kamailio.stop(), sngrep.stop()])
    }
  })
})
