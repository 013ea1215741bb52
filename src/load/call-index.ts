/** Which call of ours a message on the shared sockets, or a call that rings, belongs to. */
import type { IncomingCall } from '../agent/call.js'
import type { WireEvent } from '../transport/recording-network.js'
import { callIdsIn, type MessageLog } from './call-recorder.js'
import type { Line } from './line.js'

/** As much of a call as is looked at. */
export interface IndexedCall {
  readonly id: string
  /** User part of the account that calls; empty as long as it is not known. */
  readonly callerUser: string
  readonly messages: MessageLog
}

/** Call-IDs whose call is not known yet. */
const MOST_PENDING = 256
const MOST_PENDING_MESSAGES = 8

export class CallIndex<Call extends IndexedCall> {
  readonly #byCallId = new Map<string, Call>()
  readonly #callIds = new Map<Call, Set<string>>()
  /** Calls that are to ring a line, oldest first. */
  readonly #expected = new Map<Line, Call[]>()
  /** Requests that came before anybody knew what call they belong to. */
  readonly #pending = new Map<string, WireEvent[]>()

  /** From now on the Call-ID means this call. */
  know(callId: string, call: Call): void {
    this.#byCallId.set(callId, call)
    const callIds = this.#callIds.get(call) ?? new Set()
    this.#callIds.set(call, callIds.add(callId))
    for (const event of this.#pending.get(callId) ?? []) call.messages.add(event)
    this.#pending.delete(callId)
  }

  /** The call is to ring this line. */
  expect(line: Line, call: Call): void {
    this.#expected.set(line, [...(this.#expected.get(line) ?? []), call])
  }

  /** The call that rings a line; undefined where nobody ordered it. It is expected no longer. */
  arrived(line: Line, incoming: IncomingCall): Call | undefined {
    // RFC 3261 §16.6: proxies leave the Call-ID alone; what changes it is known by who was to be called by whom.
    const known = this.#byCallId.get(incoming.id)
    const expected = this.#expected.get(line) ?? []
    const from = incoming.invite.from.uri
    const call =
      known !== undefined && expected.includes(known)
        ? known
        : (expected.find((one) => from.includes(one.callerUser)) ?? (known === undefined ? expected[0] : undefined))
    if (call === undefined) return undefined
    this.#expectNoMore(line, call)
    this.know(incoming.id, call)
    return call
  }

  /** Keeps a piece of signalling with the call that it belongs to. @returns that call's id, where it is known */
  heard(event: WireEvent): string | undefined {
    if (event.data === undefined) return undefined
    let found: string | undefined
    for (const callId of callIdsIn(event.data, event.transport === 'udp')) {
      const call = this.#byCallId.get(callId)
      if (call !== undefined) {
        found = call.id
        call.messages.add(event)
      } else if (event.direction === 'in' && isInvite(event.data)) {
        this.#keepForLater(callId, event)
      }
    }
    return found
  }

  /** The call is over. */
  forget(call: Call): void {
    for (const callId of this.#callIds.get(call) ?? []) this.#byCallId.delete(callId)
    this.#callIds.delete(call)
    for (const line of this.#expected.keys()) this.#expectNoMore(line, call)
  }

  #expectNoMore(line: Line, call: Call): void {
    const rest = (this.#expected.get(line) ?? []).filter((one) => one !== call)
    if (rest.length > 0) this.#expected.set(line, rest)
    else this.#expected.delete(line)
  }

  #keepForLater(callId: string, event: WireEvent): void {
    const list = this.#pending.get(callId)
    if (list !== undefined) {
      if (list.length < MOST_PENDING_MESSAGES) list.push(event)
      return
    }
    const oldest = this.#pending.keys().next()
    if (this.#pending.size >= MOST_PENDING && oldest.done !== true) this.#pending.delete(oldest.value)
    this.#pending.set(callId, [event])
  }
}

function isInvite(data: Buffer): boolean {
  return data.toString('latin1', 0, 7) === 'INVITE '
}
