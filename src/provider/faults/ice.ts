/** Faults of relays where a device offers ICE. */
import type { FaultEntries } from './fault.js'

export const iceFaults = {
  'ice-check-unanswered': {
    title: 'answers promise ICE, and connectivity checks get no answer',
    mayTurnRed: ['ICE'],
    rules: { ice: { answersChecks: false } },
  },
  'ice-wrong-integrity-accepted': {
    title: 'connectivity checks are accepted with whatever password',
    mayTurnRed: ['ICE'],
    rules: { ice: { checksCredentials: false } },
  },
  'ice-answers-unsigned': {
    title: 'answers to connectivity checks come without MESSAGE-INTEGRITY',
    mayTurnRed: ['ICE'],
    rules: { ice: { signsAnswers: false } },
  },
  'ice-answers-wrong-address': {
    title: 'answers to connectivity checks tell another port than the one that was asked from',
    mayTurnRed: ['ICE'],
    rules: { ice: { tellsSource: false } },
  },
  'ice-mismatch': {
    title: 'the candidate of an answer with ICE is another address than that of its c= and m= lines',
    mayTurnRed: ['ICE'],
    rules: { ice: { candidateFits: false } },
  },
  'ice-nomination-ignored': {
    title: 'connectivity checks are answered, and audio goes to the address of the c= and m= lines all the same',
    mayTurnRed: ['ICE'],
    rules: { ice: { followsNomination: false } },
  },
  'ice-waits-for-candidates': {
    title:
      'where a router has rewritten an offer with ICE, audio waits for checks from the candidates that it left as they were',
    mayTurnRed: ['ICE'],
    rules: { ice: { mismatch: 'waits for its candidates' } },
  },
  'ice-mismatch-with-candidates': {
    title: 'answers say a=ice-mismatch, and name candidates all the same',
    mayTurnRed: ['ICE'],
    rules: { ice: { mismatch: 'is told, with candidates' } },
  },
  'ice-password-short': {
    title: 'the password of an answer with ICE has 16 characters',
    mayTurnRed: ['ICE'],
    rules: { ice: { passwordLength: 16 } },
  },
  'ice-unasked': {
    title: 'offers without ICE are answered with it',
    mayTurnRed: ['ICE'],
    rules: { ice: { answersUnasked: true } },
  },
} satisfies FaultEntries
