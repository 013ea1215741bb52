/**
 * CPU per RTP packet sent and received with statistics, over our sockets on loopback, beside bare dgram that only counts
 * datagrams. Rounds take turns in one process; sender and receiver share it, so a figure is one sending plus one
 * receiving.
 */
import { once } from 'node:events'
import dgram from 'node:dgram'
import { randomBytes } from 'node:crypto'
import { WallClock } from '../src/clock/wall-clock.js'
import { isFault, parseRtp, RTP_HEADER_BYTES, writeRtpHeader } from '../src/media/rtp.js'
import { SrtpContext } from '../src/media/srtp.js'
import { SourceTable } from '../src/media/statistics.js'
import { KernelNetwork } from '../src/transport/kernel-network.js'
import type { BenchResult } from './result.js'

const ROUNDS = 15
const PACKETS = 6000
/** Sent before the receiver gets its turn: as many as calls fall due in one tick of a media clock. */
const BURST = 20
const TARGET = 1.3

interface Link {
  send(sequenceNumber: number): void
  received(): number
  close(): void
}

/** Runs the benchmark; about five seconds. */
export async function run(): Promise<BenchResult[]> {
  const links = { bare: await bareLink(), plain: await ourLink(false), secured: await ourLink(true) }
  const samples = { bare: [] as number[], plain: [] as number[], secured: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['bare', 'plain', 'secured'] as const)
      samples[name].push(await cpuPerPacket(links[name], round * PACKETS))
  }
  for (const link of Object.values(links)) link.close()

  const bare = median(samples.bare)
  const plain = median(samples.plain)
  const peers = [{ name: 'bare dgram, no RTP', value: bare }]
  const unit = 'µs CPU per packet sent and received'
  return [
    {
      name: 'RTP with RFC 3550 statistics, loopback',
      ours: plain,
      unit,
      peers,
      target: { text: `≤ ${TARGET} × bare dgram`, met: plain <= TARGET * bare },
    },
    { name: 'SRTP with RFC 3550 statistics, loopback', ours: median(samples.secured), unit, peers },
  ]
}

async function bareLink(): Promise<Link> {
  const [from, to] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')]
  for (const socket of [from, to]) {
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
  }
  let received = 0
  to.on('message', () => received++)
  const { port } = to.address()
  const packet = Buffer.alloc(172, 0x80)
  return {
    send: () => from.send(packet, port, '127.0.0.1'),
    received: () => received,
    close: () => [from, to].forEach((socket) => socket.close()),
  }
}

async function ourLink(secured: boolean): Promise<Link> {
  const network = new KernelNetwork(new WallClock())
  const [from, to] = [
    await network.bindUdp({ address: '127.0.0.1', port: 0 }),
    await network.bindUdp({ address: '127.0.0.1', port: 0 }),
  ]
  const master = { key: randomBytes(16), salt: randomBytes(14) }
  const context = () => new SrtpContext({ suite: 'AES_CM_128_HMAC_SHA1_80', keys: [master] })
  const [outgoing, incoming] = secured ? [context(), context()] : []
  const sources = new SourceTable({ ownSsrc: 1, clockRate: 8000 })
  let received = 0
  to.onMessage = (data, source, at) => {
    const bytes = incoming ? incoming.unprotect(data) : data
    if (!Buffer.isBuffer(bytes)) throw bytes
    const packet = parseRtp(bytes)
    if (isFault(packet)) throw new Error(packet.code)
    sources.receive(packet, source, at)
    received++
  }
  const payload = randomBytes(160)
  return {
    send: (sequenceNumber) => {
      const packet = Buffer.allocUnsafe(RTP_HEADER_BYTES + payload.length)
      const timestamp = (sequenceNumber * 160) >>> 0
      writeRtpHeader(packet, {
        marker: false,
        payloadType: 8,
        sequenceNumber: sequenceNumber & 0xffff,
        timestamp,
        ssrc: 2,
      })
      packet.set(payload, RTP_HEADER_BYTES)
      from.send(outgoing ? outgoing.protect(packet) : packet, to.local)
    },
    received: () => received,
    close: () => [from, to].forEach((socket) => socket.close()),
  }
}

async function cpuPerPacket(link: Link, first: number): Promise<number> {
  const start = link.received()
  const before = process.cpuUsage()
  for (let sent = 0; sent < PACKETS; ) {
    for (const end = sent + BURST; sent < end; sent++) link.send(first + sent)
    await arrival(link, start + sent)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PACKETS
}

/** Gives the loop back until everything sent has come; loopback loses nothing of bursts this small. */
async function arrival(link: Link, count: number): Promise<void> {
  for (let turn = 0; link.received() < count; turn++) {
    if (turn > 10_000) throw new Error(`only ${link.received()} of ${count} packets came over loopback`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
