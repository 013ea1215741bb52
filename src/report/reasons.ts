/** Reason codes in words: why something has no verdict, or another than pass. The only place that puts them into words. */
import type { ReasonCode } from '../result/terms.js'

export interface ReasonWords {
  /** What happened, as a heading. */
  readonly what: string
  /** What to do about it; empty where there is nothing to say. */
  readonly remedy: string
}

const NETWORK = 'Check the target’s address and port, and firewalls on the way.'
const REPORT_DEFECT = 'Report it to the maintainers of ringproof; it says nothing about the target.'

export const REASONS: Readonly<Record<ReasonCode, ReasonWords>> = {
  'rule-broken': { what: 'A mandatory rule is broken', remedy: '' },
  'recommendation-not-met': { what: 'A recommendation is not met', remedy: '' },
  'known-deviation': { what: 'Known deviation of this target', remedy: '' },
  'not-reached': {
    what: 'The test ended before its check',
    remedy: 'Look at the messages of the test for the step that failed.',
  },
  'no-answer': { what: 'The target did not answer a request', remedy: NETWORK },
  'no-connection': { what: 'No connection to the target', remedy: NETWORK },
  'out-of-reach': {
    what: 'The target led to an address that its target file does not allow',
    remedy: 'If the address is the provider’s, add it to published or to limits.mayReach.',
  },
  'not-allowed': {
    what: 'A number may not be dialled',
    remedy: 'If it may be, add it to limits.mayDial; emergency and premium numbers are never dialled.',
  },
  'login-refused': { what: 'The log-in was refused', remedy: 'Check user and password of the account.' },
  'call-refused': { what: 'A call was refused', remedy: 'Look at the status and the Reason of the answer.' },
  'call-not-arrived': {
    what: 'A call did not arrive at the called device',
    remedy: 'Check that calls between the test accounts are allowed.',
  },
  'no-audio': { what: 'No audio arrived', remedy: 'Check the media ports in firewalls on the way.' },
  'sound-not-recognised': {
    what: 'Sound arrived that was not recognised',
    remedy: 'Listen to it in the capture: speech codecs, echo and noise on the way hide what was played.',
  },
  'unreadable-answer': {
    what: 'An answer violates the SIP grammar, so telephones drop it',
    remedy: 'See the finding about the grammar.',
  },
  'packet-lost': { what: 'A packet may have been lost by the network', remedy: 'Run again, closer to the target.' },
  flooded: {
    what: 'The target sent more than can be recorded',
    remedy: 'Look at the capture for what it sends over and over.',
  },
  'path-loses': {
    what: 'The path to the target loses packets',
    remedy: 'Run again from a place with a better line to the target.',
  },
  'harness-late': {
    what: 'This machine was too slow to measure',
    remedy: 'Run again on a machine that is less busy.',
  },
  'timed-out': { what: 'The test ran out of time', remedy: 'Look at its messages for what it waited for.' },
  interrupted: { what: 'The run was interrupted', remedy: 'Run again.' },
  unsteady: {
    what: 'Failed, and did not when it was run again',
    remedy:
      'Compare the records of both attempts. A network that loses packets does that, and so does a target that fails now and then.',
  },
  'foreign-hands': {
    what: 'Somebody else used the test accounts at the same time',
    remedy: 'Use accounts that no other device and no other run uses.',
  },
  'target-gone': { what: 'The target stopped answering during the run', remedy: 'Check whether it restarted.' },
  'no-local-address': {
    what: 'This machine has no suitable address or port',
    remedy: 'Run on a machine that has one, such as an IPv6 address.',
  },
  'feature-lacking': { what: 'The target says that it does not support the feature', remedy: '' },
  'is-b2bua': { what: 'Applies to proxies; the target is a B2BUA', remedy: '' },
  'is-proxy': { what: 'Applies to B2BUAs; the target is a proxy', remedy: '' },
  'relays-no-media': { what: 'Applies to media relays; the target does not relay media', remedy: '' },
  'not-applicable': { what: 'Does not apply to this target', remedy: '' },
  'scenario-defect': { what: 'Defect in a scenario', remedy: 'Mend the scenario; it says nothing about the target.' },
  'harness-defect': { what: 'Defect in ringproof', remedy: REPORT_DEFECT },
}

/** The order in which groups by reason are shown: that of the table. */
export const REASON_ORDER = Object.keys(REASONS).filter((code): code is ReasonCode => code in REASONS)
