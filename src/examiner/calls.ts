/** What is remembered of the calls and requests of our devices, to know what the target may be blamed for. */
import type { NameAddr, Via } from '../message/message.js'
import type { Endpoint } from '../transport/network.js'
import { Memory } from './memory.js'
import type { Leg } from './media.js'
import type { ScannedSdp } from './sdp-scan.js'

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
  /** It breaks the grammar, as a rule on purpose: answers to it are not judged by what they copied. */
  readonly odd: boolean
  readonly sdp: ScannedSdp | undefined
  /** Of the first final response that is no success. */
  refusal: { readonly status: number; readonly tag: string; readonly at: number } | undefined
}

/** One peer of a call as one device sees it, told by the peer's tag. */
export interface PeerDialog {
  /** Highest CSeq number of the peer's own requests. */
  highest: number
  highestAt: number
  /** The method that each number was used for. */
  readonly numbers: Map<number, string>
  /** There was a 2xx, and no BYE yet. */
  confirmed: boolean
  lastSdp: ScannedSdp | undefined
}

/** One device's side of a call. */
export interface Side {
  readonly device: string
  /** Tags that the device gave itself. */
  readonly tags: Set<string>
  readonly dialogs: Map<string, PeerDialog>
  readonly legs: Set<Leg>
}

export interface Call {
  /** `cseq method` of the requests that our devices sent in it. */
  readonly sent: Set<string>
  readonly sides: Map<string, Side>
}

const MOST_PER_CALL = 500

export class Calls {
  private readonly calls: Memory<string, Call>
  private readonly transactions: Memory<string, SentRequest[]>

  constructor(limit: number) {
    this.calls = new Memory(limit)
    this.transactions = new Memory(limit)
  }

  find(callId: string): Call | undefined {
    return this.calls.get(callId)
  }

  call(callId: string): Call {
    const known = this.calls.get(callId)
    if (known !== undefined) return known
    const call: Call = { sent: new Set(), sides: new Map() }
    this.calls.set(callId, call)
    return call
  }

  side(call: Call, device: string): Side {
    const known = call.sides.get(device)
    if (known !== undefined) return known
    const side: Side = { device, tags: new Set(), dialogs: new Map(), legs: new Set() }
    if (call.sides.size < MOST_PER_CALL) call.sides.set(device, side)
    return side
  }

  dialog(side: Side, tag: string): PeerDialog {
    const known = side.dialogs.get(tag)
    if (known !== undefined) return known
    const dialog: PeerDialog = {
      highest: -1,
      highestAt: 0,
      numbers: new Map(),
      confirmed: false,
      lastSdp: undefined,
    }
    if (side.dialogs.size < MOST_PER_CALL) side.dialogs.set(tag, dialog)
    return dialog
  }

  /** Requests of ours under that branch: INVITE and CANCEL share one, and a story may use one again. */
  sentUnder(branch: string): readonly SentRequest[] | undefined {
    return this.transactions.get(branch)
  }

  add(branch: string, request: SentRequest): void {
    const { callId, cseq, method } = request
    const call = this.call(callId)
    if (call.sent.size < MOST_PER_CALL) call.sent.add(`${cseq} ${method}`)
    const known = this.transactions.get(branch)
    if (known === undefined) {
      this.transactions.set(branch, [request])
      return
    }
    const repeated = known.some((one) => one.method === method && one.cseq === cseq && one.callId === callId)
    if (!repeated && known.length < 8) known.push(request)
  }
}
