import type { SipMessage, SipRequest } from '../message/message.js'
import type { Flow } from '../transport/flow.js'
import type { MediaBridge, SideName } from './media-bridge.js'
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
  readonly callee: CallSide
  readonly bridge: MediaBridge | undefined
}

/** What the proxy remembers of a request that began a dialog, or may do so. */
export class ProxiedCall {
  readonly callId: string
  readonly callerTag: string
  readonly caller: CallSide
  readonly relay: Relay | undefined
  /** By the tag that the callee chose. */
  readonly legs = new Map<string, CallLeg>()
  /** Set where the caller's number is withheld (SC-7): what is shown in place of From's URI. */
  readonly shownFrom: string | undefined
  /** When it came to an end, ms of the clock. */
  endedAt: number | undefined
  touchedAt: number

  constructor(o: {
    request: SipRequest
    flow: Flow
    relay: Relay | undefined
    shownFrom: string | undefined
    now: number
  }) {
    this.callId = o.request.callId
    this.callerTag = o.request.from.tag ?? ''
    this.caller = { flow: o.flow, contact: contactOf(o.request) }
    this.relay = o.relay
    this.shownFrom = o.shownFrom
    this.touchedAt = o.now
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
  readonly #calls = new Map<string, ProxiedCall[]>()

  add(call: ProxiedCall): void {
    const list = this.#calls.get(call.callId)
    if (list === undefined) this.#calls.set(call.callId, [call])
    else list.push(call)
  }

  find(request: SipRequest): InDialog | undefined {
    const fromTag = request.from.tag ?? ''
    const toTag = request.to.tag
    if (toTag === undefined) return undefined
    for (const call of this.#calls.get(request.callId) ?? []) {
      if (call.callerTag === fromTag) {
        const leg = call.legs.get(toTag)
        if (leg !== undefined) return { call, leg, from: 'caller' }
      }
      if (call.callerTag === toTag) {
        const leg = call.legs.get(fromTag)
        if (leg !== undefined) return { call, leg, from: 'callee' }
      }
    }
    return undefined
  }

  remove(call: ProxiedCall): void {
    const rest = (this.#calls.get(call.callId) ?? []).filter((other) => other !== call)
    if (rest.length === 0) this.#calls.delete(call.callId)
    else this.#calls.set(call.callId, rest)
  }

  *all(): Iterable<ProxiedCall> {
    for (const list of this.#calls.values()) yield* list
  }
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
