/** The protocol of an m= line: whether a relay can lead it, and whether it is SRTP with keys from SDP (RFC 4568, RFC 3711). */

export function isDatagram(protocol: string): boolean {
  return /^(?:RTP\/|UDP|udptl|UDP\/TLS\/)/i.test(protocol)
}

export function isSecure(protocol: string): boolean {
  return /(?:^|\/)SAVPF?$/i.test(protocol)
}

export function secured(protocol: string): string {
  return protocol.replace(/\/AVP/i, '/SAVP')
}

export function unsecured(protocol: string): string {
  return protocol.replace(/\/SAVP/i, '/AVP')
}
