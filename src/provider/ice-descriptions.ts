/** ICE-lite in the session descriptions that a relay reads and writes: RFC 8839. */
import { defaultIsCandidate, formatCandidate, iceOf, priorityOf } from '../sdp/ice.js'
import type { MediaDescription } from '../sdp/section.js'
import type { SessionDescription } from '../sdp/session-description.js'
import type { ProviderContext } from './context.js'
import { IceLite } from './ice-lite.js'
import type { MediaLeg } from './media-leg.js'
import type { SideName } from './passed-offers.js'

/** Reads what a device says about ICE for its leg. A description that an ALG has rewritten goes on without (RFC 8839 §4.2.5). */
export function noteIce(
  context: ProviderContext,
  { session }: SessionDescription,
  media: MediaDescription,
  leg: MediaLeg,
  role: 'offer' | 'answer',
): void {
  const { answersUnasked, mismatch } = context.rules.ice
  const theirs = iceOf(session, media)
  leg.iceMismatch = theirs !== undefined && !defaultIsCandidate(media, theirs)
  const waits = leg.iceMismatch && mismatch === 'waits for its candidates'
  if (waits) leg.iceMismatch = false
  const goesOn = leg.iceMismatch && mismatch === 'goes on without ICE'
  const isAsked = theirs !== undefined || (answersUnasked && role === 'offer')
  if (!context.policy.answersIce || goesOn || !isAsked) {
    leg.ice = undefined
    return
  }
  // An answer without what was offered is none.
  if (role === 'answer' && leg.ice === undefined) return
  const { ufrag, password } = theirs ?? { ufrag: '', password: '' }
  const before = leg.ice?.theirs
  if (before?.ufrag === ufrag && before.password === password) return
  leg.ice = new IceLite(
    context,
    { ufrag, password },
    {
      places: waits ? theirs?.candidates : undefined,
      offersReports: theirs?.candidates.some(({ component }) => component === 2) ?? false,
    },
  )
  // Who has not offered it makes no checks.
  if (theirs === undefined) leg.ice.heard()
}

/** Tells the device of one side what it needs for its checks, where it wants any. */
export function tellIce(
  context: ProviderContext,
  description: SessionDescription,
  streams: readonly Readonly<Record<SideName, { readonly leg: MediaLeg }>>[],
  to: SideName,
): void {
  for (const [index, media] of description.media.entries()) {
    const stream = streams[index]
    if (stream !== undefined && media.media === 'audio') writeIce(context, description, media, stream[to].leg)
  }
}

/** Writes what a description tells the device of a leg. RFC 8839 §4.3.2, RFC 8445 §5.2. */
function writeIce(
  { rules }: ProviderContext,
  { session }: SessionDescription,
  media: MediaDescription,
  leg: MediaLeg,
): void {
  const { ice } = leg
  if (media.port === 0) return
  if (leg.iceMismatch) media.addAttribute('ice-mismatch', true)
  if (ice === undefined) return
  session.setAttribute('ice-lite', true)
  session.setAttribute('ice-options', 'ice2')
  media.addAttribute('ice-ufrag', ice.own.ufrag)
  media.addAttribute('ice-pwd', ice.own.password)
  ice.isMuxed = media.rtcpMux
  const { address, number } = leg.port
  for (const component of ice.isMuxed ? [1] : [1, 2]) {
    const port = number + component - (rules.ice.candidateFits ? 1 : 0)
    const candidate = {
      foundation: '1',
      component,
      transport: 'UDP',
      priority: priorityOf(component),
      address,
      port,
      type: 'host',
    }
    media.addAttribute('candidate', formatCandidate(candidate))
  }
}

/** Reads an offer, and completes the answer of a service to it. */
export function answerIce(
  context: ProviderContext,
  leg: MediaLeg,
  offer: SessionDescription,
  answer: SessionDescription,
): void {
  for (const [index, media] of answer.media.entries()) {
    const asked = offer.media[index]
    if (media.media !== 'audio' || media.port === 0 || asked === undefined) continue
    noteIce(context, offer, asked, leg, 'offer')
    writeIce(context, answer, media, leg)
  }
}
