import { describe, expect, it } from 'vitest'
import { createRequest } from '../../../src/message/build.js'
import { encodeStun, parseStun } from '../../../src/nat/stun.js'
import { type FaultName, faultCatalogue } from '../../../src/provider/embedded-provider.js'
import { DnsClient } from '../../../src/transport/dns-client.js'
import type { Endpoint } from '../../../src/transport/network.js'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { called, Town } from './town.js'

type Row = [FaultName, (town: Town) => Promise<unknown>, clean: unknown, faulty: unknown]

const SIP: Endpoint = PROVIDER.remote

function register(o: { via: string; headers?: [string, string][]; body?: string }): Buffer {
  return createRequest({
    method: 'REGISTER',
    uri: `sip:${DOMAIN}`,
    from: `<sip:x@${DOMAIN}>;tag=1`,
    to: `<sip:x@${DOMAIN}>`,
    callId: 'raw',
    cseq: 1,
    via: o.via,
    headers: o.headers,
    ...(o.body === undefined ? {} : { body: o.body, contentType: 'text/plain' }),
  }).toBytes()
}

/** Sends bytes over UDP; what came back, and where to. */
async function datagram(town: Town, data: Buffer, o: { from?: Endpoint; listen?: Endpoint; to?: Endpoint } = {}) {
  const socket = await town.network.bindUdp(o.from ?? { address: '203.0.113.9', port: 7000 })
  const other = o.listen === undefined ? undefined : await town.network.bindUdp(o.listen)
  const got: { data: Buffer; from: Endpoint; at: 'source' | 'other' }[] = []
  socket.onMessage = (bytes, from) => got.push({ data: bytes, from, at: 'source' })
  if (other !== undefined) other.onMessage = (bytes, from) => got.push({ data: bytes, from, at: 'other' })
  socket.send(data, o.to ?? SIP)
  await town.clock.sleep(1000)
  return got
}

/** Sends pieces over TCP, a tenth of a second apart; what came back as text. */
async function stream(town: Town, pieces: Buffer[], waitMs = 1000) {
  const connection = await town.network.connect({ kind: 'tcp', remote: SIP })
  let got = ''
  let closed = false
  connection.onData = (data) => void (got += data.toString('latin1'))
  connection.onClose = () => void (closed = true)
  for (const piece of pieces) {
    connection.write(piece)
    await town.clock.sleep(100)
  }
  await town.clock.sleep(waitMs)
  return { got, closed }
}

const via = (transport: string, port = 7000) => `SIP/2.0/${transport} 203.0.113.9:${port};branch=z9hG4bKraw;rport`
const tcp = register({ via: via('TCP') })
const count = (text: string) => text.split('SIP/2.0 401').length - 1

const transport: Row[] = [
  [
    'rport-ignored',
    async (town) => {
      const got = await datagram(town, register({ via: via('UDP', 7001) }), {
        listen: { address: '203.0.113.9', port: 7001 },
      })
      return got[0]?.at
    },
    'source',
    'other',
  ],
  [
    'received-missing',
    async (town) => /;received=/.test((await datagram(town, register({ via: via('UDP') })))[0]!.data.toString()),
    true,
    false,
  ],
  ['framing-broken', async (town) => count((await stream(town, [tcp.subarray(0, 90), tcp.subarray(90)])).got), 1, 0],
  ['crlf-closes-connection', async (town) => (await stream(town, [Buffer.from('\r\n\r\n'), tcp])).closed, false, true],
  [
    'excess-bytes-refused',
    async (town) => (await datagram(town, Buffer.concat([register({ via: via('UDP') }), Buffer.from('more')]))).length,
    1,
    0,
  ],
  [
    'compact-forms-unknown',
    async (town) =>
      (
        await datagram(
          town,
          Buffer.from(
            register({ via: via('UDP') })
              .toString()
              .replace('Call-ID:', 'i:'),
          ),
        )
      )[0]!.data
        .toString()
        .slice(0, 11),
    'SIP/2.0 401',
    'SIP/2.0 400',
  ],
  [
    'large-datagrams-dropped',
    async (town) => (await datagram(town, register({ via: via('UDP'), body: 'x'.repeat(2000) }))).length,
    1,
    0,
  ],
  ['idle-connection-closed', async (town) => (await stream(town, [tcp], 15_000)).closed, false, true],
  [
    'no-tcp',
    async (town) =>
      await stream(town, [tcp]).then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    'answered',
    'refused',
  ],
  ['keep-alive-unanswered', async (town) => (await stream(town, [Buffer.from('\r\n\r\n')])).got, '\r\n', ''],
  [
    'replies-on-new-connection',
    async (town) => {
      const [alice, bob] = [await town.phone(1), await town.phone(2, { transport: 'tcp' })]
      await bob.register()
      let opened = 0
      bob.stack.transport.onFlowOpened = () => opened++
      const ringing = called(bob)
      const out = alice.invite(bob.account.user)
      await (await ringing).reject(486)
      await out.answered
      return opened
    },
    0,
    1,
  ],
  [
    'signalling-outside-the-list',
    async (town) => {
      const [alice, bob] = [await town.phone(1), await town.phone(2)]
      await bob.register()
      const ringing = called(bob)
      const out = alice.invite(bob.account.user)
      await (await ringing).reject(486)
      await out.answered
      return town.parcels
        .filter(({ to, message }) => to.address === '192.0.2.2' && message !== undefined)
        .every(({ from }) => from.port === 5060)
    },
    true,
    false,
  ],
  [
    'record-route-one-family',
    async (town) => {
      const [alice, bob] = [await town.phone(1), await town.phone(2, { family: 'ipv6' })]
      await bob.register()
      const ringing = called(bob)
      const out = alice.invite(bob.account.user)
      const inc = await ringing
      const routes = inc.invite.headers.all('Record-Route')
      await inc.reject(486)
      await out.answered
      return routes
    },
    ['<sip:rr@[::1]:5060;lr>', '<sip:rr@127.0.0.71:5060;lr>'],
    ['<sip:rr@127.0.0.71:5060;lr>'],
  ],
]

const binding = (o: { unknown?: boolean } = {}) => {
  const data = encodeStun({ class: 'request', method: 1, transactionId: Buffer.alloc(12, 7) })
  if (o.unknown !== true) return data
  const whole = Buffer.concat([data, Buffer.from([0x7f, 0xfe, 0, 0])])
  whole.writeUInt16BE(4, 2)
  return whole
}
const stun = (port: number): Endpoint => ({ address: '127.0.0.71', port })
const dns = (town: Town, name: string, type: 'NAPTR' | 'AAAA' | 'SRV' | 'A') =>
  new DnsClient({
    network: town.network,
    clock: town.clock,
    random: town.random,
    servers: [{ address: '127.0.0.71', port: 5353 }],
  })
    .query(name, type)
    .then(({ answers }) => answers.length)
const ntp = async (town: Town) => {
  const request = Buffer.alloc(48)
  request[0] = 0x23
  const [answer] = await datagram(town, request, { to: { address: '127.0.0.71', port: 11_123 } })
  return answer!.data
}
const servers: Row[] = [
  [
    'stun-wrong-address',
    async (town) => parseStun((await datagram(town, binding(), { to: stun(3478) }))[0]!.data)?.xorMappedAddress?.port,
    7000,
    7001,
  ],
  ['stun-alternative-dead', async (town) => (await datagram(town, binding(), { to: stun(10_000) })).length, 1, 0],
  [
    'stun-unknown-ignored',
    async (town) => parseStun((await datagram(town, binding({ unknown: true }), { to: stun(3478) }))[0]!.data)?.class,
    'error',
    'success',
  ],
  [
    'stun-answers-from-elsewhere',
    async (town) => (await datagram(town, binding(), { to: stun(3478) }))[0]!.from.port,
    3478,
    10_000,
  ],
  ['dns-no-naptr', async (town) => await dns(town, DOMAIN, 'NAPTR'), 3, 0],
  ['dns-no-aaaa', async (town) => await dns(town, DOMAIN, 'AAAA'), 1, 0],
  ['dns-dead-address', async (town) => await dns(town, DOMAIN, 'A'), 1, 2],
  [
    'dns-srv-dead-port',
    async (town) => {
      const client = new DnsClient({
        network: town.network,
        clock: town.clock,
        random: town.random,
        servers: [{ address: '127.0.0.71', port: 5353 }],
      })
      const [answer] = (await client.query(`_sip._udp.${DOMAIN}`, 'SRV')).answers
      return answer?.type === 'SRV' ? answer.data.port : undefined
    },
    5060,
    5067,
  ],
  [
    'ntp-offset',
    async (town) => Math.round((await ntp(town)).readUInt32BE(40) - 2_208_988_800 - town.clock.unixMs() / 1000 + 1),
    0,
    90,
  ],
  ['ntp-unsynchronised', async (town) => (await ntp(town))[1], 2, 16],
]

for (const [part, rows] of Object.entries({ transport, servers })) {
  describe(`defects of the ${part}`, () => {
    for (const [fault, story, clean, faulty] of rows) {
      it(fault, async () => {
        const outcomes: unknown[] = []
        for (const faults of [[], [fault]]) {
          const town = new Town()
          await town.run(async () => {
            await town.open({ faults })
            outcomes.push(await story(town))
          })
        }
        expect(outcomes).toEqual([clean, faulty])
      })
    }
  })
}

describe('the catalogue', () => {
  it('starts a provider that still registers a device, whatever the defect', async () => {
    // These make registering itself impossible, or are about TLS on sockets.
    const apart = new Set<FaultName>(['no-qop', 'basic-offered', 'realm-changes'])
    for (const { name } of faultCatalogue) {
      if (apart.has(name)) continue
      const town = new Town()
      await town.run(async () => {
        await town.open({ faults: [name] })
        const probe = await new Probe(town, 1).start()
        expect([name, (await probe.ask({ contact: probe.contact }))?.status]).toEqual([name, 200])
      })
    }
  })
})
