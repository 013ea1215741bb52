/** One forwarded request and all its branches: RFC 3261 §16.7 to §16.10. */
import type { Timer } from '../clock/clock.js'
import { createResponse } from '../message/build.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { ServerTransaction } from '../transaction/transaction-layer.js'
import type { Flow, Hop } from '../transport/flow.js'
import { bestResponse } from './best-response.js'
import { type Branch, newBranch } from './branch.js'
import type { ContextOptions, ProxyCore } from './forwarded-request.js'
import { refusalOfCancel } from './cancel.js'
import { type Because, reasonsFor } from './cancel-reason.js'
import type { MediaBridge } from './media-bridge.js'
import { countHop, passResponse } from './passed-messages.js'
import { passProgress } from './progress.js'
import { anchors, newBridge, passBody, streamsOf } from './proxied-media.js'
import type { ProxyRules } from './rules/proxy.js'
import type { ServiceTransaction } from './services/service-transaction.js'
import {
  type DeviceTarget,
  type Exhaustion,
  exhaustionOf,
  inGroups,
  maxBreadth,
  type ServiceTarget,
  type Target,
} from './targets.js'

export class ResponseContext {
  readonly #core: ProxyCore
  readonly #rules: ProxyRules
  readonly #o: ContextOptions
  readonly #invite: boolean
  readonly #branches: Branch[] = []
  /** Targets not tried yet, in groups of equal q. */
  #waiting: (readonly Target[])[] = []
  #finalSent: number | undefined
  /** The caller's CANCEL. */
  #cancelled: SipRequest | undefined
  #noAnswer = false
  #noAnswerTimer: Timer | undefined
  #over = false
  /** Nothing that a callee says is listened to any more. */
  #forgotten = false

  constructor(core: ProxyCore, o: ContextOptions) {
    this.#core = core
    this.#rules = core.context.rules.proxy
    this.#o = o
    this.#invite = o.request.method === 'INVITE'
    o.tx.onCancel = (cancel) => this.#cancel(cancel)
  }

  start(targets: readonly Target[]): void {
    this.#waiting = inGroups(targets, maxBreadth(this.#o.request))
    const { forgetsRingingMs } = this.#rules
    if (this.#invite && forgetsRingingMs < Number.POSITIVE_INFINITY) {
      this.#core.context.clock.after(forgetsRingingMs, () => {
        this.#forgotten = this.#finalSent === undefined
        if (this.#forgotten) for (const { timerC } of this.#branches) timerC?.cancel()
      })
    }
    if (this.#o.noAnswerMs !== undefined) {
      this.#noAnswerTimer = this.#core.context.clock.after(this.#o.noAnswerMs, () => {
        this.#noAnswer = true
        this.#cancelPending('no-answer')
      })
    }
    this.#next()
  }

  // --- branches

  #next(): void {
    const group = this.#waiting.shift()
    if (group === undefined) return
    const share = Math.max(1, Math.floor(maxBreadth(this.#o.request) / group.length))
    for (const target of group) this.#launch(target, share, false)
  }

  #launch(target: Target, breadth: number, neverUpgrade: boolean): void {
    const makesMedia = target.kind === 'device' && this.#invite && this.#o.call !== undefined
    const shared = this.#rules.branchesShareRelay ? this.#branches[0]?.bridge : undefined
    const bridge = this.#o.bridge?.media ?? (makesMedia ? (shared ?? this.#newBridge(target, neverUpgrade)) : undefined)
    const line = target.kind === 'device' && target.line ? this.#o.lines?.called(target.line) : undefined
    const branch = newBranch(target, bridge, line)
    this.#branches.push(branch)
    const copy = this.#o.request.clone()
    copy.uri = target.uri
    countHop(this.#core.context, copy)
    // RFC 5393 §5.3.3
    if (!this.#rules.countsBreadth) copy.headers.remove('Max-Breadth')
    else copy.headers.set('Max-Breadth', String(breadth))
    if (target.kind === 'service') {
      this.#toService(branch, copy, target)
      return
    }
    this.#o.prepare(copy, target)
    if (bridge === undefined || !anchors(copy)) {
      this.#send(branch, copy, target.hop)
      return
    }
    bridge.reserve(streamsOf(copy)).then(
      () => {
        if (this.#cancelled !== undefined || this.#over) {
          this.#finish(branch, this.#own(487))
          return
        }
        branch.carried = passBody(copy, bridge, this.#o.bridge?.from ?? 'caller', this.#o.tx.flow)
        this.#send(branch, copy, target.hop)
      },
      (error: unknown) => {
        this.#core.context.log(`no relay for a call: ${String(error)}`)
        this.#finish(branch, this.#own(500, 'No Media Relay'))
      },
    )
  }

  #newBridge({ party }: DeviceTarget, neverUpgrade: boolean): MediaBridge | undefined {
    const { tx, request, call } = this.#o
    return newBridge(this.#core.context, { call, request, caller: tx.flow, callee: party, neverUpgrade })
  }

  #toService(branch: Branch, copy: SipRequest, target: ServiceTarget): void {
    const service: ServiceTransaction = {
      request: copy,
      flow: this.#o.tx.flow,
      merged: false,
      onCancel: undefined,
      onOver: () => this.#o.lines?.serviceIsOver(),
      respond: (response) => {
        this.#answered(branch, response, this.#o.tx.flow, undefined)
        return true
      },
    }
    branch.service = service
    target.call(service)
  }

  #send(branch: Branch, copy: SipRequest, hop: Hop): void {
    const { layer, context, resender } = this.#core
    const isLost = hop.localAddress !== undefined && context.lost.has(hop.localAddress)
    if (isLost && !this.#rules.leavesLostHost) return this.#finish(branch, this.#own(503))
    const client = layer.request(
      copy,
      hop,
      {
        onResponse: (response, flow) => {
          const via = response.headers.removeFirstValue('Via')
          this.#answered(branch, response, flow, via)
        },
        // §16.6 step 7: an unreachable device counts as 408; RFC 4320 §4.2: for other methods nobody is told.
        onTimeout: () =>
          this.#finish(
            branch,
            this.#invite ? this.#own(this.#cancelled === undefined ? 408 : 487) : this.#lateTimeout(),
          ),
        // §16.9
        onTransportError: () => this.#finish(branch, this.#own(503)),
      },
      { branch: `${layer.newBranch()}.${this.#o.loopHash}` },
    )
    branch.client = client
    resender?.watch(client)
    if (this.#invite) this.#armTimerC(branch)
    if (this.#cancelled !== undefined) this.#cancelBranch(branch, { givenUp: this.#cancelled })
    else if (this.#over) this.#cancelBranch(branch, { answered: this.#finalSent ?? 408 })
    context.log(`${copy.method} ${copy.uri} goes to ${hop.transport} ${hop.remote.address}:${hop.remote.port}`)
  }

  #lateTimeout(): SipResponse | undefined {
    return this.#rules.staysSilentOnTimeout ? undefined : this.#own(408)
  }

  /** An answer of the proxy itself: built on the request as it came, before our Via was on it. */
  #own(status: number, reason?: string): SipResponse {
    return createResponse(this.#o.request, status, reason, { toTag: this.#core.context.random.token(10) })
  }

  // RFC 3261 §16.6 step 11, §16.7 step 2
  #armTimerC(branch: Branch): void {
    branch.timerC?.cancel()
    branch.timerC = this.#core.context.clock.after(this.#core.context.timers.C, () => {
      // §16.8
      if (branch.provisional) {
        this.#cancelBranch(branch, 'no-answer')
      } else {
        branch.client?.terminate()
        this.#finish(branch, this.#own(408))
      }
    })
  }

  // --- answers

  #answered(branch: Branch, response: SipResponse, flow: Flow, ownVia: string | undefined): void {
    const { status } = response
    if (this.#forgotten) return
    if (status === 100) {
      branch.provisional = true
      if (this.#rules.keeps100 || ownVia === undefined) return
    }
    if (response.headers.get('Via') === undefined) return
    if (status < 200) {
      branch.provisional = true
      if (status === 183 && this.#rules.progress === 'is dropped') return
      if (this.#invite && status > 100) this.#armTimerC(branch)
      if (this.#finalSent !== undefined || branch.done || (!this.#invite && status > 100)) return
      this.#noteLeg(branch, response, flow)
      if (branch.line) branch.line.rings()
      else this.#o.lines?.rings()
      const { provisionalDelayMs } = this.#rules
      if (provisionalDelayMs === 0) this.#forward(branch, response, flow)
      else this.#core.context.clock.after(provisionalDelayMs, () => this.#forward(branch, response, flow))
      return
    }
    if (status < 300) {
      if (branch.cancelled && !this.#rules.forwardsCrossingAnswer) return this.#finish(branch, this.#own(487))
      const first = !branch.done
      this.#settle(branch, response)
      if (!this.#invite && this.#finalSent !== undefined) return
      this.#noteLeg(branch, response, flow)
      if (branch.service) this.#o.lines?.answersAsService()
      else if (branch.line) branch.line.answers()
      else this.#o.lines?.answers()
      if (!first && !this.#rules.forwardsAll2xx) return
      this.#finalSent = status
      this.#noAnswerTimer?.cancel()
      this.#o.onSuccess?.(response, flow)
      this.#forward(branch, response, flow)
      // §16.7 step 10
      this.#waiting = []
      if (this.#rules.cancelsLosers) this.#cancelPending({ answered: status })
      if (first) this.#afterSettling()
      return
    }
    if (status < 400 && this.#redirect(branch, response)) return
    const blurred = !this.#rules.forwardsFinals && status !== 401 && status !== 407
    this.#finish(branch, blurred ? this.#own(480) : response)
  }

  /** Asks those whom a 3xx names, where that is our business (§16.5, §16.7 step 4). */
  #redirect(branch: Branch, response: SipResponse): boolean {
    if (branch.done || this.#cancelled || this.#finalSent !== undefined) return false
    const instead = this.#o.onRedirect?.(response)
    if (instead === undefined) return false
    if (typeof instead !== 'number') this.#waiting.unshift(...inGroups(instead, maxBreadth(this.#o.request)))
    this.#finish(branch, typeof instead === 'number' ? this.#own(instead) : undefined)
    return true
  }

  #finish(branch: Branch, response: SipResponse | undefined): void {
    if (branch.done) return
    this.#settle(branch, response)
    const isRefused = this.#invite && (response?.status ?? 0) >= 300
    if (branch.bridge !== this.#o.bridge?.media || (isRefused && !this.#rules.survivesRefusals)) branch.bridge?.close()
    const status = response?.status ?? 0
    const wasUpgraded = this.#o.bridge === undefined && branch.bridge?.upgraded === true
    if ((status === 488 || status === 415) && wasUpgraded && branch.target.kind === 'device') {
      // The device on TLS has no SRTP after all; the caller had not asked for it.
      if (this.#cancelled === undefined && this.#finalSent === undefined) {
        branch.final = undefined
        this.#launch(branch.target, maxBreadth(this.#o.request), true)
        return
      }
    }
    if (status >= 600) {
      // §16.7 step 5: no new branches, the others are called off.
      this.#waiting = []
      this.#cancelPending({ answered: status })
    }
    this.#afterSettling()
  }

  #settle(branch: Branch, response: SipResponse | undefined): void {
    branch.timerC?.cancel()
    branch.done = true
    branch.final = response
    if ((response?.status ?? 300) < 300) return
    branch.line?.declines()
    if (branch.target.kind === 'device') this.#o.onDeclined?.(branch.target, response?.status ?? 408)
  }

  #afterSettling(): void {
    if (!this.#branches.every(({ done }) => done)) return
    if (this.#finalSent !== undefined || this.#over) {
      this.#end()
      return
    }
    if (this.#cancelled === undefined) {
      if (this.#waiting.length > 0) {
        this.#next()
        return
      }
      const is6xx = this.#branches.some(({ final }) => (final?.status ?? 0) >= 600)
      const more = is6xx ? [] : (this.#o.onExhausted?.(this.#why()) ?? [])
      if (more.length > 0) {
        this.#noAnswerTimer?.cancel()
        this.#noAnswer = false
        this.#waiting = inGroups(more, maxBreadth(this.#o.request))
        this.#next()
        return
      }
    }
    this.#respondBest()
    this.#end()
  }

  #why(): Exhaustion {
    return this.#noAnswer ? 'no-answer' : exhaustionOf(this.#branches.map(({ final }) => final?.status ?? 408))
  }

  // §16.7 step 6
  #respondBest(): void {
    const finals = this.#branches.flatMap(({ final }) => (final === undefined ? [] : [final]))
    let best = bestResponse(finals, !this.#rules.choosesBest)
    if (best === undefined) {
      if (!this.#invite) return
      best = this.#own(408)
    }
    if (best.status === 503 && this.#rules.hides503) best = this.#own(500)
    this.#finalSent = best.status
    passResponse(this.#core.context, best, this.#o.call, this.#o.tx.request)
    this.#o.tx.respond(best)
    this.#o.onRefused?.()
  }

  #forward(branch: Branch, response: SipResponse, flow: Flow): void {
    const { bridge } = branch
    const isLed = this.#o.bridge === undefined || this.#rules.anchorsChanges
    if (bridge !== undefined && response.body.length > 0 && isLed) {
      const from = this.#o.bridge?.from === 'callee' ? 'caller' : 'callee'
      passBody(response, bridge, from, flow, branch.carried)
    }
    if (this.#invite && this.#o.bridge === undefined) passProgress(this.#rules, this.#o.request, response, bridge)
    passResponse(this.#core.context, response, this.#o.call, this.#o.tx.request)
    this.#o.tx.respond(response)
  }

  /** Remembers the dialog that a response makes. */
  #noteLeg(branch: Branch, response: SipResponse, flow: Flow): void {
    const { call } = this.#o
    const { tag } = response.to
    if (call === undefined || tag === undefined || this.#o.bridge !== undefined) return
    if (branch.target.kind === 'service' || this.#o.request.to.tag !== undefined) return
    call.noteLeg(tag, response, flow, branch.bridge)
  }

  // --- the end

  // §16.10
  #cancel(cancel: ServerTransaction): void {
    const { random } = this.#core.context
    const refusal = refusalOfCancel(this.#core.context, cancel, this.#o.tx.flow)
    if (refusal !== undefined) {
      cancel.respond(refusal)
      return
    }
    cancel.respond(createResponse(cancel.request, 200, undefined, { toTag: random.token(10) }))
    if (!this.#invite) return
    if (this.#finalSent !== undefined) {
      if (this.#rules.lateCancelEndsCall) this.#core.calls.forget(this.#o.call)
      return
    }
    this.#o.lines?.cancelled()
    if (!this.#rules.remembersCrossingCall) this.#core.calls.forget(this.#o.call)
    if (!this.#rules.forwardsCancel) return
    const { request } = cancel
    this.#cancelled = request
    this.#waiting = []
    const { cancelDelayMs } = this.#rules
    if (cancelDelayMs === 0) this.#cancelPending({ givenUp: request })
    else this.#core.context.clock.after(cancelDelayMs, () => this.#cancelPending({ givenUp: request }))
  }

  #cancelPending(because: Because): void {
    const givenUp = typeof because === 'object' && 'givenUp' in because
    const some = givenUp && !this.#rules.cancelsAllBranches ? this.#branches.slice(0, 1) : this.#branches
    for (const branch of some) this.#cancelBranch(branch, because)
  }

  #cancelBranch(branch: Branch, because: Because): void {
    if (branch.done || branch.cancelled || !this.#invite) return
    if (!branch.provisional && !this.#rules.keepsEarlyCancel) return
    branch.cancelled = true
    branch.client?.cancel({ headers: reasonsFor(because, this.#rules) })
    branch.service?.onCancel?.()
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    this.#noAnswerTimer?.cancel()
    const success = this.#finalSent !== undefined && this.#finalSent < 300
    const { call } = this.#o
    if (call === undefined || this.#o.request.to.tag !== undefined) return
    call.final = this.#finalSent
    // A service that answered is a dialog of its own, past the proxy; a device that rang before is out of it.
    if (!success || !call.isUp) this.#core.calls.end(call)
  }
}
