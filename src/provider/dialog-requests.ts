/** Requests within calls that lead through the proxy: who may send them, and what they change. */
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { SipRequest } from '../message/message.js'
import type { Admission } from './admission.js'
import type { CallLimit } from './call-limit.js'
import type { InDialog } from './call-table.js'
import type { Channels } from './channels.js'
import { offersFax } from './fax.js'
import type { ProxyCore } from './forwarded-request.js'
import { hopOfSide } from './hops.js'
import type { Identity } from './identity.js'
import { lacksEncryption } from './media-policy.js'
import { refuse, trying } from './own-answers.js'
import { answeredHere, keepHidden } from './passed-messages.js'
import { anchors, leavesOutStream, partyOf } from './proxied-media.js'
import { askForSession, refusesInterval } from './proxied-session.js'
import { ResponseContext } from './response-context.js'
import type { RouteProcessing } from './route-processing.js'
import type { SecondCalls } from './second-calls.js'
import type { DeviceTarget } from './targets.js'

interface Around {
  readonly identity: Identity
  readonly routes: RouteProcessing
  readonly admission: Admission
  readonly limit: CallLimit
  readonly second: SecondCalls
  readonly channels: Channels
}

export class DialogRequests {
  readonly #core: ProxyCore
  readonly #around: Around

  constructor(core: ProxyCore, around: Around) {
    this.#core = core
    this.#around = around
  }

  /**
   * Forwards a request to the other end of its call, or answers it.
   * @param copy as route processing left it
   */
  take(tx: ServerTransaction, copy: SipRequest, found: InDialog, loopHash: string): void {
    if (this.#isLetIn(tx, copy, found) && !this.#isRefused(tx, copy, found)) this.#forward(tx, copy, found, loopHash)
  }

  /** RFC 3261 §26.1.4: who sends from an address that the call does not know has to show whose call it is. */
  #isLetIn(tx: ServerTransaction, copy: SipRequest, { call, leg, from }: InDialog): boolean {
    const { context } = this.#core
    const known = from === 'caller' ? call.caller.flow : leg.callee.flow
    if (known.remote.address === tx.flow.remote.address || !context.rules.identity.checksByeSender) return true
    const account = this.#around.admission.authenticate(tx)
    if (account === undefined) return false
    const refusal = this.#around.identity.check(copy, account)
    if (refusal !== undefined) refuse(context, tx, refusal.status, refusal.reason)
    return refusal === undefined
  }

  /** Is it answered here, instead of by the other end? */
  #isRefused(tx: ServerTransaction, copy: SipRequest, { leg }: InDialog): boolean {
    const { context } = this.#core
    if (refusesInterval(context, tx, copy)) return true
    const isUnfit = lacksEncryption(context, copy, tx.flow.transport) || leavesOutStream(copy, leg.bridge)
    const own = isUnfit ? 488 : answeredHere(context, copy)
    const isRefresh = !context.rules.proxy.passesRefreshes && copy.headers.has('Session-Expires')
    const status = own ?? (isRefresh ? 403 : undefined)
    if (status !== undefined) refuse(context, tx, status)
    return status !== undefined
  }

  #forward(tx: ServerTransaction, copy: SipRequest, found: InDialog, loopHash: string): void {
    const { context, calls } = this.#core
    const { routes, admission, limit, second, channels } = this.#around
    const rules = context.rules.proxy
    const { call, leg, from } = found
    const { method } = copy
    const sender = from === 'caller' ? call.caller : leg.callee
    const receiver = from === 'caller' ? leg.callee : call.caller
    if (rules.followsCalls) sender.flow = tx.flow
    call.cseqs[from] = Math.max(call.cseqs[from], copy.cseq.number)
    call.touchedAt = context.clock.now()
    if (method === 'INVITE') trying(context, tx)
    keepHidden(copy, found)
    admission.removeOwnCredentials(copy)
    askForSession(context, copy)
    // Media ends with the call's first BYE: nothing may come after it (RFC 3261 §15.1.2).
    if (method === 'BYE') {
      second.ends(call)
      if (call.lines) call.lines.awaitsAnswerToBye = context.rules.events.lampsFollowHangUp !== 'at once'
      calls.endLeg(call, leg, rules.keepsTransferred ? undefined : receiver.flow)
    }
    const hop = routes.nextHop(copy, () => hopOfSide(receiver, copy.uri))
    if (hop === undefined) return refuse(context, tx, 404)
    const target: DeviceTarget = { kind: 'device', uri: copy.uri, hop, q: 1, path: [], party: partyOf(receiver.flow) }
    const contact = tx.request.headers.has('Contact') ? tx.request.contacts() : []
    const isPast = method === 'PRACK' && !rules.leadsConfirmations
    const responses = new ResponseContext(this.#core, {
      tx,
      request: copy,
      call,
      ...(leg.bridge === undefined || isPast ? {} : { bridge: { media: leg.bridge, from } }),
      loopHash,
      prepare: (next) => {
        if (method === 'INVITE' || method === 'UPDATE' || method === 'SUBSCRIBE')
          routes.recordRoute(next, tx.flow, sender.contact, hop)
      },
      onRefused: () => {
        if (anchors(copy)) leg.bridge?.refused(from)
        if (rules.refusedFaxEndsCall && offersFax(copy)) limit.ends(call)
      },
      onSuccess: (response) => {
        // RFC 3261 §12.2.1.2: a target refresh counts once it is accepted.
        if (method === 'BYE') channels.free(call, true)
        if (method === 'BYE' && call.lines?.awaitsAnswerToBye) {
          call.lines.awaitsAnswerToBye = false
          call.lines.over()
        }
        if (method !== 'INVITE' && method !== 'UPDATE') return
        if (contact !== '*' && rules.followsCalls) sender.contact = contact[0]?.uri ?? sender.contact
        const answered = response.contacts()
        if (answered !== '*') receiver.contact = answered[0]?.uri ?? receiver.contact
      },
    })
    responses.start([target])
  }
}
