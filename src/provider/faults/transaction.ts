/** Faults of transactions. */
import type { FaultEntries } from './fault.js'

const NEVER = Number.POSITIVE_INFINITY

export const transactionFaults = {
  'invite-not-resent': {
    title: 'a forwarded INVITE is sent once only',
    mayTurnRed: ['TX-A', 'TX-B'],
    timers: () => ({ A: NEVER }),
  },
  'invite-interval-even': {
    title: 'an unanswered INVITE is resent every 500 ms, the interval never doubles',
    mayTurnRed: ['TX-A'],
    rules: { transactions: { resendsInvitesEvenly: true } },
    timers: () => ({ A: NEVER }),
  },
  'request-not-resent': {
    title: 'forwarded requests other than INVITE are sent once only',
    mayTurnRed: ['TX-E', 'TX-F'],
    timers: () => ({ E: NEVER }),
  },
  'request-interval-unbounded': {
    title: 'intervals between repeats double beyond T2',
    mayTurnRed: ['TX-E', 'TX-G', 'TX-H', 'TX-2XX'],
    timers: ({ T1 }) => ({ T2: 64 * T1 }),
  },
  'final-not-repeated': {
    title: 'a forwarded failure is sent once only',
    mayTurnRed: ['TX-G', 'TX-H', 'TX-REPLAY'],
    timers: () => ({ G: NEVER }),
  },
  'final-repeated-for-ever': {
    title: 'a forwarded failure is repeated without end',
    mayTurnRed: ['TX-H', 'TX-G'],
    timers: () => ({ H: NEVER }),
  },
  'gives-up-early': {
    title: 'transactions give up after 4 s',
    mayTurnRed: ['TX-A', 'TX-B', 'TX-E', 'TX-F', 'TX-TIMEOUT'],
    timers: ({ T1 }) => ({ B: 8 * T1, F: 8 * T1 }),
  },
  'never-gives-up': {
    title: 'unanswered requests are repeated without end',
    mayTurnRed: ['TX-B', 'TX-F', 'TX-TIMEOUT', 'TX-A', 'TX-E'],
    timers: () => ({ B: NEVER, F: NEVER }),
  },
  'resends-on-streams': {
    title: 'requests are resent over TCP and TLS too',
    mayTurnRed: ['TX-TCP', 'TX-TLS'],
    rules: { transactions: { resendsOnStreams: true } },
  },
  'answers-not-kept': {
    title: 'an answered request that comes again is carried out again',
    mayTurnRed: ['TX-REPLAY', 'TX-COPY', 'REG-CSEQ'],
    timers: () => ({ J: 0 }),
  },
  'invite-answers-not-kept': {
    title: 'an answered INVITE that comes again is carried out again',
    mayTurnRed: ['TX-CROSS', 'TX-REPLAY', 'TX-6026', 'TX-G', 'TX-H', 'TX-2XX', 'PRX-LATE2XX', 'TX-LATECANCEL'],
    timers: () => ({ H: 0, L: 0 }),
  },
  'invite-answers-kept-briefly': {
    title: 'an answered INVITE is forgotten after 5 s',
    mayTurnRed: ['TX-REPLAY', 'TX-6026', 'TX-2XX'],
    timers: () => ({ L: 5_000 }),
  },
  'strays-forwarded': {
    title: 'responses that belong to no request are forwarded',
    mayTurnRed: ['TX-6026'],
    rules: { transactions: { dropsStrays: false } },
  },
  'no-trying': {
    title: 'an INVITE gets no 100',
    mayTurnRed: ['TX-100', 'NATLOSS'],
    rules: { transactions: { sendsTrying: false } },
  },
  'ack-with-new-branch': {
    title: 'the ACK of a failure carries a branch of its own',
    mayTurnRed: ['TX-ACK'],
    rules: { wire: { ackHasBranchOfInvite: false } },
  },
  'stray-2xx-lost': {
    title: 'a 2xx that is repeated by the callee is dropped',
    mayTurnRed: ['TX-CROSS', 'TX-6026', 'PRX-LATE2XX'],
    timers: () => ({ M: 0 }),
  },
  'early-100-for-non-invite': {
    title: 'requests other than INVITE get an early 100 over UDP',
    mayTurnRed: ['TX-NI100'],
    timers: () => ({ tryingNonInvite: 10 }),
  },
} satisfies FaultEntries
