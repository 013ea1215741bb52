/** What the proxy goes by: RFC 3261 §16 and what is built on it. Faults change single values. */
import { type CallSetupRules, RIGHT_CALL_SETUP } from './call-setup.js'
import { type ReliabilityRules, RIGHT_RELIABILITY } from './reliability.js'
import { type FaxRules, RIGHT_FAX } from './fax.js'
import { RIGHT_SECOND_CALLS, type SecondCallRules } from './second-calls.js'
import { type ChannelRules, RIGHT_CHANNELS } from './channels.js'
import { type OverloadRules, RIGHT_OVERLOAD } from './overload.js'
import { type HostRules, RIGHT_HOSTS } from './hosts.js'
import { type EarlyMediaRules, RIGHT_EARLY_MEDIA } from './early-media.js'

export interface ProxyRules
  extends CallSetupRules,
    EarlyMediaRules,
    ReliabilityRules,
    FaxRules,
    SecondCallRules,
    ChannelRules,
    OverloadRules,
    HostRules {
  /** Codes of the message parser that are passed over in spite of a status. */
  readonly overlooks: readonly string[]
  // hops and loops
  /** §16.3 step 3 */
  readonly refusesZeroHops: boolean
  /** §16.6 step 3 */
  readonly countsHops: boolean
  readonly addsMaxForwards: boolean
  /** RFC 5393 §4.2 */
  readonly detectsLoops: boolean
  /** RFC 5393 §5.3.3 */
  readonly countsBreadth: boolean
  /** Where a diversion leads back to an account, the call ends. */
  readonly endsDiversionCircles: boolean
  /** A diversion on busy, on no answer or on not reachable applies just then. */
  readonly keepsConditions: boolean
  /** A diverted call rings elsewhere, and not here too. */
  readonly divertsInstead: boolean
  /** §16.7 step 4: a 302 of a telephone is followed to another account. */
  readonly followsRedirects: boolean
  /** Where telephones lead a call back to an account by 302, it ends. */
  readonly endsRedirectCircles: boolean
  /** A 302 may lead the caller to a service or code, too. */
  readonly redirectsReachServices: boolean
  // the way
  /** §16.3 step 5 */
  readonly checksProxyRequire: boolean
  /** §16.6 step 4 */
  readonly recordsRoute: boolean
  /** RFC 6157 §3.1.1 */
  readonly recordsBothFamilies: boolean
  /** Record-Route names an address of ours that devices reach. */
  readonly recordsReachable: boolean
  /** An ACK goes to where its device is, not to the inside address of its Contact. */
  readonly acknowledgesThroughNat: boolean
  /** §16.4 */
  readonly knowsStrictRouters: boolean
  /** RFC 5630 §5.3: a SIPS URI leads to SIPS contacts only. */
  readonly keepsSips: boolean
  /** ms for which it is known where a device behind NAT sits; 0: not at all. */
  readonly natMemoryMs: number
  /** The port at its outside address at which a device behind NAT is called. */
  readonly natPort: 'of the source' | 'of the contact'
  /** RFC 6598: 100.64.0.0/10 is inside a carrier's NAT. */
  readonly knowsCarrierAddresses: boolean
  /** Requests within a call go to where its device was last heard from. */
  readonly followsCalls: boolean
  /** RFC 5626 §7: of a device's flows, one at a time. */
  readonly callsOneFlow: boolean
  /** %2A in a dialled code means *. */
  readonly readsEscapes: boolean
  /** A number with + and country code is understood. */
  readonly readsPlus: boolean
  /** The devices of the nth account are not called; 0: those of each are. */
  readonly skipsNth: number
  /** A trunk is told which extension was dialled (BH-12). */
  readonly tellsExtension: boolean
  /** …and P-Called-Party-ID names it (RFC 7315 §4.2.2.2). */
  readonly namesExtensionAsCalled: boolean
  /** Header fields that nobody here knows are passed on. */
  readonly forwardsUnknownHeaders: boolean
  /** §16.3 step 1: requests whose method nobody here knows, too. */
  readonly forwardsUnknownMethods: boolean
  // responses
  /** §16.7 step 5 */
  readonly keeps100: boolean
  /** §16.7: To tags stay as they are. */
  readonly keepsToTags: boolean
  /** §16.7 step 5: further 2xx are forwarded, too. */
  readonly forwardsAll2xx: boolean
  /** §16.7 step 10 */
  readonly cancelsLosers: boolean
  /** §16.7 step 6 */
  readonly choosesBest: boolean
  /** §16.7 step 6: a lone 503 is not forwarded. */
  readonly hides503: boolean
  /** The callee's failures are forwarded as they are. */
  readonly forwardsFinals: boolean
  /** RFC 4320 §4.2: a request other than INVITE that nobody answers gets no 408. */
  readonly staysSilentOnTimeout: boolean
  /** How much later than they come provisional responses are forwarded, ms. */
  readonly provisionalDelayMs: number
  /** A call that has rung for so long (ms) is forgotten in silence; whatever the callee answers then goes nowhere. */
  readonly forgetsRingingMs: number
  /** §8.2.6.2: Vias go back with all their parameters. */
  readonly keepsViaParameters: boolean
  // CANCEL
  /** §16.10 */
  readonly forwardsCancel: boolean
  readonly cancelDelayMs: number
  readonly lateCancelEndsCall: boolean
  /** §9.2 */
  readonly refusesStrayCancel: boolean
  // changes of a call
  /** The relay's addresses go into the answers to re-INVITE and UPDATE, as into those to INVITE. */
  readonly anchorsChanges: boolean
  /** RFC 3261 §14.1: a change that is refused leaves the relay as it was. */
  readonly survivesRefusals: boolean
  /** RFC 3311 §5.2: UPDATE is for the other end of the call to answer. */
  readonly forwardsUpdate: boolean
  // transfers
  /** RFC 3515 §2.4.2: REFER within a call is for the other end to answer. */
  readonly forwardsRefer: boolean
  /** RFC 3515 §2.4.4: what comes of it reaches who has asked. */
  readonly forwardsReferStatus: boolean
  /** RFC 3891 §3: Replaces is for the called device to read. */
  readonly replaces: 'passed' | 'removed' | 'refused'
  /** RFC 3892 §3 */
  readonly keepsReferredBy: boolean
  /** RFC 5589 §5: the new call is one of its own, which outlives the one that was transferred. */
  readonly keepsTransferred: boolean
  // session timers
  /** RFC 4028 §8.1 */
  readonly checksSessionInterval: boolean
  /** 422 tells the least interval. */
  readonly tellsMinSe: boolean
  /** RFC 4028 §8.2: Session-Expires of an answer is forwarded. */
  readonly keepsSessionExpires: boolean
  /** Session intervals are made longer, and the refresher is chosen, on the way: RFC 4028 §8.1 forbids it. */
  readonly lengthensSessions: boolean
  /** Requests within a call that refresh its session are forwarded. */
  readonly passesRefreshes: boolean
  /** Calls of which a device is dead are ended. */
  readonly clearsDeadCalls: boolean
  /** ms after which a call is no more, whatever its ends do. */
  readonly callLifetimeMs: number
  readonly atLifetimesEnd: 'both ends get BYE' | 'it is forgotten'
  // many calls
  /** Calls within a second beyond which more are refused with 503 and Retry-After. */
  readonly refusesAbove: number
  /** Calls within a second beyond which more are kept waiting, and how long, ms. */
  readonly slowAbove: number
  readonly slowMs: number
}

export const RIGHT_PROXY: ProxyRules = {
  ...RIGHT_CALL_SETUP,
  ...RIGHT_EARLY_MEDIA,
  ...RIGHT_RELIABILITY,
  ...RIGHT_FAX,
  ...RIGHT_SECOND_CALLS,
  ...RIGHT_CHANNELS,
  ...RIGHT_OVERLOAD,
  ...RIGHT_HOSTS,
  overlooks: [],
  refusesZeroHops: true,
  countsHops: true,
  addsMaxForwards: true,
  detectsLoops: true,
  countsBreadth: true,
  endsDiversionCircles: true,
  keepsConditions: true,
  divertsInstead: true,
  followsRedirects: true,
  endsRedirectCircles: true,
  redirectsReachServices: false,
  checksProxyRequire: true,
  recordsRoute: true,
  recordsBothFamilies: true,
  recordsReachable: true,
  acknowledgesThroughNat: true,
  knowsStrictRouters: true,
  keepsSips: true,
  natMemoryMs: Number.POSITIVE_INFINITY,
  natPort: 'of the source',
  knowsCarrierAddresses: true,
  followsCalls: true,
  callsOneFlow: true,
  readsEscapes: true,
  readsPlus: true,
  skipsNth: 0,
  tellsExtension: true,
  namesExtensionAsCalled: true,
  forwardsUnknownHeaders: true,
  forwardsUnknownMethods: true,
  keeps100: true,
  keepsToTags: true,
  forwardsAll2xx: true,
  cancelsLosers: true,
  choosesBest: true,
  hides503: true,
  forwardsFinals: true,
  staysSilentOnTimeout: true,
  provisionalDelayMs: 0,
  forgetsRingingMs: Number.POSITIVE_INFINITY,
  keepsViaParameters: true,
  forwardsCancel: true,
  cancelDelayMs: 0,
  lateCancelEndsCall: false,
  refusesStrayCancel: true,
  anchorsChanges: true,
  survivesRefusals: true,
  forwardsUpdate: true,
  forwardsRefer: true,
  forwardsReferStatus: true,
  replaces: 'passed',
  keepsReferredBy: true,
  keepsTransferred: true,
  checksSessionInterval: true,
  tellsMinSe: true,
  keepsSessionExpires: true,
  lengthensSessions: false,
  passesRefreshes: true,
  clearsDeadCalls: true,
  callLifetimeMs: Number.POSITIVE_INFINITY,
  atLifetimesEnd: 'both ends get BYE',
  refusesAbove: Number.POSITIVE_INFINITY,
  slowAbove: Number.POSITIVE_INFINITY,
  slowMs: 0,
}
