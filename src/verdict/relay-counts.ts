/**
 * Holds a relay's own counters against those of the agents, and says on which side of it packets were lost where that is clear. What may be
 * others' traffic, or ours, is held against nobody (decision 0030).
 */
import type { RelayCounts, RelayFacts, RelayReading } from '../result/load-relays.js'
import { counted } from '../result/texts.js'

/** Counters of a relay are read by its own clock, which may be set meanwhile. */
const CLOCK_S = 5

export function relayCountsOf(facts: RelayFacts): RelayCounts {
  const { before, after, why = 'it was not asked' } = facts
  if (before === undefined || after === undefined)
    return { ...facts, state: 'not-reached', text: `Not reached: ${why}.` }
  const restartedAt = restartBetween(before, after)
  if (restartedAt !== undefined) {
    return {
      ...facts,
      state: 'restarted',
      restartedAt,
      text: 'It was started again during the load: its counts began anew.',
    }
  }
  return compared(facts, before, after)
}

/** When it was started again, Unix ms, or the latest that it can have been; undefined: it was not. */
function restartBetween(before: RelayReading, after: RelayReading): number | undefined {
  const { uptimeS = Infinity } = after
  const fell = (['packets', 'inKernel', 'errors', 'endedSessions'] as const).some((one) => after[one] < before[one])
  const isYounger = uptimeS < (before.uptimeS ?? 0) || uptimeS < (after.at - before.at) / 1000 - CLOCK_S
  return fell || isYounger ? Math.max(before.at, after.at - (Number.isFinite(uptimeS) ? uptimeS * 1000 : 0)) : undefined
}

function compared(facts: RelayFacts, before: RelayReading, after: RelayReading): RelayCounts {
  const { ours, settled, waitedMs } = facts
  const took = after.packets - before.packets
  const errors = after.errors - before.errors
  const more = after.sessions - before.sessions
  const sessions = after.endedSessions - before.endedSessions + more
  const strangers = strangersAt(facts, took, sessions)
  const isAlone = strangers.length === 0 && ours.farEnds === 0

  // More that it took in, from whomever, can only hide a loss: what is missing all the same is missing. RTCP is left out, which a relay need
  // not take; some of the errors are packets that came and were not counted.
  const lostBefore = Math.max(0, ours.sent - took - errors - ours.edges)
  const notBack = took - errors - ours.rtcpSent - ours.received - ours.dropped - ours.edges
  // Without holes nothing is missing: a relay may make fewer packets of the same audio.
  const lostAfter = isAlone ? Math.max(0, Math.min(notBack, ours.lost)) : 0
  const left = settled && strangers.length === 0 ? Math.max(0, more) : 0
  const isMissing = ours.lost > ours.dropped + errors + ours.edges
  const state =
    lostBefore + lostAfter > 0
      ? 'lost'
      : !isAlone
        ? 'shared'
        : isMissing || notBack > 0 || ours.calls === 0
          ? 'differ'
          : 'agree'
  const texts = [
    ...(lostBefore > 0
      ? [
          `It took in ${counted(took, 'packet')} of the ${ours.sent + ours.rtcpSent} that the agents sent: at least ${lostBefore} were lost before it, on the way or at its sockets.`,
        ]
      : []),
    ...(lostAfter > 0
      ? [
          `It took in ${counted(took, 'packet')}, and ${ours.received + ours.rtcpReceived} came back: at least ${lostAfter} were lost in it or after it.`,
        ]
      : []),
    ...(isAlone
      ? []
      : [
          `${lostBefore > 0 ? 'What was lost in it or after it cannot be told' : 'The counts cannot be told apart'}: ${[...strangers, ...farEndsOf(ours)].join('; ')}.`,
        ]),
    ...(state === 'agree' ? ['The counts agree, but for beginnings and ends of calls.'] : []),
    ...(state === 'differ'
      ? [
          ours.calls === 0
            ? 'No call of ours went through it.'
            : isMissing
              ? `The agents miss ${counted(ours.lost, 'packet')}: too few to tell on which side of it they were lost.`
              : 'Fewer packets came back, and none of them is missing by its number: it may make longer packets of the same audio.',
        ]
      : []),
    ...(errors > 0 ? [`It counted ${counted(errors, 'error')}: packets that it could not decrypt or send on.`] : []),
    ...(left > 0
      ? [
          `${counted(left, 'session')} of ours ${left === 1 ? 'is' : 'are'} left ${inSeconds(waitedMs)} after the last call.`,
        ]
      : []),
    ...(left === 0 && more > 0 ? [`${counted(more, 'session')} more than before; whose they are cannot be told.`] : []),
  ]
  return {
    ...facts,
    state,
    took,
    errors,
    sessions,
    ...(lostBefore > 0 ? { lostBefore } : {}),
    ...(lostAfter > 0 ? { lostAfter } : {}),
    ...(left > 0 ? { left } : {}),
    text: texts.join(' '),
  }
}

/** What tells that others used it during the load, in words. */
function strangersAt(
  { ours, movedBefore = 0, movedAfter = 0, partial }: RelayFacts,
  took: number,
  sessions: number,
): string[] {
  const most = ours.calls + ours.unplaced
  const sent = ours.sent + ours.rtcpSent + ours.edges
  return [
    ...(partial === true ? ['other parts of this load use it too'] : []),
    ...(ours.runs > 0 ? ['scenarios ran beside the calls, and their packets are not counted here'] : []),
    ...(movedBefore > 0 ? ['it led other calls when the load began'] : []),
    ...(movedAfter > 0 ? ['it led other calls when ours were over'] : []),
    ...(sessions > most ? [`${sessions} sessions began at it, and no more than ${most} of them are ours`] : []),
    ...(ours.farEnds === 0 && took > sent ? [`it took in ${took - sent} packets more than the agents sent`] : []),
  ]
}

const farEndsOf = ({ farEnds, calls }: RelayFacts['ours']): string[] =>
  farEnds === 0
    ? []
    : [
        `the other end of ${farEnds === calls ? 'its calls' : counted(farEnds, 'call')} is not one of ours at this relay (an echo test, another number, another relay), and sends through it too`,
      ]

const inSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`
