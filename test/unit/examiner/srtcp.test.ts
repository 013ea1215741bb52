import { describe, expect, it } from 'vitest'
import { compound } from '../../../src/media/rtcp.js'
import { SrtpContext, type SrtcpFields, type SuiteName, suiteOf } from '../../../src/media/srtp.js'
import { Bench, MEDIA, RELAY, sdp, stream } from './bench.js'

const SSRC = 77
const keyed = (suite: SuiteName, o: { octet?: number; mki?: Buffer; unencryptedSrtcp?: boolean } = {}) => {
  const { keyBytes, saltBytes } = suiteOf(suite)
  const octet = o.octet ?? 1
  const key = { key: Buffer.alloc(keyBytes, octet), salt: Buffer.alloc(saltBytes, octet) }
  const keys = [o.mki === undefined ? key : { ...key, mki: o.mki }]
  return new SrtpContext({ suite, keys, ...(o.unencryptedSrtcp ? { unencryptedSrtcp: true } : {}) })
}
const rtcp = (n: number) => compound({ type: 'RR', ssrc: SSRC, reports: [] }, `device-${n}@example.com`)

/** An encrypted call whose audio is decrypted: three seconds of it. */
function talking(o: { ssrc?: number } = {}): Bench {
  const ours = sdp({ address: MEDIA.address, port: MEDIA.port, protocol: 'RTP/SAVP' })
  const bench = new Bench().on({ transport: 'tls' }).call(ours, sdp({ protocol: 'RTP/SAVP' }))
  return stream(bench.after(3_000), { ssrc: o.ssrc ?? SSRC, payload: (i) => Buffer.alloc(170, i) })
}

/** A report that comes 3 s after what was before. */
function report(
  bench: Bench,
  raw: Buffer,
  fields: SrtcpFields | undefined,
  o: { keysAt?: number; fault?: string; after?: number; port?: number } = {},
): Bench {
  bench.after(o.after ?? 3_000)
  return bench.packet({
    at: bench.at,
    direction: 'in',
    kind: 'rtcp',
    local: { ...MEDIA, port: MEDIA.port + 1 },
    remote: { ...RELAY, port: o.port ?? RELAY.port + 1 },
    raw,
    plain: fields?.authentic === true && o.fault !== 'replayed' ? Buffer.from(raw) : undefined,
    fault: o.fault ?? (fields?.authentic === true ? undefined : 'authentication'),
    ...(fields && { srtcp: { ...fields, keysAt: o.keysAt ?? 0 } }),
  })
}

const suites: SuiteName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AEAD_AES_128_GCM',
]

describe.each(suites)('encrypted RTCP with %s', (suite) => {
  it.each([{}, { mki: Buffer.from('0102', 'hex') }])('that grows, also with MKI, is no alarm', (o) => {
    const bench = talking()
    const source = keyed(suite, o)
    const reader = keyed(suite, o)
    for (let i = 0; i < 4; i++) {
      const raw = source.protectRtcp(rtcp(i))
      const fields = reader.readRtcp(raw).fields
      expect(fields).toMatchObject({ index: i, encrypted: true, mayBeClear: false, authentic: true })
      expect(fields?.tag).toHaveLength(suiteOf(suite).rtcpTagBytes)
      report(bench, raw, fields)
    }
    expect(bench.alarms).toEqual([])
  })

  it('under another key is one where the audio of the same source is decrypted, and twice', () => {
    const bench = talking()
    const [source, reader] = [keyed(suite, { octet: 2 }), keyed(suite)]
    const wrong = (i: number) => source.protectRtcp(rtcp(i))
    const first = wrong(0)
    expect(reader.readRtcp(first).fields?.authentic).toBe(false)
    expect(report(bench, first, reader.readRtcp(first).fields).alarms).toEqual([])
    const second = wrong(1)
    expect(report(bench, second, reader.readRtcp(second).fields).alarms).toEqual(['fail EXAM-SRTCP'])
    expect(bench.notes.find(({ id }) => id === 'EXAM-SRTCP')).toMatchObject({
      cause: 'srtcp-unreadable',
      gravity: 'harm',
    })
  })

  it('that stands still is one, and what the network doubles is none', () => {
    const [source, reader] = [keyed(suite), keyed(suite)]
    const stuck = (i: number) => {
      source.setRtcpIndex(SSRC, 0)
      return source.protectRtcp(rtcp(i))
    }
    const bench = talking()
    const first = stuck(0)
    report(report(bench, first, reader.readRtcp(first).fields), first, reader.readRtcp(first).fields, {
      fault: 'replayed',
    })
    expect(bench.alarms).toEqual([])
    const second = stuck(1)
    expect(report(bench, second, reader.readRtcp(second).fields, { fault: 'replayed' }).notes).toContainEqual(
      expect.objectContaining({ id: 'EXAM-SRTCP', cause: 'srtcp-index' }),
    )
  })

  it.skipIf(suite === 'AEAD_AES_128_GCM')('without the E flag is one unless UNENCRYPTED_SRTCP was agreed on', () => {
    const raw = keyed(suite, { unencryptedSrtcp: true }).protectRtcp(rtcp(0))
    const notes = (agreed: boolean) => {
      const fields = keyed(suite, { unencryptedSrtcp: agreed }).readRtcp(raw).fields
      return report(talking(), raw, fields).notes.filter(({ id }) => id === 'EXAM-SRTCP')
    }
    expect(notes(true)).toEqual([])
    expect(notes(false)).toMatchObject([{ cause: 'srtcp-unencrypted', gravity: 'exposure' }])
  })
})

describe('encrypted RTCP of right servers', () => {
  const fields = (index: number, authentic = true, tag = `tag ${index}`) => ({
    index,
    encrypted: true,
    mayBeClear: false,
    authentic,
    tag,
  })
  const bytes = (n: number) => Buffer.concat([rtcp(n).subarray(0, 8), Buffer.alloc(40, n)])
  const alarms = (seen: readonly (readonly [index: number, o: Parameters<typeof report>[3]])[], authentic = true) => {
    const bench = talking()
    for (const [n, [index, o]] of seen.entries()) report(bench, bytes(n), fields(index, authentic), o)
    return bench.alarms
  }
  it('may overtake one another', () =>
    expect(
      alarms([
        [1, {}],
        [0, { after: 50 }],
      ]),
    ).toEqual([]))
  it('may be doubled long after, and is not used twice for that', () => {
    const reports = (first: Buffer) => {
      const bench = talking()
      for (let n = 0; n < 40; n++) report(bench, bytes(n), fields(n))
      return report(bench, first, fields(0, true, first.equals(bytes(0)) ? 'tag 0' : 'another'), { fault: 'replayed' })
    }
    expect(reports(bytes(0)).alarms).toEqual([])
    expect(reports(bytes(99)).alarms).toEqual(['fail EXAM-SRTCP'])
  })
  it('may not count backwards', () =>
    expect(
      alarms([
        [9, {}],
        [3, {}],
      ]),
    ).toEqual(['fail EXAM-SRTCP']))
  it('may begin anew under a new key', () =>
    expect(
      alarms([
        [9, { keysAt: 0 }],
        [0, { keysAt: 4_000, after: 9_000 }],
      ]),
    ).toEqual([]))
  it('may begin anew at another relay', () =>
    expect(
      alarms([
        [9, {}],
        [9, { port: RELAY.port + 3 }],
      ]),
    ).toEqual([]))
  it('is not known before keys are settled', () =>
    expect(
      alarms(
        [
          [0, { keysAt: 7_000, after: 100 }],
          [1, { keysAt: 7_000, after: 100 }],
        ],
        false,
      ),
    ).toEqual([]))
  it('that is noise after decryption is noted once it has come twice', () =>
    expect(
      alarms([
        [0, { fault: 'rtcp-version' }],
        [1, { fault: 'rtcp-length' }],
      ]),
    ).toEqual(['fail EXAM-SRTCP']))
  it('that no key is known for, or of sources without audio, says nothing', () => {
    const bench = report(talking(), bytes(0), undefined)
    report(bench, bytes(1), undefined)
    expect(bench.alarms).toEqual([])
    const silent = talking({ ssrc: 5 })
    for (let n = 0; n < 3; n++) report(silent, bytes(n), fields(n, false))
    expect(silent.alarms).toEqual([])
  })
})
