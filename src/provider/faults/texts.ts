/** Faults of text messages. */
import type { FaultEntries } from './fault.js'

export const textFaults = {
  'text-swallowed': {
    title: 'a text message is answered 200 and goes nowhere',
    mayTurnRed: ['TEXT', 'TEXT-ID'],
    rules: { texts: { passesOn: false } },
  },
  'text-for-nobody-accepted': {
    title: 'a text message for an account without a telephone is answered 200',
    mayTurnRed: ['TEXT-AWAY'],
    rules: { texts: { admitsAbsence: false } },
  },
  'text-letters-lost': {
    title: 'letters of a text message that ASCII has not become question marks',
    mayTurnRed: ['TEXT'],
    rules: { texts: { keepsText: false } },
  },
  'text-with-contact': {
    title: 'text messages come with a Contact, as if they made a dialog',
    mayTurnRed: ['TEXT'],
    rules: { texts: { makesNoDialog: false } },
  },
  'text-without-login': {
    title: 'text messages are passed on without log-in',
    mayTurnRed: ['TEXT-ID'],
    rules: { texts: { asksForLogin: false } },
  },
  'text-from-unchecked': {
    title: 'text messages carry whatever number the sender has written into From',
    mayTurnRed: ['TEXT-ID'],
    rules: { texts: { checksFrom: false } },
  },
} satisfies FaultEntries
