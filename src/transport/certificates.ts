/** A certificate authority of our own, PEM. */
export interface Authority {
  readonly cert: string
  readonly key: string
}

/** A certificate and its private key, PEM. */
export interface IssuedCertificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  readonly commonName?: string
  readonly dnsNames?: readonly string[]
  readonly ipAddresses?: readonly string[]
  /** Such as `sip:example.com`. */
  readonly uris?: readonly string[]
  readonly notBefore?: Date
  readonly notAfter?: Date
}

/** Makes an authority, valid for ten years. Uses crypto.subtle: not for virtual time. */
export function makeAuthority(_commonName?: string): Promise<Authority> {
  throw new Error('not yet')
}

/** Issues a server certificate, valid for a year unless told otherwise; `authority` undefined: self-signed. */
export function issueCertificate(
  _authority: Authority | undefined,
  _o: CertificateOptions,
): Promise<IssuedCertificate> {
  throw new Error('not yet')
}
