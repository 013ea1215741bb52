/** What is remembered of the calls and requests of our devices, to know what the target may be blamed for. */
import type { NameAddr, Via } from '../../message/message.js'
import type { Endpoint } from '../../transport/network.js'
import type { ScannedSdp } from '../sdp-scan.js'
import { BoundedMap } from './bounded-map.js'
import type { Leg } from './legs.js'

/** A request that one of our devices sent. */
export interface SentRequest {
  readonly device: string
  readonly at: number
  readonly transport: 'udp' | 'tcp' | 'tls'
  readonly remote: Endpoint
  readonly method: string
  readonly callId: string
  readonly cseq: number
  readonly from: NameAddr
  readonly to: NameAddr
  readonly vias: readonly Via[]
  readonly maxForwards: number | undefined
  /** It breaks the grammar, usually on purpose: responses to it are not judged by what they copied. */
  readonly odd: boolean
  readonly sdp: ScannedSdp | undefined
  /** Of the first final response that is no success; kept by EXAM-TAGS. */
  refusal: { readonly status: number; readonly tag: string; readonly at: number } | undefined
}

/** One peer of a call as one device sees it, told by the peer's tag. */
export interface PeerDialog {
  readonly tag: string
  /** Highest CSeq number of the peer's own requests; kept by EXAM-CSEQ, as the next two. */
  highest: number
  highestAt: number
  /** `number method` of the peer's own requests. */
  readonly numbers: string[]
  /** Our tags of the dialogs with this peer for which there was a 2xx, and no BYE yet. */
  readonly confirmed: Set<string>
  lastSdp: ScannedSdp | undefined
  /** What carried it: `request 2`. */
  lastSdpIn: string
}

/** A device's side of a call. */
export interface Side {
  readonly device: string
  /** Tags that the device gave itself. */
  readonly tags: string[]
  readonly dialogs: PeerDialog[]
  readonly legs: Leg[]
}

export interface Call {
  /** `cseq method` of the requests that our devices sent in it. */
  readonly sent: string[]
  readonly sides: Side[]
}

/** Short lists instead of maps: under load there are many calls, and little to each. */
const MOST_PER_CALL = 100

export class Calls {
  readonly #calls: BoundedMap<string, Call>
  readonly #transactions: BoundedMap<string, SentRequest[]>

  /** @param calls how many to remember @param transactions the same */
  constructor(calls: number, transactions: number) {
    this.#calls = new BoundedMap(calls)
    this.#transactions = new BoundedMap(transactions)
  }

  find(callId: string): Call | undefined {
    return this.#calls.get(callId)
  }

  call(callId: string): Call {
    const known = this.#calls.get(callId)
    if (known !== undefined) return known
    const call: Call = { sent: [], sides: [] }
    this.#calls.set(callId, call)
    return call
  }

  side(call: Call, device: string): Side {
    for (const side of call.sides) if (side.device === device) return side
    const side: Side = { device, tags: [], dialogs: [], legs: [] }
    if (call.sides.length < MOST_PER_CALL) call.sides.push(side)
    return side
  }

  dialog(side: Side, tag: string): PeerDialog {
    for (const dialog of side.dialogs) if (dialog.tag === tag) return dialog
    const dialog: PeerDialog = {
      tag,
      highest: -1,
      highestAt: 0,
      numbers: [],
      confirmed: new Set(),
      lastSdp: undefined,
      lastSdpIn: '',
    }
    if (side.dialogs.length < MOST_PER_CALL) side.dialogs.push(dialog)
    return dialog
  }

  /** Notes a tag that the device gave. */
  tag(side: Side, tag: string): void {
    if (!side.tags.includes(tag) && side.tags.length < MOST_PER_CALL) side.tags.push(tag)
  }

  /** Requests of ours under that branch: INVITE and CANCEL share one, and a story may use one again. */
  sentUnder(branch: string): readonly SentRequest[] | undefined {
    return this.#transactions.get(branch)
  }

  /** @returns false for a repetition */
  add(branch: string, request: SentRequest): boolean {
    const { callId, cseq, method } = request
    const call = this.call(callId)
    if (call.sent.length < MOST_PER_CALL) call.sent.push(`${cseq} ${method}`)
    const known = this.#transactions.get(branch)
    if (known === undefined) {
      this.#transactions.set(branch, [request])
      return true
    }
    if (known.some((one) => one.method === method && one.cseq === cseq && one.callId === callId)) return false
    if (known.length < 8) known.push(request)
    return true
  }
}

/** The call is over for media when none of its dialogs is left. */
export function endIfOver(side: Side, at: number, byTarget: boolean): void {
  for (const dialog of side.dialogs) if (dialog.confirmed.size > 0) return
  for (const leg of side.legs) {
    if (leg.endedAt !== Infinity) continue
    leg.endedAt = at
    leg.endedByTarget = byTarget
  }
}
