/** What the commands order, once their options have been checked: `commands/` makes orders, their neighbours carry them out. */
import type { DigestAlgorithm } from '../message/digest.js'
import type { ClockTime } from '../provider/services/local-time.js'
import type { PlantedFault } from '../provider/faults.js'
import type { ReadResult } from '../load/belong-together.js'
import type { LoadShape } from '../load/load-run.js'
import type { RunResult } from '../result/result.js'
import type { NamedBaseline } from '../verdict/comparison/compare.js'
import type { LoadedScenario, Selection } from '../runner/plan.js'
import type { ScenarioFolder } from '../runner/scenario-files.js'
import type { Shard } from '../runner/shards.js'
import type { AccessLine } from '../transport/access-line.js'
import type { KnownDeviations, RunFacts } from '../verdict/facts.js'
import type { HepCollector } from '../worlds/hep-sender.js'
import type { NamedTarget } from '../worlds/target-under-test.js'

/** An access line, and how the user wrote it. */
export interface NetworkOrder {
  readonly text: string
  readonly line: AccessLine
}

/** What all commands that make a report may be ordered. */
export interface ReportOrder {
  /** Folder for the report; default below `reports/`. */
  readonly out?: string | undefined
  /** Gravity from which a broken rule fails the run. Default: letter. */
  readonly failOn?: RunFacts['failOn']
  /** What the run is held against; absent: nothing. */
  readonly baseline?: NamedBaseline | undefined
  /** Fails only on what is worse than in the baseline. */
  readonly onlyRegressions?: boolean | undefined
  /** File with the known deviations, instead of the target file's own. */
  readonly known?: string | undefined
  /** The access line that our devices are put behind; absent: the network as it is. */
  readonly network?: NetworkOrder | undefined
  /** A collector that is sent every SIP message; absent: nobody is. */
  readonly hep?: HepCollector | undefined
  /** An address of this machine that scenarios use as somebody else's; absent: one is looked for. */
  readonly stranger?: string | undefined
}

/** What the command line orders: a conformance run. */
export interface ConformanceOrder extends ReportOrder {
  /** Absent: the embedded provider is started, tested and stopped. */
  readonly target?: NamedTarget | undefined
  readonly scenarios: readonly LoadedScenario[]
  /** Folders of the user's own scenarios, which are among them. */
  readonly own: readonly ScenarioFolder[]
  readonly selection: Selection
  readonly clock: 'wall' | 'virtual'
  readonly seed: number
  readonly faults: readonly PlantedFault[]
  /** What the target is known to do otherwise, read and checked. */
  readonly deviations?: KnownDeviations | undefined
  /** The part of the scenarios that it is, where it is one. */
  readonly shard?: Shard | undefined
  /** What goes over TLS is kept as it is on the wire, with its keys. */
  readonly keepTls?: boolean | undefined
  /** What the user has to know before it is begun, in a sentence. */
  readonly warning?: string | undefined
}

/** What the command line orders: a load. */
export interface LoadOrder extends LoadShape, ReportOrder {
  /** Absent: the embedded provider is started, loaded and stopped. */
  readonly target?: NamedTarget | undefined
  /** The target's own name, where the user repeated it. */
  readonly allowLoad?: string | undefined
  /** Defects of the embedded provider. */
  readonly faults?: readonly PlantedFault[]
  /** What the target is known to do otherwise, read and checked: standing checks look at a load, too. */
  readonly deviations?: KnownDeviations | undefined
  /** Folders of the user's own scenarios. */
  readonly own?: readonly ScenarioFolder[]
}

/** What the command line orders: conformance and a short load, in one report. */
export interface StartOrder extends ReportOrder {
  readonly conformance: ConformanceOrder
}

/** What the command line orders: a call agent. */
export interface AgentOrder {
  /** Absent: the embedded provider is started behind it. */
  readonly target?: NamedTarget | undefined
  /** Port on loopback; 0 for any. */
  readonly port: number
  /** Threads that call; default: one a core. */
  readonly workers?: number | undefined
  /** Devices that are registered; default: 48, or as many as the target has. */
  readonly accounts?: number | undefined
  /** Addresses of this machine, or prefixes of them, that the devices are spread over. */
  readonly local?: readonly string[] | undefined
  /** Bearer token of its API. */
  readonly token: string
  /** Where `/metrics` is answered besides; absent: only on loopback. */
  readonly metricsAt?: HepCollector | undefined
  /** A collector that is sent every SIP message; absent: nobody is. */
  readonly hep?: HepCollector | undefined
  /** Folder for a report of the load that somebody else's k6 makes with it; absent: none. */
  readonly out?: string | undefined
  /** The part of the load that it makes, so that it uses no other part's accounts; absent: all of it. */
  readonly part?: Shard | undefined
  /** Folders of the user's own scenarios. */
  readonly own?: readonly ScenarioFolder[]
}

/** What the command line orders: the embedded provider in the foreground. */
export interface ProviderOrder {
  /** Default: 60. */
  readonly accounts?: number | undefined
  /** File that keeps their passwords from start to start; absent: new ones. */
  readonly passwords?: string | undefined
  readonly faults: readonly PlantedFault[]
  /** Addresses of this machine, at most one of a family; default: loopback addresses. */
  readonly listen?: readonly string[] | undefined
  /** What log-ins are asked for with, the preferred one first. */
  readonly digest: readonly DigestAlgorithm[]
  /** What its clock shows at the start, in its time zone; absent: the time that it is. */
  readonly time?: ClockTime | undefined
  /** Where a target file for it is to be written. */
  readonly writeTarget?: string | undefined
  /** Where the certificate of its authority is to be written. */
  readonly writeCa?: string | undefined
}

/** What the command line orders: a router test. */
export interface RouterOrder {
  readonly host: string
  /** The reflector's port of SIP, and its second one. */
  readonly port: number
  readonly otherPort: number
  /** The longest silence, ms. */
  readonly longestMs: number
  /** Folder for the page; default below `reports/`. */
  readonly out?: string | undefined
}

/** What the command line orders: the far end of router tests in the foreground. */
export interface ReflectorOrder {
  readonly addresses: readonly string[]
  readonly ports: readonly number[]
}

/** What came of a run: the result as written, and where it was written. */
export interface RunEnd {
  readonly result: RunResult
  readonly folder: string
}

/** What the command line orders: parts to be joined. */
export interface MergeOrder extends Pick<ReportOrder, 'out' | 'failOn' | 'baseline' | 'onlyRegressions' | 'known'> {
  /** In the order in which they were named. */
  readonly results: readonly ReadResult[]
  readonly deviations?: KnownDeviations | undefined
}
