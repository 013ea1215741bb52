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
  'srtcp-forged-accepted': {
    title: 'encrypted RTCP with a wrong tag is accepted and led on',
    mayTurnRed: ['SRTCP'],
    rules: { encryption: { checksReportTags: false } },
  },
  'srtcp-replays-accepted': {
    title: 'encrypted RTCP that was had before is accepted and led on',
    mayTurnRed: ['SRTCP'],
    rules: { encryption: { checksReportReplays: false } },
  },
  'srtcp-bye-unauthenticated': {
    title: 'a BYE in encrypted RTCP ends the stream before its tag is looked at',
    mayTurnRed: ['SRTCP'],
    rules: { encryption: { believesByesWithTag: false } },
  },
} satisfies FaultEntries
