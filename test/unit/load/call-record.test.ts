import { describe, expect, test } from 'vitest'
import { badness } from '../../../src/load/badness.js'
import { hearingOf } from '../../../src/load/call-record.js'
import { call, leg, NOTHING_RECEIVED, report } from './samples.js'

describe('what an end hears', () => {
  test('its own pattern from an echo is right', () => expect(hearingOf([7], 7, 500)).toBe('right'))
  test('another one is wrong, also beside the right one', () => {
    expect(hearingOf([8], 7, 500)).toBe('wrong')
    expect(hearingOf([7, 8], 7, 500)).toBe('wrong')
  })
  test('packets without a melody are not recognised; no packets are nothing', () => {
    expect(hearingOf([], 7, 500)).toBe('unrecognised')
    expect(hearingOf([], 7, 0)).toBe('nothing')
  })
  test('where nobody knows what to expect, any packet will do', () => {
    expect(hearingOf([], undefined, 1)).toBe('right')
    expect(hearingOf([], undefined, 0)).toBe('nothing')
  })
})

describe('the record of one end', () => {
  test('nothing received has no quality and no jitter', () => {
    const deaf = leg({ report: report({ heard: [], received: NOTHING_RECEIVED }) })
    expect(deaf.mos).toBeUndefined()
    expect(deaf.jitterMs).toBeUndefined()
    expect(deaf).toMatchObject({ hears: 'nothing', packetsSent: 500, packetsReceived: 0 })
  })
  test('without a media session it is all zeros', () => {
    expect(leg({ report: undefined })).toMatchObject({
      hears: 'nothing',
      packetsSent: 0,
      packetsReceived: 0,
      packetsLost: 0,
    })
  })
  test('silence at the end counts as lost, though no hole in the sequence shows it', () => {
    const cut = leg({ report: report({ received: { packets: 250, expected: 250, lastAt: 5000 } }), until: 10_000 })
    expect(cut.packetsLost).toBe(235)
    expect(cut.packetsExpected).toBe(485)
    expect(cut.silentAtEndMs).toBe(5000)
    expect(cut.mos).toBeLessThan(3)
  })
  test('silence is lost only where this call is to be heard to its end, in packets as they came', () => {
    const received = { packets: 83, expected: 83, firstAt: 20, lastAt: 4940 }
    // An announcement that is over, somebody who says nothing (RFC 3551 §4.1).
    expect(leg({ expects: undefined, report: report({ received }), until: 60_000 }).packetsLost).toBe(0)
    expect(leg({ report: report({ heard: [], received }), until: 60_000 }).packetsLost).toBe(0)
    // 60 ms a packet.
    expect(leg({ report: report({ received }), until: 10_000 }).packetsLost).toBe(79)
  })
  test('a beginning that did not arrive counts as lost from the moment that audio was due', () => {
    const received = { packets: 400, expected: 400, firstAt: 2_320, lastAt: 10_300 }
    const clipped = leg({ report: report({ received }), from: 20, until: 10_320 })
    expect(clipped).toMatchObject({ packetsLost: 100, packetsExpected: 500, silentAtStartMs: 2_300 })
    expect(leg({ report: report({ received: { ...received, firstAt: 300 } }), from: 20 }).packetsLost).toBe(0)
    // Where nobody knows when it was due, or what was to be heard, nothing is missing.
    expect(leg({ report: report({ received }), until: 10_320 }).packetsLost).toBe(0)
    expect(leg({ report: report({ heard: [], received }), from: 20, until: 10_320 }).packetsLost).toBe(0)
  })
  test('its quality is that of the delay that was measured, else of half the round trip of its leg', () => {
    const mos = (delayMs?: number) =>
      leg({ report: report({ roundTripMs: 20 }), ...(delayMs === undefined ? {} : { delayMs }) }).mos
    expect(mos(10)).toBe(mos())
    expect(mos(250)).toBeLessThan(mos()! - 0.1)
    expect(leg({ delayMs: 250 }).delayMs).toBe(250)
  })
  test('the last packet 200 ms before the end is no silence', () => {
    expect(leg({ report: report({ received: { lastAt: 9800 } }) }).packetsLost).toBe(0)
  })
  test('duplicates make nothing better', () => {
    const record = leg({ report: report({ received: { packets: 510, expected: 500, lost: 10, duplicates: 20 } }) })
    expect(record).toMatchObject({ packetsLost: 10, duplicates: 20 })
  })
})

describe('the record of a call', () => {
  test('answered, heard and hung up by us is success', () => {
    expect(call()).toMatchObject({ success: true, twoWay: true, wrongAudio: false, relay: 'relay-1', packetsSent: 500 })
    expect(call().oneWay).toBeUndefined()
    expect(call().reason).toBeUndefined()
  })
  test('no audio is no success, whatever the signalling says', () => {
    const record = call({ legs: [leg({ report: report({ heard: [], received: NOTHING_RECEIVED }) })] })
    expect(record).toMatchObject({
      success: false,
      twoWay: false,
      oneWay: 'caller',
      reason: 'the caller received no audio',
    })
    expect(record.mos).toBeUndefined()
  })
  test.each([
    ['bye-from-far-side', 'the far end hung up'],
    ['bye-refused', 'BYE was answered 481'],
    ['bye-unanswered', 'BYE was not answered'],
  ] as const)('%s is no success', (end, reason) => {
    expect(call({ end, reason })).toMatchObject({ success: false, twoWay: true, reason })
  })
  test('a refused call has neither audio nor an end that does not hear', () => {
    const record = call({ status: 486, end: 'refused', answeredAt: undefined, reason: 'refused: 486', legs: [] })
    expect(record).toMatchObject({ success: false, twoWay: false, relay: '', packetsSent: 0 })
    expect(record.oneWay).toBeUndefined()
  })
  test('an echo that was not recognised may have been talked over', () => {
    const record = call({ legs: [leg({ report: report({ heard: [] }) })] })
    expect(record.success).toBe(false)
    expect(record.reason).toContain('use a longer --hold')
  })
  test('a short call that nobody could recognise says so', () => {
    const record = call({ endedAt: 1_000_600, legs: [leg({ report: report({ heard: [] }) })] })
    expect(record.success).toBe(false)
    expect(record.reason).toContain('too short')
  })

  const caller = (heard: number[]) => leg({ role: 'caller', pattern: 7, expects: 8, report: report({ heard }) })
  const callee = (heard: number[]) => leg({ role: 'callee', pattern: 8, expects: 7, report: report({ heard }) })

  test('between accounts each end must hear the other', () => {
    expect(call({ far: 'account', legs: [caller([8]), callee([7])] })).toMatchObject({
      success: true,
      packetsSent: 1000,
    })
  })
  test('the deaf end is named', () => {
    const deaf = (role: 'caller' | 'callee') =>
      leg({ role, pattern: 7, expects: 8, report: report({ heard: [], received: NOTHING_RECEIVED }) })
    expect(call({ far: 'account', legs: [caller([8]), deaf('callee')] }).oneWay).toBe('callee')
    expect(call({ far: 'account', legs: [deaf('caller'), callee([7])] }).oneWay).toBe('caller')
    expect(call({ far: 'account', legs: [deaf('caller'), deaf('callee')] }).oneWay).toBe('both')
  })
  test('nobody is deaf who received something that was not recognised, or was never rung', () => {
    for (const legs of [[caller([8]), callee([])], [caller([]), callee([])], [caller([8])]])
      expect(call({ far: 'account', legs })).toMatchObject({ success: false, twoWay: false })
    expect(call({ far: 'account', legs: [caller([8]), callee([])] }).oneWay).toBeUndefined()
    expect(call({ far: 'account', legs: [caller([8])] }).oneWay).toBeUndefined()
    expect(call({ far: 'account', legs: [caller([8])] }).reason).toContain('did not ring')
  })
  test('hearing oneself where another account should be heard is wrong audio', () => {
    expect(call({ far: 'account', legs: [caller([7]), callee([7])] })).toMatchObject({
      wrongAudio: true,
      success: false,
    })
  })
  test('an answer by somebody else than the account is no success', () => {
    const record = call({ far: 'account', legs: [caller([8])] })
    expect(record).toMatchObject({ success: false, twoWay: false })
    expect(record.reason).toContain('did not ring')
  })
  test('has no MOS where one end has none', () => {
    const deaf = leg({
      role: 'callee',
      expects: 7,
      pattern: 8,
      report: report({ heard: [], received: NOTHING_RECEIVED }),
    })
    expect(call({ far: 'account', legs: [caller([8]), deaf] }).mos).toBeUndefined()
  })
})

test('the worst call is one with foreign audio, then a deaf one, then a failed one, then a lossy one', () => {
  const wrong = call({ legs: [leg({ report: report({ heard: [9] }) })] })
  const deaf = call({ legs: [leg({ report: report({ heard: [], received: NOTHING_RECEIVED }) })] })
  const refused = call({ end: 'bye-refused' })
  const lossy = call({ legs: [leg({ report: report({ received: { lost: 50 } }) })] })
  const order = [lossy, call(), wrong, refused, deaf].toSorted((a, b) => badness(b) - badness(a))
  expect(order.slice(0, 4)).toEqual([wrong, deaf, refused, lossy])
})
