/** Several devices that register with the same credentials (BH-10): whom calls should reach at a moment, and whom they do. */
import type { Clock } from '../clock/clock.js'
import type { Picture } from '../result/scenario-result.js'
import type { Device } from './device.js'
import { precondition } from './outcome.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

/** What a provider does with a second device: `policy.sharedCredentials` of the target file. */
export type SharingPolicy = 'displace' | 'fork' | 'refuse'

/** A device asks for so much longer than until its next turn. */
const ASKED = 1.25
/** A device renews its registration when this share of what was granted is over, at the latest. */
const RENEWED_AT = 0.8

/** A device of the account, and until when (ms of the clock) the policy lets it be called. */
interface Sharer {
  readonly device: Device
  readonly everyMs: number
  dueAt: number
  until: number
}

/** One call to the account: at what time of the story, who should have rung, and who did. */
interface Probe {
  readonly atMs: number
  readonly wanted: readonly boolean[]
  readonly rang: readonly boolean[]
}

type Timeline = Extract<Picture, { kind: 'timeline' }>
type Marks = Timeline['marks']
type Lanes = Timeline['lanes']

const HOUR_MS = 3_600_000

/** Alone, each of them is called, or the scenario is inconclusive: else what comes later is not the other one's doing. */
export async function eachIsCalledAlone(
  devices: readonly Device[],
  { caller, within }: { readonly caller: Device; readonly within: StageTools<Rules>['within'] },
): Promise<void> {
  for (const device of devices) {
    await device.registers()
    const { call, arrived } = await caller.tries(device, 2_000)
    await within(call.ended, 1_500)
    precondition(arrived, `${device.name} is not called although it is alone`, 'call-not-arrived')
    await within(device.unregisters(), 4_000)
  }
}

export class SharedAccount {
  /** Registrations that were answered otherwise than the policy says. */
  readonly answeredWrongly: string[] = []
  readonly #policy: SharingPolicy
  readonly #clock: Clock
  readonly #sharers: readonly Sharer[]
  readonly #probes: Probe[] = []
  readonly #marks: Marks = []
  readonly #startMs: number
  #holder: Sharer | undefined

  /** @param devices and how often each registers (`everyS`, seconds); the first times are spread evenly over the shortest of these */
  constructor(
    devices: readonly { readonly device: Device; readonly everyS: number }[],
    policy: SharingPolicy,
    clock: Clock,
  ) {
    this.#policy = policy
    this.#clock = clock
    this.#startMs = clock.now()
    const apartMs = (1000 * Math.min(...devices.map(({ everyS }) => everyS))) / devices.length
    this.#sharers = devices.map(({ device, everyS }, nth) => ({
      device,
      everyMs: everyS * 1000,
      dueAt: this.#startMs + nth * apartMs,
      until: 0,
    }))
    for (const { device } of this.#sharers) device.stopsRefreshing()
  }

  /** When the next registration is due, ms of the clock. */
  get nextAt(): number {
    return Math.min(...this.#sharers.map(({ dueAt }) => dueAt))
  }

  /** The device whose turn it is registers, for a quarter longer than until its next turn. */
  async registersNext(): Promise<void> {
    const sharer = this.#sharers.find(({ dueAt }) => dueAt === this.nextAt)
    if (sharer === undefined) return
    const { device, everyMs } = sharer
    const rival = this.#holder !== sharer && this.#isLive(this.#holder) ? this.#holder : undefined
    const asked = Math.round((everyMs / 1000) * ASKED)
    const outcome = await device.asksToRegister({ expires: asked })
    precondition(outcome.exchange.final, `${device.name} got no answer to REGISTER`, 'no-answer')
    const now = this.#clock.now()
    // A border controller may hide the contact.
    const grantedMs = 1000 * (outcome.expires ?? outcome.exchange.final.expires ?? asked)
    sharer.dueAt = now + (outcome.ok ? Math.min(everyMs, grantedMs * RENEWED_AT) : everyMs)
    const isToBeRefused = this.#policy === 'refuse' && rival !== undefined
    if (outcome.ok === isToBeRefused) this.answeredWrongly.push(`${device.name} got ${outcome.status}`)
    if (!outcome.ok) return
    if (this.#policy === 'displace') {
      for (const other of this.#sharers) other.until = 0
      if (rival !== undefined)
        this.#marks.push({ atMs: now - this.#startMs, lane: device.name, label: `displaces ${rival.device.name}` })
    }
    sharer.until = now + grantedMs
    this.#holder = sharer
  }

  /** Somebody calls the account; who rings is noted. */
  async isCalledBy(caller: Device): Promise<void> {
    const live = this.#sharers.map((sharer) => this.#isLive(sharer))
    const wanted =
      this.#policy === 'fork' ? live : this.#sharers.map((one, nth) => one === this.#holder && live[nth] === true)
    const before = this.#sharers.map(({ device }) => device.hears('INVITE').count)
    const whom = this.#sharers[Math.max(0, wanted.indexOf(true))]
    if (whom === undefined) return
    await caller.tries(whom.device, 2_000)
    await this.#clock.sleep(400)
    const rang = this.#sharers.map(({ device }, nth) => device.hears('INVITE').count > (before[nth] ?? 0))
    this.#probes.push({ atMs: this.#clock.now() - this.#startMs, wanted, rang })
  }

  /** Calls that did not reach a device that they should have reached, in words. */
  get missed(): string[] {
    return this.#probes.filter(isMissed).map((one) => this.#told(one))
  }

  /** Calls that rang a device besides those that they should have rung. */
  get extra(): string[] {
    return this.#probes
      .filter((one) => !isMissed(one) && one.rang.some((rang, nth) => rang && one.wanted[nth] !== true))
      .map((one) => this.#told(one))
  }

  /** Longest time in which calls missed a device that they should have reached, seconds, as told by calls. */
  get longestMissedS(): number {
    return Math.round(Math.max(0, ...stretches(this.#probes, isMissed, this.#endMs)) / 1000)
  }

  get size(): number {
    return this.#sharers.length
  }

  /** Who could be called when, of several accounts. */
  static timeline(title: string, accounts: readonly SharedAccount[]): Picture {
    return {
      kind: 'timeline',
      title,
      durationMs: Math.max(...accounts.map((account) => account.#endMs)),
      lanes: accounts.flatMap((account) => account.#lanes()),
      marks: accounts.flatMap((account) => account.#marks).sort((a, b) => a.atMs - b.atMs),
    }
  }

  /** How each device fared: how long it could be called, and how often it lost the account. */
  static table(title: string, accounts: readonly SharedAccount[]): Picture {
    return {
      kind: 'table',
      title,
      columns: ['device', 'could be called', 'longest time without', 'displaced others', 'calls that went astray'],
      rows: accounts.flatMap((account) =>
        account.#sharers.map(({ device }, nth) => {
          const totalMs = Math.max(1, account.#endMs - (account.#probes[0]?.atMs ?? 0))
          const deaf = stretches(account.#probes, ({ rang }) => rang[nth] !== true, account.#endMs)
          const deafMs = deaf.reduce((sum, ms) => sum + ms, 0)
          const anHour = (account.#marks.filter(({ lane }) => lane === device.name).length * HOUR_MS) / account.#endMs
          return [
            device.name,
            `${Math.round(100 - (100 * deafMs) / totalMs)} % of the time`,
            `${Math.round(Math.max(0, ...deaf) / 1000)} s`,
            `${Math.round(anHour)} times an hour`,
            `${account.#probes.filter(({ wanted, rang }) => wanted[nth] === true && rang[nth] !== true).length} of ${account.#probes.filter(({ wanted }) => wanted[nth]).length}`,
          ]
        }),
      ),
    }
  }

  #lanes(): Lanes {
    const firstAt = this.#probes[0]?.atMs ?? this.#endMs
    return this.#sharers.map(({ device }, nth) => ({
      name: device.name,
      segments: [
        { fromMs: 0, toMs: firstAt, state: 'unknown' as const },
        ...joined(
          this.#probes.map(({ atMs, rang }, at) => ({
            fromMs: atMs,
            toMs: this.#probes[at + 1]?.atMs ?? this.#endMs,
            state: rang[nth] === true ? ('reachable' as const) : ('unreachable' as const),
          })),
        ),
      ],
    }))
  }

  get #endMs(): number {
    return this.#clock.now() - this.#startMs
  }

  #isLive(sharer: Sharer | undefined): boolean {
    return sharer !== undefined && sharer.until > this.#clock.now()
  }

  #told({ atMs, wanted, rang }: Probe): string {
    const names = (flags: readonly boolean[]) =>
      this.#sharers.filter((_, nth) => flags[nth] === true).map(({ device }) => device.name)
    return `after ${Math.round(atMs / 1000)} s ${names(rang).join(' and ') || 'nobody'} rang instead of ${names(wanted).join(' and ')}`
  }
}

const isMissed = ({ wanted, rang }: Probe): boolean => wanted.some((should, nth) => should && rang[nth] !== true)

/** How long each stretch of calls of one kind lasted, ms: from the first of them to the next call of another kind. */
function stretches(probes: readonly Probe[], isOfKind: (probe: Probe) => boolean, endMs: number): number[] {
  const lengths: number[] = []
  let since: number | undefined
  for (const probe of probes) {
    if (isOfKind(probe)) {
      since ??= probe.atMs
    } else if (since !== undefined) {
      lengths.push(probe.atMs - since)
      since = undefined
    }
  }
  return since === undefined ? lengths : [...lengths, endMs - since]
}

function joined<T extends { readonly toMs: number; readonly state: string }>(segments: readonly T[]): T[] {
  const kept: T[] = []
  for (const segment of segments) {
    const last = kept.at(-1)
    if (last?.state === segment.state) kept[kept.length - 1] = { ...last, toMs: segment.toMs }
    else kept.push(segment)
  }
  return kept
}
