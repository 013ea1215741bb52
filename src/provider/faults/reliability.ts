/** Faults of the proxy with reliable provisional responses (RFC 3262) between devices. */
import type { FaultEntries } from './fault.js'

export const reliabilityFaults = {
  'prack-swallowed': {
    title: 'PRACK is answered with 200 by the proxy and does not reach the called device',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { confirmations: 'answered here' } },
  },
  'prack-refused': {
    title: 'PRACK is refused with 481, as it is not known to belong to a call that still rings',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { confirmations: 'refused' } },
  },
  'prack-past-the-relay': {
    title: "the session description in a PRACK is forwarded with the device's own address",
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { leadsConfirmations: false } },
  },
  'rseq-removed': {
    title: 'reliable provisional responses lose Require and RSeq on their way, so that nobody confirms them',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { keepsRSeq: false } },
  },
  '100rel-claimed-for-callers': {
    title: 'called devices are told that each caller supports 100rel',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { reliabilityAsked: 'always' } },
  },
  '100rel-made-required': {
    title: 'what a caller supports, 100rel, is required of the called device',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { reliabilityAsked: 'required where supported' } },
  },
  '100rel-never-required': {
    title: 'Require: 100rel of callers is removed',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { reliabilityAsked: 'never required' } },
  },
  'unsupported-removed': {
    title: '420 is forwarded without Unsupported',
    mayTurnRed: ['REL-BETWEEN'],
    rules: { proxy: { keepsUnsupported: false } },
  },
} satisfies FaultEntries
