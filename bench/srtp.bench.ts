/**
 * SRTP protect and unprotect of a G.711 packet (172 octets, AES_CM_128_HMAC_SHA1_80) beside werift-rtp and libsrtp2
 * through koffi: rounds take turns in one process, medians of CPU time per packet.
 */
import { randomBytes } from 'node:crypto'
import { RtpHeader, SrtpSession } from 'werift-rtp'
import { serializeRtp } from '../src/media/rtp.js'
import { SrtpContext } from '../src/media/srtp.js'
import { installLibsrtp, loadLibsrtp } from './peers/libsrtp2.js'
import type { BenchResult } from './result.js'

const ROUNDS = 21
const PACKETS = 3000
const TARGET_US = 2.5
const suite = 'AES_CM_128_HMAC_SHA1_80'

interface Contender {
  readonly name: string
  /** Prepares packets `first` to `first + PACKETS`; the functions returned are what is measured. */
  round(first: number): { protect: () => void; unprotect: () => void }
  readonly protectUs: number[]
  readonly unprotectUs: number[]
}

/** Runs the benchmark; about four seconds. */
export async function run(): Promise<BenchResult[]> {
  const key = randomBytes(30)
  const library = loadLibsrtp()
  if (!library) console.log(`libsrtp2 is left out: ${installLibsrtp}`)
  const ours = ringproof(key)
  const peers = [werift(key), ...(library ? [libsrtp(key, library)] : [])]

  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of [ours, ...peers]) {
      const { protect, unprotect } = contender.round(round * PACKETS)
      contender.protectUs.push(cpuPerPacket(protect))
      contender.unprotectUs.push(cpuPerPacket(unprotect))
    }
  }
  const result = (what: 'protect' | 'unprotect', samples: (c: Contender) => number[]): BenchResult => {
    const value = median(samples(ours))
    return {
      name: `SRTP ${what}, 172 octets, ${suite}`,
      ours: value,
      unit: 'µs CPU per packet',
      peers: peers.map((peer) => ({ name: peer.name, value: median(samples(peer)) })),
      target: { text: `≤ ${TARGET_US} µs`, met: value <= TARGET_US },
    }
  }
  return [result('protect', (c) => c.protectUs), result('unprotect', (c) => c.unprotectUs)]
}

function ringproof(key: Buffer): Contender {
  const keys = [{ key: key.subarray(0, 16), salt: key.subarray(16) }]
  const sender = new SrtpContext({ suite, keys })
  const receiver = new SrtpContext({ suite, keys })
  return {
    name: 'ringproof',
    protectUs: [],
    unprotectUs: [],
    round(first) {
      const packets = packetsFrom(first)
      const secured: Buffer[] = []
      return {
        protect: () => {
          for (const packet of packets) secured.push(sender.protect(packet))
        },
        unprotect: () => {
          for (const packet of secured)
            if (!Buffer.isBuffer(receiver.unprotect(packet))) throw new Error('a packet was refused')
        },
      }
    },
  }
}

function werift(key: Buffer): Contender {
  const master = { localMasterKey: key.subarray(0, 16), localMasterSalt: key.subarray(16) }
  const keys = { ...master, remoteMasterKey: key.subarray(0, 16), remoteMasterSalt: key.subarray(16) }
  const sender = new SrtpSession({ keys, profile: 1 })
  const receiver = new SrtpSession({ keys, profile: 1 })
  return {
    name: 'werift-rtp',
    protectUs: [],
    unprotectUs: [],
    round(first) {
      const packets = packetsFrom(first).map((packet) => ({
        header: RtpHeader.deSerialize(packet),
        payload: packet.subarray(12),
      }))
      const secured: Buffer[] = []
      return {
        protect: () => {
          for (const { header, payload } of packets) secured.push(sender.encrypt(payload, header))
        },
        unprotect: () => {
          for (const packet of secured) receiver.decrypt(packet)
        },
      }
    },
  }
}

function libsrtp(key: Buffer, library: NonNullable<ReturnType<typeof loadLibsrtp>>): Contender {
  const sender = library.session({ suite, key, direction: 'outbound' })
  const receiver = library.session({ suite, key, direction: 'inbound' })
  return {
    name: `${library.version} through koffi`,
    protectUs: [],
    unprotectUs: [],
    round(first) {
      // In place, in fields that have room for the tag: nothing is copied.
      const fields = packetsFrom(first).map((packet) => Buffer.concat([packet, Buffer.alloc(144)]))
      return {
        protect: () => {
          for (const field of fields) sender.protectInPlace(field, 172)
        },
        unprotect: () => {
          for (const field of fields) receiver.unprotectInPlace(field, 182)
        },
      }
    },
  }
}

function packetsFrom(first: number): Buffer[] {
  return Array.from({ length: PACKETS }, (_, i) =>
    serializeRtp({
      marker: false,
      payloadType: 8,
      sequenceNumber: (first + i) & 0xffff,
      timestamp: ((first + i) * 160) >>> 0,
      ssrc: 0xdecafbad,
      payload: Buffer.alloc(160, i),
    }),
  )
}

function cpuPerPacket(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / PACKETS
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
