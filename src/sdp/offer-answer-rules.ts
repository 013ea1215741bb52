/** What an answer must obey, held against its offer. */
import { canReceive, canSend } from './direction.js'
import type { MediaDescription } from './section.js'
import type { SessionDescription } from './session-description.js'
import type { SdpViolation } from './violation.js'

type Add = (code: string, rule: string, expected: string, actual: string) => void

/** RFC 3264 §6, RFC 4568 §5.1.2 and §7.1.2, RFC 5761 §5.1.1: is this an answer to that offer? */
export function checkAnswer(offer: SessionDescription, answer: SessionDescription): SdpViolation[] {
  const violations: SdpViolation[] = []
  const add: Add = (code, rule, expected, actual) => {
    violations.push({ code, rule, offset: 0, expected, actual })
  }
  if (answer.media.length !== offer.media.length)
    add('answer-media-count', 'RFC 3264 §6', `${offer.media.length} m= lines`, `${answer.media.length}`)

  const offeredTime = offer.session.lines('t').join(', ')
  const answeredTime = answer.session.lines('t').join(', ')
  if (offeredTime !== answeredTime) add('answer-time', 'RFC 3264 §6', `t=${offeredTime}`, `t=${answeredTime}`)
  for (const [index, offered] of offer.media.entries()) {
    const answered = answer.media[index]
    if (answered !== undefined) checkStream(offered, answered, add)
  }
  return violations
}

function checkStream(offered: MediaDescription, answered: MediaDescription, add: Add): void {
  if (answered.media !== offered.media) add('answer-media-type', 'RFC 3264 §6.1', offered.media, answered.media)
  if (offered.port === 0 && answered.port !== 0) add('answer-port-zero', 'RFC 3264 §8.2', 'port 0', `${answered.port}`)
  if (answered.port === 0) return
  if (answered.protocol.toUpperCase() !== offered.protocol.toUpperCase())
    add('answer-protocol', 'RFC 3264 §6', offered.protocol, answered.protocol)

  if (canSend(answered.direction) && !canReceive(offered.direction))
    add('answer-direction', 'RFC 3264 §6.1', `nothing sent to ${offered.direction}`, answered.direction)

  if (canReceive(answered.direction) && !canSend(offered.direction))
    add('answer-direction', 'RFC 3264 §6.1', `nothing received from ${offered.direction}`, answered.direction)

  const known = new Map<string, number>()
  for (const map of offered.rtpMaps) known.set(nameOf(map), map.payloadType)
  const common = answered.rtpMaps.filter((map) => known.has(nameOf(map)))
  if (!common.some((map) => map.encoding.toLowerCase() !== 'telephone-event'))
    add('answer-no-common-format', 'RFC 3264 §6.1', 'a format of the offer', answered.formats.join(' '))

  const inOffer = new Map(offered.rtpMaps.map((map) => [map.payloadType, nameOf(map)]))
  for (const map of common) {
    if (inOffer.get(map.payloadType) !== nameOf(map)) {
      // A SHOULD; the offerer has to cope.
      add('answer-payload-type', 'RFC 3264 §6.1', `${known.get(nameOf(map))} for ${nameOf(map)}`, `${map.payloadType}`)
    }
  }
  if (answered.rtcpMux && !offered.rtcpMux) add('answer-rtcp-mux', 'RFC 5761 §5.1.1', 'no a=rtcp-mux', 'a=rtcp-mux')
  checkCrypto(offered, answered, add)
}

function checkCrypto(offered: MediaDescription, answered: MediaDescription, add: Add): void {
  const offers = offered.crypto
  const answers = answered.crypto
  if (offers.length === 0 || !/RTP\/SAVPF?$/i.test(offered.protocol)) return
  if (answers.length !== 1) {
    if (answers.length > 1 || answered.keyManagement.kinds.length === 0)
      add('answer-crypto-count', 'RFC 4568 §5.1.2', 'one a=crypto', `${answers.length}`)

    return
  }
  const [line] = answers
  const same = offers.find((one) => one.tag === line?.tag)
  if (same === undefined) add('answer-crypto-tag', 'RFC 4568 §5.1.2', 'a tag of the offer', line?.tag ?? 'none')
  else if (same.suite !== line?.suite)
    add('answer-crypto-suite', 'RFC 4568 §5.1.2', same.suite ?? '', line?.suite ?? 'none')

  const theirs = line?.attribute?.keys.map((key) => key.keySalt.toString('hex')) ?? []
  const ours = offers.flatMap((one) => one.attribute?.keys ?? []).map((key) => key.keySalt.toString('hex'))
  if (theirs.some((key) => ours.includes(key)))
    add('answer-crypto-key-reused', 'RFC 4568 §7.1.2', 'a key of its own', "the offer's key")
}

function nameOf(map: { encoding: string; clockRate: number; channels: number }): string {
  return `${map.encoding.toLowerCase()}/${map.clockRate}/${map.channels}`
}
