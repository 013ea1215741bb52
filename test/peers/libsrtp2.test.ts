import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { compound } from '../../src/media/rtcp.js'
import { serializeRtp } from '../../src/media/rtp.js'
import { SrtpContext, SrtpError, suiteOf } from '../../src/media/srtp.js'
import type { SuiteName } from '../../src/media/srtp.js'
import { installLibsrtp, loadLibsrtp, Status } from '../../bench/peers/libsrtp2.js'

const library = loadLibsrtp()
if (!library && process.env['CI']) throw new Error(`libsrtp2 is missing: ${installLibsrtp}`)
if (!library) console.log(`libsrtp2 is missing, its tests are skipped: ${installLibsrtp}`)

const suites: SuiteName[] = [
  'AES_CM_128_HMAC_SHA1_80',
  'AES_CM_128_HMAC_SHA1_32',
  'AES_256_CM_HMAC_SHA1_80',
  'AES_256_CM_HMAC_SHA1_32',
  'AEAD_AES_128_GCM',
  'AEAD_AES_256_GCM',
]
const rtp = (sequence: number, o: { ssrc?: number; bytes?: number; csrc?: number[]; extension?: boolean } = {}) =>
  serializeRtp({
    marker: false,
    payloadType: 8,
    sequenceNumber: sequence & 0xffff,
    timestamp: (sequence * 160) >>> 0,
    ssrc: o.ssrc ?? 0xdecafbad,
    csrc: o.csrc ?? [],
    ...(o.extension ? { extension: { profile: 0xbede, data: randomBytes(8) } } : {}),
    payload: randomBytes(o.bytes ?? 160),
  })
const rtcp = () =>
  compound({ type: 'RR', ssrc: 0xdecafbad, reports: [] }, `${randomBytes(5).toString('hex')}@example.com`)
const code = (result: Buffer | SrtpError) => (result instanceof SrtpError ? result.code : 'accepted')

function made(result: Buffer | number): Buffer {
  if (typeof result === 'number') throw new Error(`libsrtp2 refused with status ${result}`)
  return result
}

function pair(suite: SuiteName, mki?: Buffer) {
  const { keyBytes, saltBytes } = suiteOf(suite)
  const key = randomBytes(keyBytes + saltBytes)
  const master = { key: key.subarray(0, keyBytes), salt: key.subarray(keyBytes), ...(mki ? { mki } : {}) }
  const theirs = (direction: 'inbound' | 'outbound') =>
    library!.session({ suite, key, direction, ...(mki ? { mki } : {}) })
  return { ours: new SrtpContext({ suite, keys: [master] }), theirs }
}

describe.skipIf(!library).each(suites)('%s with libsrtp2', (suite) => {
  it('is understood both ways, whatever the size, CSRCs and extension', () => {
    const out = pair(suite)
    const sink = out.theirs('inbound')
    const into = pair(suite)
    const source = into.theirs('outbound')
    for (let i = 0; i < 300; i++) {
      const packet = rtp(i, { bytes: (i * 7) % 400, csrc: i % 5 === 0 ? [1, 2] : [], extension: i % 3 === 0 })
      const ours = out.ours.protect(packet)
      expect(packet.equals(ours.subarray(0, packet.length)) && packet.length > 12 + 8 + 12 + 4).toBe(false)
      expect(sink.unprotect(ours)).toEqual(packet)
      expect(into.ours.unprotect(made(source.protect(packet)))).toEqual(packet)
    }
  })

  it('gives the same packets, octet by octet', () => {
    const { ours, theirs } = pair(suite)
    const source = theirs('outbound')
    for (let i = 65_400; i < 65_700; i++) {
      const packet = rtp(i)
      expect(ours.protect(packet).equals(made(source.protect(packet)))).toBe(true)
    }
  })

  it('keeps step over the wrap, with loss on both sides of it and reordering across it', () => {
    const send = [65_500, 65_520, 65_535, 65_540, 65_537, 65_534, 65_539, 65_900, 80_000, 100_000, 131_080, 131_070]
    const out = pair(suite)
    const sink = out.theirs('inbound')
    const into = pair(suite)
    const source = into.theirs('outbound')
    for (const sequence of send) {
      const packet = rtp(sequence)
      expect(sink.unprotect(out.ours.protect(packet))).toEqual(packet)
      // The receiver misses every packet but these.
      expect(into.ours.unprotect(made(source.protect(packet)))).toEqual(packet)
    }
    expect(into.ours.rolloverCounter(0xdecafbad)).toBe(2)
  })

  it('tells several sources apart under one key', () => {
    const out = pair(suite)
    const sink = out.theirs('inbound')
    for (let i = 0; i < 20; i++) {
      const packet = rtp(i + (i % 4) * 20_000, { ssrc: 100 + (i % 4) })
      expect(sink.unprotect(out.ours.protect(packet))).toEqual(packet)
    }
  })

  it('refuses what was tampered with, and replays, as libsrtp2 does', () => {
    const { ours, theirs } = pair(suite)
    const source = theirs('outbound')
    const judge = theirs('inbound')
    const packet = made(source.protect(rtp(5)))
    for (let i = 0; i < packet.length; i += i === 0 ? 1 : 3) {
      const forged = Buffer.from(packet)
      // Version and lengths of the first octet are another matter.
      forged[i] = forged[i]! ^ (i === 0 ? 0x20 : 0x01)
      expect(code(ours.unprotect(forged))).toBe('authentication')
      expect(judge.unprotect(forged)).toBe(Status.authFail)
    }
    expect(ours.rolloverCounter(0xdecafbad)).toBeUndefined()
    expect(code(ours.unprotect(packet))).toBe('accepted')
    expect(judge.unprotect(packet)).toBeInstanceOf(Buffer)
    expect(code(ours.unprotect(packet))).toBe('replayed')
    expect(judge.unprotect(packet)).toBe(Status.replayFail)
    const ahead = made(source.protect(rtp(500)))
    expect(code(ours.unprotect(ahead))).toBe('accepted')
    expect(judge.unprotect(ahead)).toBeInstanceOf(Buffer)
    expect(code(ours.unprotect(packet))).toBe('too-old')
    expect(judge.unprotect(packet)).toBe(Status.replayOld)
  })

  it('carries SRTCP both ways, refuses tampering and replays', () => {
    const out = pair(suite)
    const sink = out.theirs('inbound')
    const into = pair(suite)
    const source = into.theirs('outbound')
    for (let i = 0; i < 20; i++) {
      const packet = rtcp()
      const ours = out.ours.protectRtcp(packet)
      expect(sink.unprotectRtcp(ours)).toEqual(packet)
      expect(sink.unprotectRtcp(ours)).toBe(Status.replayFail)
      const theirs = made(source.protectRtcp(packet))
      const forged = Buffer.from(theirs)
      forged[9] = forged[9]! ^ 1
      expect(code(into.ours.unprotectRtcp(forged))).toBe('authentication')
      expect(into.ours.unprotectRtcp(theirs)).toEqual(packet)
      expect(code(into.ours.unprotectRtcp(theirs))).toBe('replayed')
    }
  })

  it('carries an MKI both ways, in SRTP and SRTCP', () => {
    const out = pair(suite, Buffer.from('00000007', 'hex'))
    const sink = out.theirs('inbound')
    const into = pair(suite, Buffer.from('a1', 'hex'))
    const source = into.theirs('outbound')
    for (let i = 0; i < 10; i++) {
      const packet = rtp(i)
      expect(sink.unprotect(out.ours.protect(packet))).toEqual(packet)
      expect(into.ours.unprotect(made(source.protect(packet)))).toEqual(packet)
      const control = rtcp()
      // libsrtp2 2.5 looks for the MKI of SRTCP in front of a tag of SRTP's length, and so cannot read its own packets
      // where that has 32 bits. Asked with the long MKI: a short one is found there by chance now and then.
      const readable = out.theirs('inbound').unprotectRtcp(made(out.theirs('outbound').protectRtcp(control)))
      if (typeof readable === 'number')
        expect([suite, readable]).toEqual([expect.stringMatching(/_32$/), Status.badMki])
      else expect(sink.unprotectRtcp(out.ours.protectRtcp(control))).toEqual(control)
      expect(into.ours.unprotectRtcp(made(source.protectRtcp(control)))).toEqual(control)
    }
  })
})
