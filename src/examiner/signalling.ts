/** Takes SIP messages in their order: learns from what our devices send, and shows the checks what the target sends. */
import type { SipRequest, SipResponse } from '../message/message.js'
import { closest } from './copied.js'
import type { Descriptions } from './descriptions.js'
import { endIfOver, type SentRequest } from './memory/calls.js'
import type { Memory } from './memory/memory.js'
import { quietly, viasOf } from './reading.js'
import type { ResponseSeen } from './seen.js'
import type { SeenGarbage, SeenMessage } from './types.js'
import type { Violations } from './violations.js'
import type { Watches } from './watches.js'

export class Signalling {
  readonly #memory: Memory
  readonly #watches: Watches
  readonly #violations: Violations
  readonly #descriptions: Descriptions

  constructor(memory: Memory, watches: Watches, violations: Violations, descriptions: Descriptions) {
    this.#memory = memory
    this.#watches = watches
    this.#violations = violations
    this.#descriptions = descriptions
  }

  message(seen: SeenMessage): void {
    // A retransmission says nothing new.
    if (seen.again === true) return
    const { message, direction } = seen
    if (direction === 'out') {
      if (seen.violations.length > 0) this.#noteOdd(message.kind)
      this.#memory.sentMessages.add(message)
      for (const watch of this.#watches.on.sent) watch(message)
      if (message.kind === 'request') this.#requestOut(seen, message)
      else this.#responseOut(seen, message)
      return
    }
    if (this.#memory.isOwn(seen.remote)) return
    if (message.kind === 'request') this.#requestIn(seen, message)
    else this.#responseIn(seen, message)
  }

  garbage(seen: SeenGarbage): void {
    const { oddRequests, oddResponses, peers } = this.#memory
    if (this.#memory.isOwn(seen.remote) || oddRequests || oddResponses || !peers.has(seen.remote)) return
    for (const watch of this.#watches.on.garbage) watch(seen)
  }

  #noteOdd(kind: 'request' | 'response'): void {
    if (kind === 'request') this.#memory.oddRequests = true
    else this.#memory.oddResponses = true
  }

  // ── what our devices send ─────────────────────────────────────────────────────────────────────────────────────

  #requestOut(seen: SeenMessage, request: SipRequest): void {
    const { device, at, transport, remote } = seen
    const { calls, peers } = this.#memory
    peers.learn(request, remote)
    const read = quietly(() => {
      const { callId, from, to } = request
      return { callId, cseq: request.cseq.number, from, to, vias: viasOf(request) }
    })
    if (read === undefined) {
      this.#noteOdd('request')
      return
    }
    const { callId, cseq, from, to, vias } = read
    const { method } = request
    const sdp = this.#descriptions.in(seen)
    const side = calls.side(calls.call(callId), device)
    if (from.tag !== undefined) calls.tag(side, from.tag)
    if (sdp !== undefined) this.#descriptions.sent(seen, sdp, side)
    const branch = vias[0]?.branch
    if (branch === undefined || method === 'ACK') return
    calls.add(branch, {
      device,
      at,
      transport,
      remote,
      method,
      callId,
      cseq,
      from,
      to,
      vias,
      maxForwards: quietly(() => request.maxForwards),
      odd: seen.violations.length > 0,
      sdp,
      refusal: undefined,
    })
  }

  #responseOut(seen: SeenMessage, response: SipResponse): void {
    const read = quietly(() => ({ callId: response.callId, from: response.from, to: response.to, cseq: response.cseq }))
    if (read === undefined) {
      this.#noteOdd('response')
      return
    }
    const { calls, ownTags } = this.#memory
    const { callId, from, to, cseq } = read
    const side = calls.side(calls.call(callId), seen.device)
    if (to.tag !== undefined) {
      calls.tag(side, to.tag)
      ownTags.set(to.tag, true)
    }
    if (cseq.method === 'INVITE') {
      const dialog = calls.dialog(side, from.tag ?? '')
      if (response.status >= 200 && response.status < 300) dialog.confirmed.add(to.tag ?? '')
      else if (response.status >= 300) endIfOver(side, seen.at, false)
    }
    const sdp = this.#descriptions.in(seen)
    if (sdp !== undefined) this.#descriptions.sent(seen, sdp, side)
  }

  // ── what the target sends ─────────────────────────────────────────────────────────────────────────────────────

  #requestIn(seen: SeenMessage, request: SipRequest): void {
    const { branches, calls, peers } = this.#memory
    const read = quietly(() => {
      const { callId, cseq, from, to, via } = request
      return { callId, cseq, from, to, via }
    })
    if (read === undefined) {
      if (peers.has(seen.remote)) this.#violations.judge(seen)
      return
    }
    const { callId, cseq, from, to, via } = read
    const known = calls.find(callId)
    const origin = this.#originOf(request)
    // A proxy hands on what our devices sent, and a back-to-back user agent may keep Call-ID and CSeq.
    const handedOn = origin !== undefined || known?.sent.includes(`${cseq.number} ${cseq.method}`) === true
    // Scanners of the Internet are no concern of the target.
    if (!(handedOn || known !== undefined || peers.has(seen.remote) || peers.asksForUs(request))) return
    const side = calls.side(known ?? calls.call(callId), seen.device)
    const dialog = calls.dialog(side, from.tag ?? '')
    const odd = origin?.odd ?? this.#memory.oddRequests
    const earlier = branches.earlier(via, callId, cseq.number, request.method, seen.device)
    const requestSeen = { seen, request, callId, cseq, from, to, via, origin, earlier, handedOn, side, dialog, odd }
    this.#watches.judged.requests++
    for (const watch of this.#watches.on.request) watch(requestSeen)
    this.#violations.judge(seen)
    const sdp = this.#descriptions.in(seen)
    if (sdp !== undefined) {
      const carrier = `request ${cseq.number}`
      this.#descriptions.arrived({ seen, sdp, callId, side, dialog, sent: undefined, odd, carrier, settled: true })
    }
    if (request.method === 'BYE') {
      dialog.confirmed.delete(to.tag ?? '')
      // A BYE of another device of ours ends the call when that one has its answer: until then its audio is on its way.
      if (!handedOn) endIfOver(side, seen.at, true)
    }
  }

  /** The request of ours that a proxy made this one of: our branch stands below the topmost Via. */
  #originOf(request: SipRequest): SentRequest | undefined {
    const vias = quietly(() => viasOf(request)) ?? []
    for (let i = 1; i < vias.length; i++) {
      const branch = vias[i]?.branch
      const found = branch === undefined ? undefined : this.#memory.calls.sentUnder(branch)
      const same = found?.find((one) => one.method === request.method) ?? found?.[0]
      if (same !== undefined) return same
    }
    return undefined
  }

  #responseIn(seen: SeenMessage, response: SipResponse): void {
    const read = quietly(() => {
      const { callId, from, to, cseq } = response
      return { vias: viasOf(response), callId, from, to, cseq }
    })
    if (read === undefined) {
      if (this.#memory.peers.has(seen.remote)) this.#violations.judge(seen)
      return
    }
    const branch = read.vias[0]?.branch
    const candidates = branch === undefined ? undefined : this.#memory.calls.sentUnder(branch)
    const [first] = candidates ?? []
    // Not an answer to anything of ours, or to what was forgotten.
    if (candidates === undefined || first === undefined) return
    const { sent, differences } = closest(first, candidates, read)
    const { callId, cseq, from, to, vias } = read
    const odd = sent.odd || this.#memory.oddResponses
    const responseSeen = { seen, response, callId, cseq, from, to, vias, sent, candidates, differences, odd }
    this.#watches.judged.responses++
    for (const watch of this.#watches.on.response) watch(responseSeen)
    this.#violations.judge(seen, sent)
    if (differences.length === 0) this.#follow(responseSeen)
  }

  /** What a response changes in its call. */
  #follow({ seen, response, callId, cseq, from, to, sent, odd }: ResponseSeen): void {
    const { status } = response
    const { calls } = this.#memory
    const side = calls.side(calls.call(callId), seen.device)
    const dialog = calls.dialog(side, to.tag ?? '')
    const isSuccess = status >= 200 && status < 300
    if (sent.method === 'INVITE' && isSuccess) dialog.confirmed.add(from.tag ?? '')
    const sdp = this.#descriptions.in(seen)
    if (sdp !== undefined) {
      const carrier = `response ${cseq.number}`
      const settled = status >= 200
      this.#descriptions.arrived({ seen, sdp, callId, side, dialog, sent, odd, carrier, settled })
    }
    // §15.1.1: 481 and 408 end it, too; a challenge or a refusal does not.
    if (sent.method === 'BYE' && (isSuccess || status === 481 || status === 408)) {
      dialog.confirmed.delete(from.tag ?? '')
      for (const one of calls.call(callId).sides) endIfOver(one, seen.at, false)
    } else if (sent.method === 'INVITE' && status >= 300 && sent.to.tag === undefined) {
      // A copy of a challenge that arrives when the next INVITE is out ends nothing.
      if (calls.call(callId).sent.findLast((one) => one.endsWith(' INVITE')) !== `${cseq.number} INVITE`) return
      endIfOver(side, seen.at, false)
    }
  }
}
