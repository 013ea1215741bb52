/** EXAM-RTP-AFTER-BYE: media ends with the call (RFC 3261 §15.1.1, §15.1.2). */
import type { Kind, StandingCheck } from '../check.js'

/** Packets under way, and what the wire holds back, may arrive this much (ms) after the end. */
const GRACE_MS = 500
/** Not what was under way, nor what a stalled harness reads late and all at once: so many, over so many ms. */
const PACKETS = 3
const SPREAD_MS = 40

// §15.1.1: who sends BYE MUST stop; §15.1.2: who gets it SHOULD.
const OWN_BYE: Kind = { severity: 'fail', rule: 'RFC 3261 §15.1.1' }

export const rtpAfterBye: StandingCheck = {
  id: 'EXAM-RTP-AFTER-BYE',
  text: {
    severity: 'warn',
    gravity: 'letter',
    cause: 'audio-after-hang-up',
    // Who hangs up and is not heard is rid of a call that the other side still has.
    follows: ['hosts-share-no-calls', 'call-lost-with-server'],
    readsClock: true,
    title: 'Media is sent on after the call has ended',
    rule: 'RFC 3261 §15.1.2',
    provider: ['BH-4'],
    harm: 'Only where the next call uses the same port is the old audio heard in it.',
    advice: 'Let the end of the call close the relay’s ports at once, not by a timer.',
  },
  watch(_, report) {
    return {
      afterEnd({ event: { at }, leg }) {
        if (at <= leg.endedAt + GRACE_MS) return
        if (leg.late++ === 0) leg.firstLateAt = at
        if (leg.late < PACKETS || at - leg.firstLateAt < SPREAD_MS) return
        const seen = {
          expected: `nothing ${GRACE_MS} ms after the end of the call`,
          actual: `a packet ${Math.round(at - leg.endedAt)} ms after it`,
        }
        report(leg.endedByTarget ? { ...OWN_BYE, ...seen } : seen, leg.late === PACKETS ? PACKETS : 1)
      },
    }
  },
}
