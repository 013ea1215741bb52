/** Faults of SRTCP: the reports of encrypted calls (RFC 3711 §3.4). */
import type { FaultEntries } from './fault.js'

export const reportFaults = {
  'srtcp-unencrypted': {
    title: 'RTCP of encrypted calls is authenticated, but not encrypted',
    mayTurnRed: ['SRTCP'],
    rules: { encryption: { encryptsReports: false } },
  },
  'srtcp-index-stuck': {
    title: 'the index of encrypted RTCP is always zero',
    mayTurnRed: ['SRTCP', 'RTCP'],
    rules: { encryption: { countsReports: false } },
  },
  'srtcp-tag-by-audio-key': {
    title: 'encrypted RTCP is authenticated with the session key of the audio',
    mayTurnRed: ['SRTCP', 'RTCP', 'MED-SYM'],
    rules: { encryption: { reportTagsHaveOwnKey: false } },
  },
  'srtcp-audio-salt': {
    title: 'RTCP is encrypted with the session salt of the audio',
    mayTurnRed: ['SRTCP', 'RTCP', 'MED-SYM'],
    rules: { encryption: { reportsHaveOwnSalt: false } },
  },
} satisfies FaultEntries
