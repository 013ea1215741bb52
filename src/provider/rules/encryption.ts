/** What encrypted audio goes by, at relays and services: RFC 3711, RFC 4568. Faults change single values. */
export interface EncryptionRules {
  /** RFC 4568 §8.3: keys go over TLS only. */
  readonly keysOverTlsOnly: boolean
  /** RFC 4568 §5.1.2: the answer has the tag of the line that it accepts. */
  readonly echoesTag: boolean
  /** RFC 3711 §9.1: each direction has a key of its own. */
  readonly usesOwnKeys: boolean
  /** RFC 4568 §7.1.4 */
  readonly takesNewKeys: boolean
  /** What two devices encrypt stays encrypted. */
  readonly keepsEncryption: boolean
  /** RFC 3711 §3.3.1 */
  readonly countsRollover: boolean
  /** RFC 3711 §3.3 */
  readonly checksTags: boolean
  /** RFC 3711 §3.3.2 */
  readonly checksReplays: boolean
  /** RFC 3711 §3.4: reports are protected as audio is. */
  readonly protectsReports: boolean
  /** RFC 4568 §6.3.2: reports are encrypted unless UNENCRYPTED_SRTCP was agreed on. */
  readonly encryptsReports: boolean
  /** RFC 3711 §3.4: the index of SRTCP grows by one with each packet. */
  readonly countsReports: boolean
  /** RFC 3711 §4.3.2: reports are authenticated with a session key of their own. */
  readonly reportTagsHaveOwnKey: boolean
  /** RFC 3711 §4.3.2: reports are encrypted with a session salt of their own. */
  readonly reportsHaveOwnSalt: boolean
  /** RFC 3711 §3.4: reports are authenticated. */
  readonly checksReportTags: boolean
  /** RFC 3711 §3.4, §3.3.2: reports that were had before are dropped. */
  readonly checksReportReplays: boolean
  /** RFC 3711 §3.4: what a report says counts only once it is authenticated, a BYE too. */
  readonly believesByesWithTag: boolean
  /** RFC 4568 §7.1.2: an offer of SRTP is answered with SRTP, or refused. */
  readonly answersEncrypted: boolean
  /** An offer of DTLS-SRTP or MIKEY alone is refused. */
  readonly refusesOtherKeying: boolean
  /** Who accepts DTLS-SRTP or MIKEY speaks it. */
  readonly meansKeying: boolean
  /** RFC 3830 §3.1, §5.2: what stands in an answer to MIKEY. */
  readonly mikeyAnswer: 'verification' | 'copy of the offer' | 'another bundle' | 'wrong MAC' | 'nothing'
  /** RFC 4567 §7.1: the stream of the initiator is the first one, ours the second. */
  readonly countsMikeyStreams: boolean
  /** An offer of SRTP without keys is refused. */
  readonly needsKeys: boolean
  /** RFC 4568 §6.1: a key may have a lifetime. */
  readonly takesLifetimes: boolean
  /** RFC 4568 §6.1: packets under a key with an MKI carry it. */
  readonly readsMki: boolean
  /** RFC 4568 §6.1: lifetime and MKI in the answer are those of the answer's own key. */
  readonly declaresOwnFields: boolean
  /** RFC 4568 §6.1: a key whose length is not that of the suite makes its line invalid. */
  readonly checksKeyLength: boolean
  /** RFC 4568 §7.1.2: the key of the answer is one for the suite that is answered. */
  readonly answersWholeKey: boolean
  /** RFC 4568 §6.3.7: a line with a session parameter that is not known is invalid. */
  readonly heedsParameters: boolean
}

export const RIGHT_ENCRYPTION: EncryptionRules = {
  keysOverTlsOnly: true,
  echoesTag: true,
  usesOwnKeys: true,
  takesNewKeys: true,
  keepsEncryption: true,
  countsRollover: true,
  checksTags: true,
  checksReplays: true,
  protectsReports: true,
  encryptsReports: true,
  countsReports: true,
  reportTagsHaveOwnKey: true,
  reportsHaveOwnSalt: true,
  checksReportTags: true,
  checksReportReplays: true,
  believesByesWithTag: true,
  answersEncrypted: true,
  refusesOtherKeying: true,
  meansKeying: true,
  mikeyAnswer: 'verification',
  countsMikeyStreams: true,
  needsKeys: true,
  takesLifetimes: true,
  readsMki: true,
  declaresOwnFields: true,
  checksKeyLength: true,
  answersWholeKey: true,
  heedsParameters: true,
}
