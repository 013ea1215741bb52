/** Faults of a=crypto lines and of what their keys announce (RFC 4568). */
import type { FaultEntries } from './fault.js'

export const keyLineFaults = {
  'srtp-lifetime-refused': {
    title: 'lines of a=crypto whose key has a lifetime are not taken',
    mayTurnRed: ['SD-LIFETIME', 'SD-MKI'],
    rules: { encryption: { takesLifetimes: false } },
  },
  'srtp-key-fields-copied': {
    title: "the answer's key has lifetime and MKI of the offer's, which its packets do not carry",
    mayTurnRed: ['SD-MKI'],
    rules: { encryption: { declaresOwnFields: false } },
  },
  'srtp-key-length-ignored': {
    title: 'an SRTP key that is too short is filled up with zeroes and taken',
    mayTurnRed: ['SD-BADKEY'],
    rules: { encryption: { checksKeyLength: false } },
  },
  'srtp-short-key-answered': {
    title: 'suites with long keys are answered with a key of 128 bits',
    mayTurnRed: ['SD-SUITES'],
    rules: { encryption: { answersWholeKey: false } },
  },
  'srtp-parameters-ignored': {
    title: 'session parameters of a=crypto that are not known are passed over',
    mayTurnRed: ['SD-PARAMS'],
    rules: { encryption: { heedsParameters: false } },
  },
  'srtp-mki-ignored': {
    title: 'the MKI that a key in SDP announces is not looked for in its packets',
    mayTurnRed: ['SD-MKI'],
    rules: { encryption: { readsMki: false } },
  },
} satisfies FaultEntries
