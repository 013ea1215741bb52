import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../src/agent/call.js'
import type { UserAgent } from '../../src/agent/user-agent.js'
import { writePcapng } from '../../src/evidence/pcapng.js'
import { type Kind, kindName, kinds, missingPrograms, Switchboard } from './kamailio.js'

const missing = missingPrograms()
if (missing && process.env['CI']) throw new Error(`Kamailio cannot be started: ${missing}`)
if (missing) console.log(`Kamailio cannot be started, its tests are skipped: ${missing}`)

describe.skipIf(missing)('Kamailio with rtpengine', () => {
  let board: Switchboard
  beforeAll(async () => {
    board = await Switchboard.start()
  })
  afterEach(() => board.hangUpAll())
  afterAll(() => board.stop())

  /** Takes every call at once; returns them as they come. */
  const answering = (agent: UserAgent): IncomingCall[] => {
    const calls: IncomingCall[] = []
    agent.onCall = (call) => {
      calls.push(call)
      void call.ring().then(() => call.answer())
    }
    return calls
  }
  const registered = async (name: string, kind: Kind) => {
    const phone = await board.phone(name, kind)
    const outcome = await phone.register({ expires: 600 })
    expect([name, outcome.status]).toEqual([name, 200])
    return phone
  }

  it('lets telephones of every transport and family call each other, with audio both ways', async () => {
    const callers = await Promise.all(
      kinds.map(async (kind) => ({ kind, phone: await registered(`caller ${kindName(kind)}`, kind) })),
    )
    const callees = await Promise.all(
      kinds.map(async (kind) => ({ kind, phone: await registered(`callee ${kindName(kind)}`, kind) })),
    )
    const rung = new Map(callees.map(({ phone }) => [phone, answering(phone)]))
    const calls = callers.flatMap((from) =>
      callees.map((to) => ({ from, to, call: from.phone.invite(to.phone.account.user) })),
    )
    const answers = await Promise.all(calls.map(({ call }) => call.answered))
    expect(answers.map((answer) => answer?.status)).toEqual(calls.map(() => 200))
    await board.clock.sleep(2_500)

    for (const { from, to, call } of calls) {
      const peer = rung.get(to.phone)!.find(({ id }) => id === call.id)!
      const who = `${kindName(from.kind)} to ${kindName(to.kind)}`
      for (const [mine, theirs, kind] of [
        [call.media!, peer.media!, from.kind],
        [peer.media!, call.media!, to.kind],
      ] as const) {
        const report = mine.report()
        expect([who, report.heard.map((heard) => heard.patternId)]).toEqual([who, [theirs.patternId]])
        expect([who, report.received.lost, report.received.refused]).toEqual([who, 0, {}])
        expect([who, report.srtp !== undefined]).toEqual([who, kind.transport === 'tls'])
        const sources = report.received.sources.map(({ address, port }) =>
          board.target.published.relayOf(address, port),
        )
        expect([who, sources]).toEqual([who, [expect.stringMatching(/^relay-\d$/)]])
      }
    }
    const goodbyes = await Promise.all(calls.map(({ call }) => call.hangUp()))
    expect(goodbyes.map((goodbye) => goodbye?.final?.status)).toEqual(calls.map(() => 200))
  })

  it('reaches a telephone whose TCP connection is gone over a new one, and says at once where it cannot', async () => {
    const cut = (phone: UserAgent) => {
      for (const flow of phone.stack.transport.flows()) flow.close()
      return board.clock.sleep(200)
    }
    const caller = await registered('caller', { transport: 'udp', family: 'ipv4' })
    const callee = await registered('callee', { transport: 'tcp', family: 'ipv4' })
    const calls = answering(callee)
    await cut(callee)
    const call = caller.invite(callee.account.user)
    expect((await call.answered)?.status).toBe(200)
    // In the middle of the call, too: the caller's BYE finds its way.
    await cut(callee)
    expect((await call.hangUp())?.final?.status).toBe(200)
    expect((await calls[0]!.ended).by).toBe('remote')

    // Nothing listens for TLS at a telephone.
    const secure = await registered('secure', { transport: 'tls', family: 'ipv4' })
    await cut(secure)
    const since = board.clock.now()
    expect((await caller.invite(secure.account.user).answered)?.status).toBe(480)
    expect(board.clock.now() - since).toBeLessThan(8_000)
  })

  it('leaves a record that tshark reads without a complaint', async () => {
    const calls = kinds.map(async (kind) => {
      const [caller, callee] = [
        await registered(`a ${kindName(kind)}`, kind),
        await registered(`b ${kindName(kind)}`, kind),
      ]
      answering(callee)
      const call = caller.invite(callee.account.user)
      expect((await call.answered)?.status).toBe(200)
      await call.sendDigits('7#')
      await board.clock.sleep(500)
      await call.hangUp()
    })
    await Promise.all(calls)
    await board.hangUpAll()
    // Only this folder is removed afterwards.
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-'))
    const file = join(folder, 'calls.pcapng')
    writePcapng(file, board.record)
    try {
      const read = (filter: string, ...fields: string[]) => tshark(file, filter, fields)
      expect(read('_ws.malformed')).toEqual([])
      expect(read('_ws.expert.severity >= 6291456 and not srtcp', '_ws.expert.message')).toEqual([])
      expect(
        read('ip.checksum.status == "Bad" or udp.checksum.status == "Bad" or tcp.checksum.status == "Bad"'),
      ).toEqual([])
      const datagrams = board.record.wire.filter(({ kind }) => kind === 'datagram')
      expect(read('udp.checksum.status == "Good" and (ipv6 or ip.checksum.status == "Good")').length).toBe(
        datagrams.length,
      )
      expect(read('tcp.checksum.status == "Good"').length).toBeGreaterThan(20)
      expect(read('tcp.analysis.flags')).toEqual([])

      // Every message on record is one for tshark, plain text of TLS included, and nothing else is.
      const inFile = read('sip', 'sip.Method', 'sip.Status-Code').flatMap((line) => line.split(/[\t,]/).filter(Boolean))
      const onRecord = board.record.messages.map(({ message }) =>
        message.kind === 'request' ? message.method : String(message.status),
      )
      expect(inFile.sort()).toEqual(onRecord.sort())
      expect(read('sip and frame.interface_name contains "TLS"').length).toBeGreaterThan(20)

      const rtp = board.record.wire.filter(({ packet }) => packet === 'rtp').length
      expect(read('rtp').length).toBe(rtp)
      expect(read('rtcp or srtcp').length).toBe(board.record.wire.filter(({ packet }) => packet === 'rtcp').length)
      expect(new Set(read('rtpevent', 'rtpevent.event_id'))).toEqual(new Set(['7', '11']))
      const secrets = read('sip.auth.digest.response', 'sip.auth.digest.response').flatMap((line) => line.split(','))
      expect(secrets.filter((value) => !/^"?\*+"?$/.test(value))).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

/** The lines that tshark prints for packets that pass the filter: the fields, or a summary. */
function tshark(file: string, filter: string, fields: readonly string[] = []): string[] {
  const validation = ['ip', 'udp', 'tcp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`])
  const columns = fields.length === 0 ? [] : ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])]
  const args = ['-n', '-r', file, ...validation, '-Y', filter, ...columns]
  const said = execFileSync('tshark', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 28,
  })
  return said.split('\n').filter((line) => line.trim() !== '')
}
