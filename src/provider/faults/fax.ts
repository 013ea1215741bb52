/** Faults of proxy and relay with faxes. */
import type { FaultEntries } from './fault.js'

export const faxFaults = {
  'fax-ends-call': {
    title: 'a re-INVITE that changes a call to fax (T.38) is refused with 481, so that devices give the call up',
    mayTurnRed: ['FAX'],
    rules: { proxy: { changesToFax: 'refused as of no call' } },
  },
  'refused-fax-ends-call': {
    title: 'when the other end refuses a fax (488) the call is ended',
    mayTurnRed: ['FAX'],
    rules: { proxy: { refusedFaxEndsCall: true } },
  },
  'fax-past-the-relay': {
    title: 'address and port of a fax are passed on as the devices write them, inside addresses too',
    mayTurnRed: ['FAX'],
    rules: { proxy: { relaysFax: false } },
  },
  'fax-answered-as-audio': {
    title: 'the answer to an offer of fax describes audio',
    mayTurnRed: ['FAX'],
    rules: { proxy: { answersFaxAsFax: false } },
  },
  'relay-drops-fax': {
    title: 'the relay throws away what is no RTP: the data of faxes',
    mayTurnRed: ['FAX'],
    rules: { relay: { passesFaxes: false } },
  },
} satisfies FaultEntries
