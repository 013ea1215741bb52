/** What the main thread of a call agent and its workers say to each other. All of it survives a structured clone. */
import type { AccessLine } from '../transport/access-line.js'
import type { StandingNote } from '../result/finding.js'
import type { LatenessCounts } from '../media/lateness.js'
import type { TargetAccount, TargetDocument } from '../target/target-schema.js'
import type { Hop, TransportName } from '../transport/flow.js'
import type { Endpoint, Family } from '../transport/network.js'
import type { HepCollector } from '../worlds/hep-sender.js'
import type { CallOrder } from './call-order.js'
import type { CallRecord, EndCause } from './call-record.js'
import type { ContactMade, DialogLeft, Left } from './left.js'
import type { LocalAddresses } from '../worlds/local-addresses.js'
import type { StormOrder, StormReport } from './registration-storm.js'

/** A way to the target that was found. */
export interface Way {
  readonly transport: TransportName
  readonly family: Family
  readonly hop: Hop
  /** Host part of addresses-of-record. */
  readonly domain: string
}

export interface WorkerData {
  readonly index: number
  readonly workers: number
  /** Without accounts: those of this worker are below. */
  readonly document: TargetDocument
  readonly accounts: readonly TargetAccount[]
  readonly ways: readonly Way[]
  /** The way that accounts register. */
  readonly home: Pick<Way, 'transport' | 'family'>
  /** What DNS gave for the target's names: nothing is sent elsewhere, but to what its file says. */
  readonly reach: readonly string[]
  /** Our address towards the target. */
  readonly addresses: Readonly<Partial<Record<Family, string>>>
  /** Addresses that the devices are spread over, where that was asked for. */
  readonly locals?: LocalAddresses | undefined
  /** The access line that the devices are behind. */
  readonly line?: AccessLine | undefined
  /** Where every SIP message is sent, too: a collector by its address. */
  readonly hep?: HepCollector | undefined
  /** PEM. */
  readonly authority: string | undefined
  /** Where the numbers of audio patterns begin. */
  readonly patternBase: number
  /** What the thread left at the target in whose place this one is. */
  readonly left?: Left | undefined
}

export type ToWorker =
  | { readonly kind: 'call'; readonly id: string; readonly order: CallOrder }
  | { readonly kind: 'hang-up'; readonly id: string; readonly why: EndCause }
  /** Calls of a wave, ascending by their beginnings; what becomes of them is told in `events`. */
  | { readonly kind: 'wave'; readonly wave: string; readonly calls: readonly CallOfWave[] }
  | { readonly kind: 'end-wave'; readonly wave: string; readonly why: EndCause }
  | { readonly kind: 'register-again'; readonly order: StormOrder }
  /** Ends what `register-again` began. */
  | { readonly kind: 'calm' }
  /** The telephones give their accounts up. */
  | { readonly kind: 'retire' }
  /** Asks for the captures of these calls. */
  | { readonly kind: 'captures'; readonly ids: readonly string[] }
  /** Asks what the standing checks noticed. */
  | { readonly kind: 'notes' }
  | { readonly kind: 'stop'; readonly withinMs: number }

/** A call of a wave. */
export interface CallOfWave {
  readonly id: string
  /** When it begins, Unix ms. */
  readonly startAt: number
  readonly order: CallOrder
}

/** What became of a call. */
export type CallEvent =
  /** `lateMs`: how much later than it should. */
  | { readonly kind: 'begun'; readonly id: string; readonly lateMs: number }
  | { readonly kind: 'answered'; readonly id: string; readonly answer: CallAnswer }
  | { readonly kind: 'ended'; readonly id: string; readonly record: CallRecord }
  /** It was given up before it began. */
  | { readonly kind: 'dropped'; readonly id: string }

export type FromWorker =
  | {
      readonly kind: 'ready'
      readonly registered: number
      readonly delaysMs: readonly number[]
      readonly troubles: readonly string[]
      readonly contacts: readonly ContactMade[]
    }
  | CallEvent
  /** Of calls of waves, some milliseconds' worth. */
  | { readonly kind: 'events'; readonly events: readonly CallEvent[] }
  | { readonly kind: 'stormed'; readonly report: StormReport }
  | { readonly kind: 'retired' }
  | { readonly kind: 'second'; readonly sample: WorkerSample }
  | { readonly kind: 'captures'; readonly captures: readonly CallCapture[] }
  | { readonly kind: 'notes'; readonly notes: readonly StandingNote[] }
  | { readonly kind: 'stopped' }

/** What `POST /v1/calls` answers. */
export interface CallAnswer {
  readonly status: number
  readonly setupMs: number | undefined
  readonly relay: string
  readonly reason?: string | undefined
  /** Of a call that is up. */
  readonly dialog?: DialogLeft | undefined
}

/** What happened at one worker since its sample before. */
export interface WorkerSample {
  /** Calls that are up. */
  readonly active: number
  readonly sent: number
  /** Of calls that are up, those whose every end hears what it should by now. */
  readonly hearing: number
  /** By relay: calls that are up, packets received, packets lost. */
  readonly relays: Readonly<Record<string, RelaySample>>
  /** Of calls that are up. */
  readonly jitterMs: readonly number[]
  readonly mos: readonly number[]
  readonly lateness: LatenessCounts
  /** Event-loop lag since the first call, and the longest one in this interval, ms. */
  readonly lagP99Ms: number
  readonly lagMaxMs: number
  /** Share of the interval that the event loop was busy, 0 to 1. */
  readonly busy: number
  /** Packets that the kernel refused to send. */
  readonly sendErrors: number
}

export interface RelaySample extends RelayCounts {
  /** Packets that were sent to ends which heard nothing in this second, though they talk and did in the one before. */
  missed: number
}

export interface RelayCounts {
  calls: number
  received: number
  lost: number
}

/** Everything that is kept of one call for its evidence. */
export interface CallCapture {
  readonly id: string
  readonly packets: readonly CapturedPacket[]
}

export interface CapturedPacket {
  readonly unixMs: number
  readonly role: 'caller' | 'callee' | 'both'
  readonly kind: 'datagram' | 'data' | 'connect' | 'accept' | 'close' | 'error'
  readonly direction: 'in' | 'out'
  readonly transport: TransportName
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly connection?: number | undefined
  readonly data: Uint8Array
}
