/** Faults of NTP. */
import type { FaultEntries } from './fault.js'

export const ntpFaults = {
  'ntp-offset': {
    title: 'the time is 90 s off',
    mayTurnRed: ['NTP'],
    rules: { ntp: { offsetMs: 90_000 } },
  },
  'ntp-unsynchronised': {
    title: 'the time server says that it is not synchronised',
    mayTurnRed: ['NTP'],
    rules: { ntp: { isSynchronised: false } },
  },
} satisfies FaultEntries
