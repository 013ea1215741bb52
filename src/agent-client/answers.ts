/** What a call agent answers. Its own types where it has some, so that client and agent cannot come to differ. */
import type { AgentStats as Gauges } from '../../k6/lib/records.js'
import type { WaveAnswer } from '../load/wave-records.js'

export type { RunRecord, RunWaveRecords } from '../../k6/lib/records.js'
export type { CallRecord, LegRecord } from '../load/call-record.js'
export type { StormReport as RegistrationReport } from '../load/registration-storm.js'

/** `GET /v1/health` */
export interface AgentHealth {
  /** Orders are taken. */
  readonly ready: boolean
  /** Threads that make calls. */
  readonly workers: number
}

/** `POST /v1/calls`, at the final answer to the INVITE. */
export interface CallAnswer {
  readonly id: string
  /** Of the final response; 408 where none came. */
  readonly status: number
  /** Milliseconds until the first answer that is audible or visible; null where there was none. */
  readonly setupMs: number | null
  /** Name on the published list, else its address; null where there is no audio. */
  readonly relay: string | null
  /** In words, where it did not go as it should. */
  readonly reason?: string
}

/** `POST /v1/waves`: an array for each field, a row for each call and for each end of a call that was ours. */
export interface WaveRecords extends WaveAnswer {
  /** What was wrong with the generator meanwhile; empty where it kept up. */
  readonly generator: readonly string[]
}

/** `GET /v1/stats` */
export interface AgentStats extends Gauges {
  /** Orders are refused (503): it is about to end. */
  readonly draining: boolean
  /** `delaysMs`: of each account, from its first try until it was registered. */
  readonly registrations: { readonly registered: number; delaysMs: number[] }
  /** Why what is measured says nothing of the target; empty where the generator keeps up. */
  readonly problems: readonly string[]
}
