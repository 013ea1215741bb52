/** Records of targets that send too much: what is kept has a bound, and all that reads it takes linear time. */
import { describe, expect, it } from 'vitest'
import { buildLadder } from '../../../src/evidence/ladder.js'
import { pcapngOf } from '../../../src/evidence/pcapng.js'
import { RecordMemory, ScenarioRecord } from '../../../src/evidence/record.js'
import type { WireEvent } from '../../../src/transport/recording-network.js'

const local = { address: '192.0.2.1', port: 5060 }
const remote = { address: '198.51.100.1', port: 5060 }
const segment = (data: Buffer, at = 0): WireEvent => ({
  at,
  kind: 'data',
  direction: 'in',
  transport: 'tcp',
  local,
  remote,
  connection: 1,
  data,
})
const datagram = (data: Buffer, at = 0): WireEvent => ({
  at,
  kind: 'datagram',
  direction: 'in',
  transport: 'udp',
  local,
  remote,
  data,
})
const ringing = (number: number, filler: number) =>
  Buffer.from(
    [
      'SIP/2.0 180 Ringing',
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa',
      'From: <sip:1@example.net>;tag=a',
      'To: <sip:2@example.net>;tag=b',
      'Call-ID: c',
      'CSeq: 1 INVITE',
      `X-Number: ${number}`,
      `X-Filler: ${'x'.repeat(filler)}`,
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n'),
  )

async function isFull(record: ScenarioRecord): Promise<boolean> {
  return Promise.race([record.full.then(() => true), new Promise<boolean>((go) => setImmediate(() => go(false)))])
}

/** Milliseconds of CPU that this thread took. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

describe('320 kB of line ends, two bytes at a time', () => {
  it('take linear time, in the record and in the capture', () => {
    const flood = (bytes: number) => {
      const record = new ScenarioRecord()
      const tap = record.tap('alice')
      const data = Buffer.from('\r\n')
      return cpuOf(() => {
        for (let at = 0; at < bytes; at += 2) tap(segment(data))
        expect(pcapngOf(record).length).toBeGreaterThan(10_000)
      })
    }
    flood(20_000)
    // Squared, the larger one would take minutes.
    expect(flood(320_000)).toBeLessThan(6_000)
  })
})

describe('a message of 60 kB, one byte at a time', () => {
  it('is found, in time that is linear', () => {
    const record = new ScenarioRecord()
    const tap = record.tap('alice')
    const bytes = ringing(1, 60_000)
    const spent = cpuOf(() => {
      for (let at = 0; at < bytes.length - 8; at++) tap(segment(bytes.subarray(at, at + 1)))
      tap(segment(Buffer.concat([bytes.subarray(bytes.length - 8), ringing(2, 10)])))
    })
    expect(record.cut).toBeUndefined()
    expect(record.messages.map(({ message }) => message.headers.get('X-Number'))).toEqual(['1', '2'])
    expect(record.messages[0]?.bytes).toEqual(bytes)
    expect(spent).toBeLessThan(3_000)
  })
})

describe('provisional responses of 60 kB without end', () => {
  it('fill the record, which takes no more then and says how much it left out', async () => {
    const record = new ScenarioRecord()
    const tap = record.tap('alice')
    const heard: number[] = []
    record.onMessage(({ at }) => heard.push(at))
    for (let at = 0; at < 2_000; at++) tap(datagram(ringing(at, 60_000), at))
    expect(await isFull(record)).toBe(true)
    const kept = record.wire.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
    expect(kept).toBeGreaterThan(5_000_000)
    expect(kept).toBeLessThan(25_000_000)
    expect(heard.length).toBe(record.messages.length)
    expect(record.cut?.packets).toBeGreaterThan(1_000)
    expect(pcapngOf(record).length).toBeLessThan(26_000_000)
    const { ladder } = buildLadder(record, [{ name: 'alice', localAddress: '' }], 'target', 0)
    expect(JSON.stringify(ladder).length).toBeLessThan(200_000)
    expect(ladder.arrows[0]?.message).toMatch(/bytes are left out here/)
  })

  it('leave a record that has room for all as it is', async () => {
    const record = new ScenarioRecord()
    for (let at = 0; at < 20; at++) record.tap('alice')(datagram(ringing(at, 100), at))
    expect(await isFull(record)).toBe(false)
    expect(record.cut).toBeUndefined()
    const { ladder } = buildLadder(record, [{ name: 'alice', localAddress: '' }], 'target', 0)
    expect(ladder.arrows.map(({ message }) => message)).toEqual(record.messages.map(({ bytes }) => bytes.toString()))
  })
})

describe('records of one run', () => {
  it('share their memory, and give it back', async () => {
    const memory = new RecordMemory(1_000_000)
    const [first, second, third] = [0, 1, 2].map(() => new ScenarioRecord(0, memory))
    const fill = (record: ScenarioRecord | undefined) => {
      for (let at = 0; at < 12; at++) record?.tap('alice')(datagram(ringing(at, 30_000), at))
    }
    fill(first)
    expect(first?.cut).toBeUndefined()
    fill(second)
    expect(second?.cut).toBeDefined()
    first?.release()
    second?.release()
    expect(memory.used).toBe(0)
    fill(third)
    expect(third?.cut).toBeUndefined()
  })
})

describe('packets to what is no address', () => {
  it.each(['relay.example.net', '999.1.1.1', '224.2.2.2/127', '', '-', 'fe80::1%lo:x'])('are shown: %j', (address) => {
    const record = new ScenarioRecord()
    record.tap('alice')({ ...datagram(Buffer.alloc(20, 0x80)), remote: { address, port: 70_000 } })
    record.tap('alice')({ ...segment(Buffer.from('x')), transport: 'tls', remote: { address, port: -1 } })
    expect(pcapngOf(record).length).toBeGreaterThan(100)
  })
})
