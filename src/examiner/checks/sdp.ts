/** EXAM-SDP: session descriptions follow their grammar (RFC 8866), keep the family, and count their versions. */
import { sessionBytesIn } from '../../message/body-parts.js'
import { SessionDescription } from '../../sdp/session-description.js'
import type { SdpViolation } from '../../sdp/violation.js'
import { familyOf, isNumericAddress } from '../../transport/network.js'
import type { Kind, Report, StandingCheck } from '../check.js'
import type { Memory } from '../memory/memory.js'
import type { ScannedSdp } from '../sdp-scan.js'
import { type DescriptionSeen, isOfferIn } from '../seen.js'

/** Without these a description cannot be used: no address, no port, no meaning of a payload type. */
const UNUSABLE = new Set([
  'version-missing',
  'version-unknown',
  'origin-missing',
  'session-name-missing',
  'connection-missing',
  'connection-fields',
  'connection-address',
  'media-fields',
  'media-port',
  'rtpmap-missing',
])

/** Seen daily and harmless. */
const HARMLESS = new Set(['rtcp-level', 'bandwidth', 'time', 'value-empty', 'payload-type-repeated'])

const WRONG_FAMILY: Kind = {
  gravity: 'outage',
  cause: 'address-family-wrong',
  harm: 'Customers with IPv6 only, or IPv4 only, have silent calls.',
  advice: 'Look at the media relay that writes the address.',
}

const ANOTHER_FAMILY: Kind = {
  ...WRONG_FAMILY,
  severity: 'warn',
  title: 'An answer has media addresses of another family than the offer',
  rule: 'EP-9',
  advice: 'Let the media relay answer with an address of the family that was offered.',
}

const VERSION_KEPT: Kind = {
  cause: 'description-version-kept',
  title: 'A session description changes and keeps its version',
  rule: 'RFC 3264 §8',
  advice: 'Look at the media relay or border controller that rewrites descriptions: it must raise the version in o=.',
}

export const sdp: StandingCheck = {
  id: 'EXAM-SDP',
  text: {
    severity: 'warn',
    gravity: 'letter',
    title: 'Session descriptions break their grammar',
    rule: 'RFC 8866 §9',
    provider: [],
    harm: 'Phones that read strictly may refuse the call (488).',
    advice: 'Show the description to the vendor of the server that wrote it; media relays rewrite them, too.',
  },
  watch(memory, report) {
    return {
      description(seen) {
        family(seen, memory, report)
        if (seen.odd) return
        const { sdp: now, settled, dialog, carrier, seen: arrival } = seen
        if (memory.isThorough && !memory.sentDescriptions.has(now.body)) grammar(seen, memory, report)
        // One offer that comes by several ways, or an answer that is repeated, is no new description.
        // Nor is a call that is asked for again after a refusal (RFC 4028 §7.3): no session was there to be modified.
        if (settled && !beginsCall(arrival) && dialog.lastSdp !== undefined && dialog.lastSdpIn !== carrier)
          version(dialog.lastSdp, seen, report)
      },
    }
  },
}

/** An INVITE outside of dialogs: what it describes modifies no session (RFC 3264 §8). */
function beginsCall({ message }: DescriptionSeen['seen']): boolean {
  return message.kind === 'request' && message.method === 'INVITE' && message.to.tag === undefined
}

/** EP-9: who offers one family is answered with the same. */
function family({ sdp: { media: streams }, sent }: DescriptionSeen, memory: Memory, report: Report): void {
  for (const { address, addressType, port } of streams) {
    if (port === 0 || !isNumericAddress(address) || address === '0.0.0.0' || address === '::') continue
    // A target that relays no media hands on what our devices announced.
    if (memory.wasAnnounced(address, port)) continue
    const type = familyOf(address) === 'ipv6' ? 'IP6' : 'IP4'
    if (type !== addressType) continue
    const asked = sent?.sdp?.media.filter((media) => media.port !== 0 && isNumericAddress(media.address)) ?? []
    if (asked.length === 0 || asked.some((media) => media.addressType === type)) continue
    report({
      ...ANOTHER_FAMILY,
      expected: `c=IN ${asked[0]?.addressType ?? ''}, as in the offer`,
      actual: `c=IN ${addressType} ${address}`,
    })
  }
}

/** RFC 3264 §8, RFC 8866 §5.2: what changes has a new version. */
function version(before: ScannedSdp, { sdp: now, seen, sent }: DescriptionSeen, report: Report): void {
  if (before.origin !== now.origin || before.version !== now.version || before.body === now.body) return
  const isOffer = isOfferIn(seen, sent)
  const changed = coreOf(before) !== coreOf(isOffer ? now : withKeysOf(before, now))
  report({
    ...VERSION_KEPT,
    severity: changed ? 'fail' : 'info',
    gravity: changed ? 'harm' : 'letter',
    harm: changed
      ? 'Phones may take the description for the one before: after a hold or transfer there is no audio.'
      : 'Hardly any phone notices.',
    expected: 'a version in o= that is one higher',
    actual: `version ${now.version} again, ${changed ? 'with another address, format or key' : 'with other attributes'}`,
  })
}

/**
 * An answer names one of the keys that were offered (RFC 4568 §5.1.2), as if it named them all. RFC 3264 §8 lets it differ from the
 * description before, and a phone that skips it loses nothing: it knows the key.
 */
function withKeysOf(before: ScannedSdp, now: ScannedSdp): ScannedSdp {
  const media = now.media.map((one, nth) => {
    const known = before.media[nth]?.keys ?? []
    const isChosen = one.keys.length > 0 && one.keys.every((key) => known.includes(key))
    return isChosen ? { ...one, keys: known } : one
  })
  return { ...now, media }
}

function grammar({ seen, sent }: DescriptionSeen, { sentDescriptions }: Memory, report: Report): void {
  const bytes = sessionBytesIn(seen.message) ?? seen.message.body
  const { violations } = SessionDescription.parse(bytes)
  if (violations.length === 0) return
  const text = bytes.toString('latin1')
  for (const violation of violations) {
    const { code, rule, offset, expected, actual } = violation
    const line = lineAt(text, offset)
    // What one of our descriptions has too is only handed on.
    if (sent?.odd === true || sentDescriptions.explains(code, line)) continue
    // RFC 3264 §6: a stream that is refused needs no attributes.
    if (code === 'rtpmap-missing' && /^m=\S+ 0[ /]/.test(line)) continue
    report({
      title: `Session descriptions break their grammar: ${code}`,
      ...kindOf(violation),
      ...(isOfOtherFamily(line) ? { ...WRONG_FAMILY, title: 'An address stands in SDP under the wrong family' } : {}),
      rule,
      expected,
      actual: actual === '' ? line : actual,
    })
  }
}

function kindOf({ code }: SdpViolation): Kind {
  const noticed: Kind = { severity: 'info', harm: 'Hardly any phone notices.' }
  // RFC 4568 §5.1.1, §6: crypto lines that are not understood are passed over, others may be beside them.
  if (code.startsWith('crypto-') || HARMLESS.has(code)) return noticed
  if (!UNUSABLE.has(code)) return {}
  return {
    severity: 'fail',
    gravity: 'harm',
    harm: 'Some phones refuse the call (488) or have no audio.',
    ...(code === 'connection-address' ? { follows: ['address-family-wrong'] } : {}),
  }
}

/** Is an IPv6 address called IPv4 there, or the other way round? */
function isOfOtherFamily(line: string): boolean {
  const [, type, address = ''] = /^[oc]=.*\bIN (IP[46]) (\S+)/.exec(line) ?? []
  if (type === undefined || !isNumericAddress(address)) return false
  return (familyOf(address) === 'ipv6') !== (type === 'IP6')
}

/** What a call cannot do without. */
function coreOf({ media }: ScannedSdp): string {
  return media
    .map((one) => [one.kind, one.port, one.protocol, one.address, one.payloadTypes, one.keys].join(' '))
    .join('\n')
}

function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', Math.max(0, offset - 1)) + 1
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
}
