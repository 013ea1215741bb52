import { describe, expect, it } from 'vitest'
import { type SrtcpEvent, type SrtcpFault, SrtcpSources } from '../../../src/media/srtcp-source.js'

const SSRC = 77
const raw = Buffer.alloc(40)
raw.writeUInt32BE(SSRC, 4)

interface Packet {
  readonly index?: number
  readonly tag?: string
  readonly at?: number
  readonly keysAt?: number
  readonly port?: number
  readonly fault?: string
  readonly authentic?: boolean
  readonly encrypted?: boolean
  readonly mayBeClear?: boolean
}

function event({ at = 0, port = 2, fault, ...o }: Packet): SrtcpEvent {
  const { index = 0, tag = `tag ${index}`, authentic = true, encrypted = true, mayBeClear = false, keysAt = 0 } = o
  return {
    at,
    direction: 'in',
    kind: 'rtcp',
    local: { address: '192.0.2.1', port: 1 },
    remote: { address: '192.0.2.2', port },
    raw,
    plain: undefined,
    fault,
    srtcp: { index, tag, authentic, encrypted, mayBeClear, keysAt },
  }
}

/** Faults of packets that come five seconds apart, unless they say otherwise. */
function judged(packets: readonly Packet[], sources = new SrtcpSources()): SrtcpFault[] {
  return packets.flatMap((packet, n) => {
    const seen = event({ at: 5_000 * n, ...packet })
    return sources.of(seen)?.judge(seen) ?? []
  })
}

const counting = (count: number, first = 0): Packet[] => Array.from({ length: count }, (_, n) => ({ index: first + n }))

describe('SRTCP of one source', () => {
  it('that grows has no fault, however long it goes on', () => {
    expect(judged(counting(5_000))).toEqual([])
  })

  it.each([9, 1_000])('may come twice after %i others: the same tag is a copy', (others) => {
    expect(judged([...counting(others), { index: 0 }])).toEqual([])
    expect(judged([...counting(others), { index: 0, tag: 'another' }])).toEqual(['index-twice'])
  })

  it('is not judged where its index is one of those that are forgotten', () => {
    expect(judged([...counting(1_025), { index: 0, tag: 'another' }])).toEqual([])
    expect(judged([...counting(1_025), { index: 1, tag: 'another' }])).toEqual(['index-twice'])
  })

  it('may overtake, and not run back', () => {
    expect(judged([{ index: 9 }, { index: 8, at: 1_000 }])).toEqual([])
    expect(judged([{ index: 9 }, { index: 8, at: 1_001 }])).toEqual(['index-back'])
  })

  it.each([{ keysAt: 9 }, { port: 4 }])('may begin anew with %j', (o) => {
    const before = [{ index: 5 }, { index: 6 }, { authentic: false, tag: 'x' }]
    expect(judged([...before, { index: 5, tag: 'y', ...o }, { authentic: false, tag: 'z', ...o }])).toEqual([])
  })

  it.each<[SrtcpFault, Packet]>([
    ['unauthentic', { authentic: false }],
    ['noise', { fault: 'rtcp-version' }],
    ['noise', { fault: 'rtcp-length' }],
  ])('is %s only when two packets are, and is told once', (fault, packet) => {
    expect(judged([{ ...packet, index: 0 }, { ...packet, index: 0 }, { index: 1 }])).toEqual([])
    expect(judged([0, 1, 2].map((index) => ({ ...packet, index })))).toEqual([fault])
  })

  it('may be clear where that was agreed on', () => {
    expect(judged([{ encrypted: false, mayBeClear: true }])).toEqual([])
    expect(judged([{ encrypted: false }])).toEqual(['unencrypted'])
    expect(judged([{ encrypted: false, mayBeClear: true, fault: 'rtcp-length' }, { index: 1 }])).toEqual([])
  })

  it('is one of so many that are told apart', () => {
    const sources = new SrtcpSources(1)
    const other = Buffer.alloc(40)
    expect(sources.of(event({}))).toBeDefined()
    expect(sources.of({ ...event({}), raw: other })).toBeUndefined()
    expect(sources.of(event({ keysAt: 3 }))).toBeDefined()
  })
})
