/** Faults of log-ins. */
import type { FaultEntries } from './fault.js'

export const digestFaults = {
  'challenges-in-wrong-order': {
    title: 'challenges come weakest first, one of them twice',
    mayTurnRed: ['DIG-ORDER'],
    rules: { digest: { algorithms: ['MD5', 'MD5', 'SHA-256'] } },
  },
  'no-qop': {
    title: 'challenges have no qop',
    mayTurnRed: ['DIG-QOP', 'DIG-REPLAY'],
    rules: { digest: { sendsQop: false } },
  },
  'stale-unflagged': {
    title: 'an expired nonce is challenged anew without stale=true',
    mayTurnRed: ['DIG-STALE'],
    rules: { digest: { flagsStale: false } },
  },
  'nonce-never-stale': {
    title: 'a nonce is good for ever',
    mayTurnRed: ['DIG-STALE'],
    rules: { digest: { noncesExpire: false } },
  },
  'nonce-count-unchecked': {
    title: 'the same nonce count is accepted again',
    mayTurnRed: ['DIG-REPLAY'],
    rules: { digest: { checksNonceCount: false } },
  },
  'digest-uri-unchecked': {
    title: 'credentials made for another URI are accepted',
    mayTurnRed: ['DIG-URI'],
    rules: { digest: { checksUri: false } },
  },
  'wrong-password-accepted': {
    title: 'any password will do',
    mayTurnRed: [
      'DIG-BADPW',
      'REG-AUTHZ',
      'ID-FRAUD',
      'DIG-ENUM',
      'DIG-STALE',
      'DIG-URI',
      'DIG-SHA256',
      'DIG-SHA512-256',
    ],
    rules: { digest: { checksPassword: false } },
  },
  'any-nonce-accepted': {
    title: 'a nonce that was never given out will do',
    mayTurnRed: ['DIG-STALE'],
    rules: { digest: { checksNonce: false } },
  },
  'unknown-nonce-forbidden': {
    title: 'a REGISTER with a nonce from before a restart is answered 403',
    mayTurnRed: ['REBOOT', 'DIG-STALE'],
    rules: { digest: { challengesUnknownNonce: false } },
  },
  'sha-256-broken': {
    title: 'SHA-256 is offered and its right answers are refused',
    mayTurnRed: ['DIG-SHA256'],
    rules: { digest: { refusedAlgorithms: ['SHA-256'] } },
  },
  'cancel-challenged': {
    title: 'a CANCEL without credentials is challenged',
    mayTurnRed: ['DIG-ACKCANCEL', 'TX-CANCEL', 'TX-CROSS', 'TX-LATECANCEL', 'BLF-END', 'PRX-CHANNELS'],
    rules: { digest: { challengesCancel: true } },
  },
  'users-enumerable': {
    title: 'unknown users are told apart from wrong passwords',
    mayTurnRed: ['DIG-ENUM', 'DIG-BADPW'],
    rules: { digest: { hidesUsers: false } },
  },
  'realm-changes': {
    title: 'each challenge names another realm, so that nobody can log in',
    mayTurnRed: ['DIG-STALE', 'REG-ADD'],
    rules: { digest: { keepsRealm: false } },
  },
  'challenge-repeated': {
    title: 'the challenge to an INVITE is repeated by timers',
    mayTurnRed: ['DIG-ONCE'],
    rules: { digest: { challengesWithoutState: false } },
  },
  'basic-offered': {
    title: 'Basic authentication is offered beside Digest',
    mayTurnRed: ['DIG-QOP', 'DIG-ORDER'],
    rules: { digest: { offersBasic: true } },
  },
  'challenge-header-swapped': {
    title: '407 carries WWW-Authenticate',
    mayTurnRed: ['DIG-CHAL', 'REL-BETWEEN'],
    rules: { digest: { proxyChallengeHeader: 'WWW-Authenticate' } },
  },
} satisfies FaultEntries
