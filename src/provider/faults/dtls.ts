/** Faults of DTLS-SRTP where calls end at a service. */
import type { FaultEntries } from './fault.js'

export const dtlsFaults = {
  'dtls-old-fingerprint': {
    title: 'session descriptions tell the fingerprint of a certificate that was replaced since',
    mayTurnRed: ['DTLS-FP', 'DTLS-KEYS', 'DTLS-AUTH'],
    rules: { dtls: { tellsOwnFingerprint: false } },
  },
  'dtls-fingerprint-not-checked': {
    title: 'DTLS-SRTP is agreed on with whatever certificate is shown',
    mayTurnRed: ['DTLS-AUTH'],
    rules: { dtls: { checksFingerprint: false } },
  },
  'dtls-actpass-answered': {
    title: 'an offer of DTLS-SRTP is answered with a=setup:actpass',
    mayTurnRed: ['DTLS-FP', 'DTLS-KEYS', 'DTLS-AUTH'],
    rules: { dtls: { answersRole: false } },
  },
  'dtls-nobody-begins': {
    title: 'DTLS-SRTP is answered with a=setup:active, and no ClientHello is sent',
    mayTurnRed: ['DTLS-FP', 'DTLS-KEYS', 'DTLS-AUTH'],
    rules: { dtls: { begins: false } },
  },
  'dtls-not-repeated': {
    title: 'packets of a DTLS handshake that were lost are not sent again',
    mayTurnRed: ['DTLS-KEYS'],
    rules: { dtls: { repeats: false } },
  },
  'dtls-fragments-not-joined': {
    title: 'messages of a DTLS handshake that come in pieces are dropped',
    mayTurnRed: ['DTLS-KEYS'],
    rules: { dtls: { joinsFragments: false } },
  },
  'dtls-not-forwarded': {
    title: 'relays forward RTP and drop all else, DTLS handshakes between devices with it',
    mayTurnRed: ['DTLS-KEYS'],
    rules: { relay: { passesHandshakes: false } },
  },
  'dtls-restarts': {
    title: 'each re-INVITE begins the DTLS association anew, though nothing about it changed',
    mayTurnRed: ['DTLS-KEYS', 'OA-HOLD'],
    rules: { dtls: { keepsAssociation: false } },
  },
} satisfies FaultEntries
