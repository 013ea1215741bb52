/** Faults of MIKEY (RFC 3830) in a=key-mgmt (RFC 4567). */
import type { FaultEntries } from './fault.js'

export const mikeyFaults = {
  'mikey-answer-copied': {
    title: "MIKEY is answered with a copy of the offer's own message",
    mayTurnRed: ['MIKEY-KEYS'],
    rules: { encryption: { mikeyAnswer: 'copy of the offer' } },
  },
  'mikey-other-bundle': {
    title: 'the answer to MIKEY names another crypto session bundle',
    mayTurnRed: ['MIKEY-KEYS'],
    rules: { encryption: { mikeyAnswer: 'another bundle' } },
  },
  'mikey-unanswered': {
    title: 'MIKEY is accepted without a verification message, which was asked for',
    mayTurnRed: ['MIKEY-KEYS'],
    rules: { encryption: { mikeyAnswer: 'nothing' } },
  },
  'mikey-mac-wrong': {
    title: 'the verification message of MIKEY has a wrong MAC',
    mayTurnRed: ['MIKEY-KEYS'],
    rules: { encryption: { mikeyAnswer: 'wrong MAC' } },
  },
  'mikey-streams-swapped': {
    title: 'MIKEY is answered rightly, and each direction has the key of the other',
    mayTurnRed: ['MIKEY-KEYS'],
    rules: { encryption: { countsMikeyStreams: false } },
  },
} satisfies FaultEntries
