/** Faults of STUN. */
import type { FaultEntries } from './fault.js'

export const stunFaults = {
  'stun-wrong-address': {
    title: 'the mapped address is wrong',
    mayTurnRed: ['STUN-3478', 'STUN-ALT', 'OB-STUN'],
    rules: { stun: { tellsRightAddress: false } },
  },
  'stun-alternative-dead': {
    title: 'the alternative STUN port is dead',
    mayTurnRed: ['STUN-ALT'],
    rules: { stun: { servesAlternative: false } },
  },
  'stun-unknown-ignored': {
    title: 'unknown required attributes are passed over',
    mayTurnRed: ['STUN-3478', 'STUN-ALT'],
    rules: { stun: { refusesUnknown: false } },
  },
  'stun-answers-from-elsewhere': {
    title: 'STUN answers come from another port than the one asked',
    mayTurnRed: ['STUN-3478', 'STUN-ALT'],
    rules: { stun: { answersFromAsked: false } },
  },
} satisfies FaultEntries
