/** Telephones that answer calls as none should: the provider goes on, the caller is not left waiting, and nothing stays behind. */
import { describe, expect, it } from 'vitest'
import { createResponse } from '../../../src/message/build.js'
import type { SipRequest } from '../../../src/message/message.js'
import { parseMessage } from '../../../src/message/parse.js'
import type { StreamConnection } from '../../../src/transport/network.js'
import { StreamFramer } from '../../../src/transport/stream-framer.js'
import { Probe, PROVIDER } from './probe.js'
import { called, Town } from './town.js'

/** The second account's telephone. */
const RAW = { address: '203.0.113.2', port: 5060 }
const SDP = `v=0\r\no=- 1 1 IN IP4 ${RAW.address}\r\ns=-\r\nc=IN IP4 ${RAW.address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n`

/** What it sends, as text, at which millisecond after the INVITE came. */
type Sends = readonly (readonly [atMs: number, text: string])[]
type Manner = (invite: SipRequest) => Sends

interface Said {
  readonly tag?: string
  readonly body?: string
  readonly headers?: [string, string][]
}

const response = (invite: SipRequest, status: number, { tag, body, headers = [] }: Said = {}): string =>
  createResponse(invite, status, undefined, {
    ...(tag === undefined ? {} : { toTag: tag }),
    contact: `<sip:raw@${RAW.address}:${RAW.port}>`,
    headers,
    ...(body === undefined ? {} : { body, contentType: 'application/sdp' }),
  })
    .toBytes()
    .toString('latin1')

/** A request within the call, from the one who was called. */
const within = (invite: SipRequest, method: string, cseq: number, tag: string): string =>
  [
    `${method} ${invite.contacts()[0] === undefined ? invite.uri : /<([^>]+)>/.exec(invite.headers.get('Contact')!)![1]} SIP/2.0`,
    `Via: SIP/2.0/UDP ${RAW.address}:${RAW.port};branch=z9hG4bK${method}${cseq}${tag}`,
    'Max-Forwards: 70',
    `From: ${invite.headers.get('To')};tag=${tag}`,
    `To: ${invite.headers.get('From')}`,
    `Call-ID: ${invite.callId}`,
    `CSeq: ${cseq} ${method}`,
    ...invite.headers.all('Record-Route').map((value) => `Route: ${value}`),
    `Contact: <sip:raw@${RAW.address}:${RAW.port}>`,
    'Content-Length: 0',
    '\r\n',
  ].join('\r\n')

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

const manners: Readonly<Record<string, Manner>> = {
  'a 200 for ever, whatever ACK comes': (invite) =>
    times(300, (n) => [n * 200, response(invite, 200, { tag: 'one', body: SDP })]),
  'another To tag in each response': (invite) =>
    times(40, (n) => [n * 20, response(invite, n < 20 ? 180 : 200, { tag: `t${n}`, body: SDP })]),
  'no To tag': (invite) => [
    [10, response(invite, 180)],
    [50, response(invite, 200, { body: SDP })],
    [600, response(invite, 200, { body: SDP })],
  ],
  'a storm of provisional responses, and no final one': (invite) =>
    times(3000, (n) => [n, response(invite, 180 + (n % 4), { tag: `t${n % 50}` })]),
  'a BYE and a re-INVITE with CSeq 0': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP })],
    [500, within(invite, 'INVITE', 0, 'one')],
    [700, within(invite, 'BYE', 0, 'one')],
  ],
  'a BYE with a CSeq number above what there is': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP })],
    [500, within(invite, 'BYE', 4_294_967_296, 'one')],
  ],
  'a 200 with a description of one line': (invite) => [[10, response(invite, 200, { tag: 'one', body: 'v=0\r\n' })]],
  'a 200 with a description that is none': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: '\u0000\u00ff\u0000m=audio' })],
  ],
  'a 200 with port 70000': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP.replace('4000', '70000') })],
  ],
  'a 200 with two thousand media': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP + 'm=audio 4000 RTP/AVP 8\r\n'.repeat(2000) })],
  ],
  'a Content-Length above what came': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP }).replace(/Content-Length: \d+/, 'Content-Length: 9999')],
  ],
  'a Content-Length below what came': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP }).replace(/Content-Length: \d+/, 'Content-Length: 7')],
  ],
  'a negative Content-Length': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP }).replace(/Content-Length: \d+/, 'Content-Length: -1')],
  ],
  'a header field of 60 kB': (invite) => [
    [10, response(invite, 180, { tag: 'one', headers: [['X-Long', 'x'.repeat(60_000)]] })],
    [50, response(invite, 200, { tag: 'one', body: SDP, headers: [['X-Long', 'x'.repeat(60_000)]] })],
  ],
  'four hundred Record-Routes': (invite) => [
    [
      10,
      response(invite, 200, { tag: 'one', body: SDP }).replace(
        '\r\n',
        `\r\n${times(400, (n) => `Record-Route: <sip:10.0.0.${n % 250};lr>\r\n`).join('')}`,
      ),
    ],
  ],
  'half a response': (invite) => [[10, response(invite, 200, { tag: 'one', body: SDP }).slice(0, 120)]],
  'nothing at all': () => [],
  'responses to requests that nobody sent': (invite) =>
    times(50, (n) => [
      n,
      response(invite, 200, { tag: 'one', body: SDP }).replace(/branch=[^;\r]+/, `branch=z9hG4bKnone${n}`),
    ]),
}

/** Answers INVITE in its manner, ends calls politely, and reads nothing else. */
function answering(town: Town, manner: Manner, send: (text: string) => void): (data: Buffer) => void {
  const seen = new Set<string>()
  return (data) => {
    const { message } = parseMessage(data, { mode: 'fast' })
    if (message?.kind !== 'request' || message.method === 'ACK') return
    if (message.method !== 'INVITE') {
      send(response(message, 200))
      return
    }
    if (seen.has(message.via.branch ?? '')) return
    seen.add(message.via.branch ?? '')
    for (const [atMs, text] of manner(message)) town.clock.after(atMs, () => send(text))
  }
}

/** Messages of a stream, one by one. */
function framing(message: (data: Buffer) => void): (data: Buffer) => void {
  const framer = new StreamFramer({ message, ping: () => {}, pong: () => {}, broken: () => {} })
  return (data) => framer.push(data)
}

const ERRORS = /TypeError|RangeError|ReferenceError|Cannot read|is not a function/

/** Longer than Timers B, C's share in a call that is cancelled, H and L. */
const PATIENCE_MS = 40_000

/** `invites`: how many INVITEs came to it. */
interface Wire {
  invites(): number
  close(): void
}

async function story(town: Town, open: (raw: Probe) => Promise<Wire>): Promise<void> {
  const complaints: string[] = []
  await town.open({ log: (line) => complaints.push(line) })
  const owner = await new Probe(town, 2).start()
  const wire = await open(owner)
  const alice = await town.phone(1)
  const carol = await town.phone(3)
  for (const phone of [alice, carol]) expect((await phone.register()).status).toBe(200)

  const call = alice.invite(owner.account.user)
  const final = await Promise.race([call.answered, town.clock.sleep(PATIENCE_MS).then(() => 'none yet' as const)])
  // Whoever hears nothing gives up, and that comes to an end, too.
  if (final === 'none yet') void call.hangUp()
  else await Promise.race([call.hangUp(), town.clock.sleep(PATIENCE_MS)])
  const ended = await Promise.race([call.ended, town.clock.sleep(PATIENCE_MS).then(() => 'not ended' as const)])
  expect(ended).not.toBe('not ended')

  const coming = called(carol)
  const other = alice.invite(carol.account.user)
  const taken = await coming
  await taken.answer()
  expect((await other.answered)?.status).toBe(200)
  await town.clock.sleep(2_000)
  expect(other.media!.report().heard.map(({ patternId }) => patternId)).toEqual([taken.media!.patternId])
  expect((await other.hangUp())?.final?.status).toBe(200)

  // It was tried at all.
  expect(wire.invites()).toBeGreaterThan(0)
  wire.close()
  await town.clock.sleep(200_000)
  const { callsOn, transactions } = town.provider.stats()
  expect({ callsOn, transactions }).toEqual({ callsOn: 0, transactions: { client: 0, server: 0 } })
  expect(complaints.filter((line) => ERRORS.test(line))).toEqual([])
}

describe('a telephone that answers with', () => {
  it.each(Object.entries(manners))('%s, over UDP', async (_, manner) => {
    const town = new Town()
    await town.run(() =>
      story(town, async (owner) => {
        expect((await owner.ask({ contact: owner.contact }))?.status).toBe(200)
        await owner.transport.close()
        const socket = await town.network.bindUdp(RAW)
        let invites = 0
        const counted: Manner = (invite) => {
          invites += 1
          return manner(invite)
        }
        const send = (text: string) => socket.send(Buffer.from(text, 'latin1'), PROVIDER.remote)
        socket.onMessage = answering(town, counted, send)
        return { invites: () => invites, close: () => socket.close() }
      }),
    )
  })
})

/** What it writes on the connection, as text, at which millisecond; undefined closes it. */
const strokes: Readonly<Record<string, (invite: SipRequest) => readonly (readonly [number, string | undefined])[]>> = {
  'closes the connection in the middle of a 200': (invite) => [
    [10, response(invite, 200, { tag: 'one', body: SDP }).slice(0, -40)],
    [30, undefined],
  ],
  'closes the connection at once': () => [[0, undefined]],
  'announces more than it sends, and waits': (invite) => [
    [10, response(invite, 180, { tag: 'one' }).replace(/Content-Length: \d+/, 'Content-Length: 500000')],
  ],
  'writes a 200 byte by byte': (invite) =>
    Array.from(response(invite, 200, { tag: 'one', body: SDP }), (letter, n) => [n * 20, letter] as const),
  'writes what is no message': () => [[10, '\u0016\u0003\u0001 no SIP at all\r\n\r\n\r\n\r\n']],
  'writes a header field of 2 MB': (invite) => [
    [10, response(invite, 180, { tag: 'one', headers: [['X-Long', 'x'.repeat(2_000_000)]] })],
  ],
}

describe('a telephone on TCP that', () => {
  it.each(Object.entries(strokes))('%s', async (_, manner) => {
    const town = new Town()
    await town.run(() =>
      story(town, async (owner) => {
        const hop = { transport: 'tcp', remote: PROVIDER.remote } as const
        const contact = owner.contact.replace('>', ';transport=tcp>')
        expect((await owner.ask({ contact, hop }))?.status).toBe(200)
        await owner.transport.close()
        let invites = 0
        const open = new Set<StreamConnection>()
        const listener = await town.network.listen({
          kind: 'tcp',
          at: RAW,
          onConnection: (connection) => {
            open.add(connection)
            const read = framing((data) => {
              const { message } = parseMessage(data, { mode: 'fast' })
              if (message?.kind !== 'request' || message.method !== 'INVITE') return
              invites += 1
              const stroke = (text: string | undefined) => {
                if (!connection.open) return
                if (text === undefined) connection.close()
                else connection.write(Buffer.from(text, 'latin1'))
              }
              for (const [atMs, text] of manner(message)) town.clock.after(atMs, () => stroke(text))
            })
            connection.onData = read
          },
        })
        return {
          invites: () => invites,
          close() {
            for (const connection of open) connection.close()
            void listener.close()
          },
        }
      }),
    )
  })
})
