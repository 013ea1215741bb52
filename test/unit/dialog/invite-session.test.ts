import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { glareDelayMs, InviteSession, ResponseRepeater } from '../../../src/dialog/invite-session.js'

const random = new SeededRandom('session')

describe('InviteSession (RFC 3261 §14)', () => {
  it('lets us send an INVITE when none is under way, and only then (§14.1)', () => {
    const session = new InviteSession()
    const may = () => session.mayInvite
    expect(may()).toBe(true)
    session.sent(true)
    expect(may()).toBe(false)
    session.finished()
    expect(may()).toBe(true)
    session.received(true)
    expect(may()).toBe(false)
    session.answered(true)
    expect(may()).toBe(false)
    session.acknowledged()
    expect(may()).toBe(true)
    session.received(false)
    session.answered(false)
    expect(may()).toBe(true)
  })

  it('refuses theirs with 491 while ours is under way (§14.2)', () => {
    const session = new InviteSession()
    session.sent(false)
    expect(session.admit(random, true)).toEqual({ ok: false, status: 491 })
    expect(session.offer).toBe('idle')
    session.finished()
    expect(session.admit(random, true)).toEqual({ ok: true })
    expect(session.offer).toBe('peer-offered')
  })

  it.each(['received', 'admitted'])('refuses theirs with 500 while one that was %s waits for its response', (how) => {
    const session = new InviteSession()
    if (how === 'received') session.received(true)
    else session.admit(random, true)
    const delays = Array.from({ length: 500 }, () => {
      const admission = session.admit(random, false)
      return !admission.ok && admission.status === 500 ? admission.retryAfter : undefined
    })
    // Whole seconds between 0 and 10.
    expect(new Set(delays)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
  })

  it('serves one that overtakes the ACK of the one before (RFC 5407 §3.1.4)', () => {
    const session = new InviteSession()
    session.received(true)
    session.answered(true)
    expect(session.admit(random, true)).toEqual({ ok: true })
    // The ACK that was overtaken says nothing about the INVITE that waits.
    session.acknowledged()
    expect(session.mayInvite).toBe(false)
    expect(session.admit(random, true)).toMatchObject({ ok: false, status: 500 })
    session.answered(true)
    session.acknowledged()
    expect(session.mayInvite).toBe(true)
  })

  it('refuses it with 491 where that ACK is to bring an answer (RFC 5407 §3.1.5)', () => {
    const session = new InviteSession()
    session.received(false)
    session.answered(true, true)
    expect(session.admit(random, true)).toEqual({ ok: false, status: 491 })
    session.acknowledged()
    expect(session.admit(random, true)).toEqual({ ok: true })
  })

  it('knows who waits for an answer to an offer (RFC 3264 §4)', () => {
    const session = new InviteSession()
    const offer = (step: () => unknown) => {
      step()
      return session.offer
    }
    expect(session.offer).toBe('idle')
    expect(offer(() => session.sent(false))).toBe('idle')
    expect(offer(() => session.finished())).toBe('idle')
    expect(offer(() => session.sent(true))).toBe('we-offered')
    // Refused, or a 2xx without an answer: nothing will answer it.
    expect(offer(() => session.finished())).toBe('idle')
    expect(offer(() => session.received(false))).toBe('idle')
    expect(offer(() => session.answered(true, true))).toBe('we-offered')
    expect(offer(() => session.acknowledged())).toBe('idle')
    for (const success of [true, false]) {
      expect(offer(() => session.received(true))).toBe('peer-offered')
      expect(offer(() => session.answered(success))).toBe('idle')
    }
    // An offer of theirs is not ours to take back.
    session.offer = 'peer-offered'
    expect(offer(() => session.finished())).toBe('peer-offered')
    expect(offer(() => session.acknowledged())).toBe('peer-offered')
  })

  it('back-off ranges of §14.1, in steps of 10 ms', () => {
    const owner = Array.from({ length: 2000 }, () => glareDelayMs(true, random))
    const other = Array.from({ length: 2000 }, () => glareDelayMs(false, random))
    expect([Math.min(...owner), Math.max(...owner)]).toEqual([2100, 4000])
    expect([Math.min(...other), Math.max(...other)]).toEqual([0, 2000])
    expect([...owner, ...other].every((delay) => delay % 10 === 0)).toBe(true)
  })
})

describe('ResponseRepeater', () => {
  const times = (repeater: ResponseRepeater, lateMs = 0) => {
    const at: number[] = []
    for (;;) {
      const now = repeater.due + lateMs
      at.push(now)
      const next = repeater.fire(now)
      if (next === 'give-up') return at
      expect(next).toBe('repeat')
    }
  }
  it('2xx: T1 doubling to T2, over after 64*T1 (RFC 3261 §13.3.1.4)', () => {
    expect(times(new ResponseRepeater({ T1: 500, T2: 4000, now: 0 }))).toEqual([
      500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500, 32000,
    ])
  })
  it('reliable provisional: doubling without cap (RFC 3262 §3)', () => {
    expect(times(new ResponseRepeater({ T1: 500, now: 0 }))).toEqual([500, 1500, 3500, 7500, 15500, 31500, 32000])
  })
  it('late timers do not add up, and whenever it begins it is over 64*T1 later', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 10, max: 1000 }), fc.nat(9), (now, T1, late) => {
        const punctual = times(new ResponseRepeater({ T1, T2: 8 * T1, now }))
        expect(punctual.at(-1)).toBe(now + 64 * T1)
        expect(times(new ResponseRepeater({ T1, T2: 8 * T1, now }), late)).toEqual(punctual.map((at) => at + late))
      }),
      { numRuns: 50 },
    )
  })
})
