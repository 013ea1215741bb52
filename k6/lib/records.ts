// What a call agent answers, and what it is told.

/** One end of a call. */
export interface LegRecord {
  role: 'caller' | 'callee'
  relay: string
  packetsSent: number
  packetsReceived: number
  packetsLost: number
  packetsExpected: number
  jitterMs?: number
  roundTripMs?: number
  mos?: number
}

/** What became of a call. */
export interface CallRecord {
  id: string
  status: number
  end: string
  relay: string
  codec?: string
  transport: string
  family: string
  /** It went as it was meant to, with audio in both directions where it was to be answered. */
  success: boolean
  twoWay: boolean
  /** Absent: it was meant to be answered. */
  outcome?: string
  name?: string
  /** Why it is no success. */
  reason?: string
  setupMs?: number
  disconnectMs?: number
  legs: LegRecord[]
}

/** What was not measured is null. */
type Column = (number | null)[]

/** What became of a wave: an array for each field, a row for each call and for each end of a call. */
export interface WaveRecords {
  /** Calls that were made. */
  count: number
  /** Calls that began later than ordered, as the target file's limits did not allow them yet. */
  heldBack: number
  /** Why calls failed, and how many. */
  failed: Record<string, number>
  /** What was wrong with the generator meanwhile; empty where it kept up. */
  generator: string[]
  tags: Record<string, string>[]
  calls: Record<'tags' | 'success' | 'twoWay' | 'setupMs' | 'disconnectMs', Column>
  legs: Record<'tags' | 'sent' | 'received' | 'lost' | 'lossRatio' | 'jitterMs' | 'roundTripMs' | 'mos', Column>
}

/** What came of a scenario: a check that did not hold is among its checks. */
export interface RunRecord {
  id: string
  variant: { transport: string; family: string }
  verdict: Verdict
  reason: string
  /** Why it did not pass, as a code: `rule-broken`, `call-refused`. */
  reasonCode?: string
  durationMs: number
  checks: { id: string; level: string; rule: string; verdict: string; expected: string; actual: string }[]
}

export type Verdict = 'pass' | 'warn' | 'fail' | 'inconclusive' | 'unsupported' | 'not applicable' | 'error'

/** What came of a wave of scenarios: those that came to the same are one group. */
export interface RunWaveRecords {
  count: number
  /** Runs that began later than ordered, as limits or accounts of the target file did not allow them yet. */
  heldBack: number
  /** Checks that failed, `media/two-way: calleeHears`, and in how many runs. */
  failed: Record<string, number>
  runs: {
    scenario: string
    transport: string
    family: string
    verdict: Verdict
    reasonCode?: string
    durationsMs: number[]
  }[]
}

/** Devices that register: all at once as after a power failure, or two of each account by turns. */
export type RegistrationOrder =
  | { again: true; overMs?: number; withinMs?: number }
  | { flap: { everyMs?: number; forMs: number } }

export interface RegistrationReport {
  devices: number
  registered: number
  tries: number
  /** By final status. */
  refused: Record<string, number>
  delaysMs: number[]
  /** Until the last one was over. */
  tookMs: number
}

export interface AgentStats {
  activeCalls: number
  settingUp: number
  started: number
  ended: number
  sendLatenessP99Ms: number
  eventLoopLagP99Ms: number
  /** Scenarios that run as load. */
  runs: { started: number; ended: number; waiting: number; running: number }
  registrations: { delaysMs: number[] }
}

/** A threshold that was crossed. */
export interface Crossing {
  metric: string
  condition: string
  measured: number
  /** Where it is about one relay. */
  relay?: string
}

/** What is driven up: calls at a time, or calls a second. */
export type Quantity = 'calls at a time' | 'calls a second'

/** What became of one step. */
export interface Step {
  what: Quantity
  level: number
  /** Something gave way before, and it is tried with little whether all is well again. */
  recovery?: true
  ok: boolean
  /** What gave way. */
  crossed: Crossing[]
  /** Calls by relay. */
  relays: Record<string, number>
  /** What was wrong with the generator meanwhile; then the step says nothing of the target. */
  generator: string[]
  /** Seconds since the last step that gave way was over. */
  afterS?: number
}
