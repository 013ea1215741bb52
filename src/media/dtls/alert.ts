/** Alerts (RFC 5246 §7.2), and what is wrong with a peer's messages. */

// RFC 5246 §7.2; unsupported_extension by RFC 5246 §7.2 as well.
const DESCRIPTIONS = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  user_canceled: 90,
  no_renegotiation: 100,
  unsupported_extension: 110,
} as const

export type AlertName = keyof typeof DESCRIPTIONS

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(DESCRIPTIONS).map(([name, number]) => [number, name]))

/** The peer broke the protocol, or cannot be trusted: the association ends with this alert. */
export class DtlsFault extends Error {
  readonly alert: AlertName
  constructor(alert: AlertName, message: string) {
    super(message)
    this.name = 'DtlsFault'
    this.alert = alert
  }
}

/** `level`: 2 fatal, 1 warning. */
export function alertBody(name: AlertName, fatal: boolean): Buffer {
  return Buffer.from([fatal ? 2 : 1, DESCRIPTIONS[name]])
}

/** Reads an alert; its name is its number where it has none here. Undefined: it is none. */
export function parseAlert(body: Buffer): { readonly fatal: boolean; readonly name: string } | undefined {
  const [level, description] = body
  if (body.length !== 2 || description === undefined || (level !== 1 && level !== 2)) return undefined
  return { fatal: level === 2, name: NAMES.get(description) ?? `alert ${description}` }
}
