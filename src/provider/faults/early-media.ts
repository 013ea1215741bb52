/** Faults of the proxy in what callers hear before the answer. */
import type { FaultEntries } from './fault.js'

export const earlyMediaFaults = {
  'provisionals-dropped': {
    title: '183 is not forwarded',
    mayTurnRed: ['PRX-1XX', 'MED-EARLY', 'REL-BETWEEN'],
    rules: { proxy: { progress: 'is dropped' } },
  },
  'progress-becomes-ringing': {
    title: '183 is forwarded as 180 without a session description',
    mayTurnRed: ['PRX-1XX', 'MED-EARLY', 'REL-BETWEEN'],
    rules: { proxy: { progress: 'becomes 180' } },
  },
  'progress-loses-description': {
    title: '183 is forwarded without its session description',
    mayTurnRed: ['MED-EARLY', 'REL-BETWEEN'],
    rules: { proxy: { progress: 'loses its description' } },
  },
  'progress-described-in-vain': {
    title: 'a 183 without a session description is given one on its way, and no audio follows',
    mayTurnRed: ['MED-EARLY'],
    rules: { proxy: { describesProgress: true } },
  },
  'early-media-not-led': {
    title: 'the relay leads nothing to the caller before the answer',
    mayTurnRed: ['MED-EARLY'],
    rules: { proxy: { leadsEarlyMedia: 'never' } },
  },
  'ringing-ends-early-media': {
    title: 'a 180 after a 183 ends the audio before the answer',
    mayTurnRed: ['MED-EARLY'],
    rules: { proxy: { leadsEarlyMedia: 'until it rings' } },
  },
  'branches-share-relay': {
    title:
      'all telephones of a forked call share the ports of one relay, which are given up as soon as one of them is out',
    mayTurnRed: ['MED-EARLY', 'PRX-FORK'],
    rules: { proxy: { branchesShareRelay: true } },
  },
} satisfies FaultEntries
