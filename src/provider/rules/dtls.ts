/** What DTLS-SRTP goes by where calls end at a service: RFC 5763, RFC 6347, RFC 8842. Faults change single values. */
export interface DtlsRules {
  /** RFC 5763 §5: the fingerprint in SDP is that of the certificate which is shown. */
  readonly tellsOwnFingerprint: boolean
  /** RFC 5763 §5: the certificate that the device shows is the one of its SDP, or the session ends. */
  readonly checksFingerprint: boolean
  /** RFC 5763 §5: an answer is active or passive. */
  readonly answersRole: boolean
  /** RFC 8842 §5.3: who answers active sends a ClientHello. */
  readonly begins: boolean
  /** RFC 6347 §4.2.4: a flight without an answer is sent again. */
  readonly repeats: boolean
  /** RFC 6347 §4.2.3 */
  readonly joinsFragments: boolean
  /** RFC 8842 §5.5: while nothing about it changes, an association goes on. */
  readonly keepsAssociation: boolean
}

export const RIGHT_DTLS: DtlsRules = {
  tellsOwnFingerprint: true,
  checksFingerprint: true,
  answersRole: true,
  begins: true,
  repeats: true,
  joinsFragments: true,
  keepsAssociation: true,
}
