/** Faults of the proxy in calls that are set up and given up. */
import type { FaultEntries } from './fault.js'

export const callSetupFaults = {
  'early-cancel-swallowed': {
    title: 'a CANCEL that comes before the callee has said anything is answered and goes no further',
    mayTurnRed: ['TX-CANCEL'],
    rules: { proxy: { keepsEarlyCancel: false } },
  },
  'cancel-to-one-only': {
    title: 'of several telephones that ring only one is told that the caller has hung up',
    mayTurnRed: ['TX-CANCEL', 'TX-CROSS'],
    rules: { proxy: { cancelsAllBranches: false } },
  },
  'crossing-answer-swallowed': {
    title: 'an answer that crosses a CANCEL is thrown away',
    mayTurnRed: ['TX-CROSS'],
    rules: { proxy: { forwardsCrossingAnswer: false } },
  },
  'crossing-call-forgotten': {
    title: 'a call that is answered while it is cancelled is forgotten, and its BYE refused',
    mayTurnRed: ['TX-CROSS'],
    rules: { proxy: { remembersCrossingCall: false } },
  },
  'completed-elsewhere-untold': {
    title: 'telephones that stop ringing are not told that the call was answered at another one',
    mayTurnRed: ['PRX-MISSED'],
    rules: { proxy: { saysCompletedElsewhere: 'never' } },
  },
  'given-up-as-completed': {
    title: 'telephones are told that a call was answered elsewhere when its caller has hung up',
    mayTurnRed: ['PRX-MISSED'],
    rules: { proxy: { saysCompletedElsewhere: 'always' } },
  },
  'cancel-reason-dropped': {
    title: 'the Reason of a CANCEL is not passed on',
    mayTurnRed: ['PRX-MISSED'],
    rules: { proxy: { copiesReason: false } },
  },
} satisfies FaultEntries
