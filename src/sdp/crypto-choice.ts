/** Which crypto attribute an answer takes, and whether an answer can be used (RFC 4568 §5.1). */
import { type CryptoAttribute, type CryptoLine, isSuiteName, type SuiteName } from './crypto-attribute.js'
import type { MediaDescription } from './section.js'

/**
 * The first line that is valid and of a suite that we speak (RFC 4568 §5.1.2): invalid ones and unknown suites are
 * passed over. Undefined: the stream must be refused.
 */
export function chooseCrypto(
  lines: readonly CryptoLine[],
  suites: readonly SuiteName[],
  allowWeakened: boolean,
): CryptoAttribute | undefined {
  const tags = new Set<string>()
  for (const { attribute } of lines) {
    if (attribute === undefined) continue
    // RFC 4568 §4.1: a tag that is not unique cannot tell which line was taken.
    if (tags.has(attribute.tag)) continue
    tags.add(attribute.tag)
    const { suite, parameters: p } = attribute
    if (!isSuiteName(suite) || !suites.includes(suite)) continue
    if (!allowWeakened && (p.unencryptedSrtp || p.unencryptedSrtcp || p.unauthenticatedSrtp)) continue
    // RFC 4568 §6.3.5: a key for an FEC stream of its own; there is none.
    if (p.fecKeys !== undefined) continue
    return attribute
  }
  return undefined
}

/** RFC 4568 §5.1.3: the answer's line, or why the negotiation has failed. */
export function acceptCrypto(
  media: MediaDescription,
  offered: readonly CryptoAttribute[],
): { readonly send: CryptoAttribute; readonly receive: CryptoAttribute } | string {
  const lines = media.crypto
  const [line, second] = lines
  if (line === undefined) return 'the answer accepts SRTP without a crypto attribute'
  if (second !== undefined) return `${lines.length} crypto attributes in an answer (RFC 4568 §5.1.2)`
  if (line.attribute === undefined) return `invalid crypto attribute: ${line.faults[0]?.code ?? 'unknown'}`
  const receive = line.attribute
  const send = offered.find((own) => own.tag === receive.tag)
  if (send === undefined) return `crypto tag ${receive.tag} was not offered`
  if (send.suite !== receive.suite) return `suite ${line.suite ?? 'of no known form'} answers ${send.suite}`
  const p = receive.parameters
  if (p.unencryptedSrtp || p.unencryptedSrtcp || p.unauthenticatedSrtp) return 'the answer weakens what was offered'
  return { send, receive }
}
