/** The calls that lead through the proxy. */
import type { Clock, Timer } from '../clock/clock.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import type { Flow } from '../transport/flow.js'
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import { SWEEP_MS } from './dead-calls.js'
import type { CallLines } from './events/call-lines.js'
import type { MediaBridge } from './media-bridge.js'
import type { SideName } from './passed-offers.js'
import type { Relay } from './relay.js'

/** One end of a dialog that leads through the proxy: where it was last seen. */
export interface CallSide {
  flow: Flow
  /** Its remote target URI as it wrote it into Contact. */
  contact: string | undefined
}

/** One dialog of a call: forking makes several. */
export interface CallLeg {
  readonly tag: string
  /** To of the response that made it. */
  readonly to: string
  readonly callee: CallSide
  readonly bridge: MediaBridge | undefined
  state: 'early' | 'confirmed' | 'ended'
}

/** What the proxy remembers of a request that began a dialog, or may do so. */
export class ProxiedCall {
  readonly callId: string
  readonly callerTag: string
  /** From, as the caller wrote it. */
  readonly from: string
  /** Highest CSeq number that either side has used. */
  readonly cseqs: Record<SideName, number>
  readonly method: string
  readonly caller: CallSide
  /** The address of ours that the request came to. */
  readonly begunAt: string
  readonly relay: Relay | undefined
  /** Of those who take part; undefined: it is no call of people. */
  readonly lines: CallLines | undefined
  /** By the tag that the callee chose. */
  readonly legs = new Map<string, CallLeg>()
  /** Set where the caller's number is withheld (SC-7): what is shown in place of From's URI. */
  readonly shownFrom: string | undefined
  /** Was it made because of a transfer (RFC 3892)? */
  readonly isReferred: boolean
  /** When the last request of it was seen, ms of the clock. */
  touchedAt: number
  ended = false
  /** Status of the final answer to the request, once it was sent. */
  final: number | undefined
  /** Nothing that belongs to it is known any more. */
  forgotten = false

  constructor(o: {
    request: SipRequest
    flow: Flow
    relay: Relay | undefined
    shownFrom: string | undefined
    lines: CallLines | undefined
    now: number
  }) {
    this.callId = o.request.callId
    this.callerTag = o.request.from.tag ?? ''
    this.from = o.request.headers.get('From') ?? ''
    this.cseqs = { caller: o.request.cseq.number, callee: 0 }
    this.method = o.request.method
    this.caller = { flow: o.flow, contact: contactOf(o.request) }
    this.begunAt = o.flow.local.address
    this.relay = o.relay
    this.shownFrom = o.shownFrom
    this.lines = o.lines
    this.isReferred = o.request.headers.has('Referred-By')
    this.touchedAt = o.now
  }

  /** Remembers the dialog that a response makes. @param tag that the callee chose */
  noteLeg(tag: string, response: SipResponse, flow: Flow, bridge: MediaBridge | undefined): void {
    const contact = contactOf(response)
    const isFinal = response.status >= 200
    const known = this.legs.get(tag)
    if (known === undefined) {
      const to = response.headers.get('To') ?? ''
      this.legs.set(tag, { tag, to, callee: { flow, contact }, bridge, state: isFinal ? 'confirmed' : 'early' })
      return
    }
    if (isFinal && known.state === 'early') known.state = 'confirmed'
    known.callee.flow = flow
    known.callee.contact = contact ?? known.callee.contact
  }

  /** Has a device answered it that has not hung up? */
  get isUp(): boolean {
    return [...this.legs.values()].some(({ state }) => state === 'confirmed')
  }

  /** When a sign of life of both sides was seen last: a request, or packets on a relay where they are due. */
  get aliveAt(): number {
    return Math.max(this.touchedAt, ...[...this.legs.values()].map(({ bridge }) => bridge?.aliveAt ?? 0))
  }
}

/** A request that belongs to a dialog that the proxy has seen begin. */
export interface InDialog {
  readonly call: ProxiedCall
  readonly leg: CallLeg
  /** Who sent it. */
  readonly from: SideName
}

/** All calls that are on, by Call-ID and tags. Knowing both tags is what makes a request part of a call. */
export class CallTable {
  readonly #clock: Clock
  readonly #lingerMs: number
  readonly #silenceMs: number
  readonly #onEnd: (call: ProxiedCall) => void
  readonly #onSilence: (call: ProxiedCall) => void
  readonly #calls = new Map<string, ProxiedCall[]>()
  #sweep: Timer | undefined

  /**
   * @param o.lingerMs repetitions and crossing requests still belong to an ended call for so long
   * @param o.silenceMs without a request, and without a packet of a side that is to send, a call counts as dead
   * @param o.onEnd told of each call once, when it ends
   * @param o.onSilence what becomes of a dead call. Default: it ends
   */
  constructor(o: {
    clock: Clock
    lingerMs: number
    silenceMs: number
    onEnd?: (call: ProxiedCall) => void
    onSilence?: (call: ProxiedCall) => void
  }) {
    this.#clock = o.clock
    this.#lingerMs = o.lingerMs
    this.#silenceMs = o.silenceMs
    this.#onEnd = o.onEnd ?? (() => {})
    this.#onSilence = o.onSilence ?? ((call) => this.end(call))
  }

  add(call: ProxiedCall): void {
    const list = this.#calls.get(call.callId)
    if (list === undefined) this.#calls.set(call.callId, [call])
    else list.push(call)
    this.#sweep ??= this.#clock.after(SWEEP_MS, () => this.#sweepUp())
  }

  find(request: SipRequest, flow: Flow): InDialog | undefined {
    const fromTag = request.from.tag ?? ''
    const toTag = request.to.tag
    if (toTag === undefined) return undefined
    for (const call of this.#calls.get(request.callId) ?? []) {
      if (call.callerTag === fromTag) {
        const leg = call.legs.get(toTag)
        if (leg !== undefined) return { call, leg, from: 'caller' }
      }
      if (call.callerTag === toTag) {
        const leg = call.legs.get(fromTag) ?? adopted(call, request, flow)
        if (leg !== undefined) return { call, leg, from: 'callee' }
      }
    }
    return undefined
  }

  /**
   * A BYE ended this dialog; with its last dialog the call is over.
   * @param transferred of the device whose calls that it made because of a transfer end, too
   */
  endLeg(call: ProxiedCall, leg: CallLeg, transferred?: Flow): void {
    leg.state = 'ended'
    if (transferred !== undefined) this.#endReferred(transferred)
    if (!call.isUp) this.end(call)
  }

  /** Media ends now; the dialogs are forgotten somewhat later. */
  end(call: ProxiedCall): void {
    for (const { bridge } of call.legs.values()) bridge?.close()
    call.lines?.over()
    if (call.ended) return
    call.ended = true
    this.#onEnd(call)
    this.#clock.after(this.#lingerMs, () => this.#remove(call))
  }

  /** It ends, and whatever still belongs to it is of an unknown call. */
  forget(call: ProxiedCall | undefined): void {
    if (call === undefined) return
    this.end(call)
    call.forgotten = true
  }

  get size(): number {
    let count = 0
    for (const list of this.#calls.values()) count += list.length
    return count
  }

  /** The calls, answered and not ended, of the devices that this one belongs to. */
  besides(call: ProxiedCall): ProxiedCall[] {
    const places = placesOf(call)
    return this.#answered.filter(
      (other) => other !== call && placesOf(other).some((place) => places.some((own) => sameEndpoint(own, place))),
    )
  }

  /** Has the device there a call that was answered and has not ended? */
  isInCall(device: Endpoint): boolean {
    return this.#answered.some((call) => placesOf(call).some((place) => sameEndpoint(place, device)))
  }

  get #answered(): ProxiedCall[] {
    return [...this.#calls.values()].flat().filter(({ ended, isUp }) => !ended && isUp)
  }

  /** How many have not ended. */
  get on(): number {
    return [...this.#calls.values()].flat().filter(({ ended }) => !ended).length
  }

  close(): void {
    this.#sweep?.cancel()
    for (const list of this.#calls.values())
      for (const call of list) for (const { bridge } of call.legs.values()) bridge?.close()

    this.#calls.clear()
  }

  /** Ends the calls that a device has made because of a transfer. */
  #endReferred({ remote }: Flow): void {
    for (const call of [...this.#calls.values()].flat())
      if (call.isReferred && sameEndpoint(call.caller.flow.remote, remote)) this.end(call)
  }

  #remove(call: ProxiedCall): void {
    const rest = (this.#calls.get(call.callId) ?? []).filter((other) => other !== call)
    if (rest.length === 0) this.#calls.delete(call.callId)
    else this.#calls.set(call.callId, rest)
  }

  /** Looks for what nobody ended: a device went away without a BYE. */
  #sweepUp(): void {
    const now = this.#clock.now()
    for (const list of this.#calls.values())
      for (const call of list) if (!call.ended && now - call.aliveAt > this.#silenceMs) this.#onSilence(call)

    this.#sweep = this.#calls.size === 0 ? undefined : this.#clock.after(SWEEP_MS, () => this.#sweepUp())
  }
}

/** Where the devices of a call that was answered are. */
function placesOf({ caller, legs }: ProxiedCall): Endpoint[] {
  const callees = [...legs.values()].flatMap(({ state, callee }) => (state === 'confirmed' ? [callee] : []))
  return [caller, ...callees].map(({ flow }) => flow.remote)
}

/** RFC 6665 §4.4.1: a NOTIFY may make the dialog before the answer to its SUBSCRIBE does. */
function adopted(call: ProxiedCall, request: SipRequest, flow: Flow): CallLeg | undefined {
  if (call.method === 'INVITE' || request.method !== 'NOTIFY') return undefined
  const tag = request.from.tag ?? ''
  const to = request.headers.get('From') ?? ''
  const leg: CallLeg = { tag, to, callee: { flow, contact: contactOf(request) }, bridge: undefined, state: 'confirmed' }
  call.legs.set(tag, leg)
  return leg
}

/** The first Contact URI of a message. */
export function contactOf(message: SipMessage): string | undefined {
  try {
    const contacts = message.contacts()
    return contacts === '*' ? undefined : contacts[0]?.uri
  } catch {
    return undefined
  }
}
