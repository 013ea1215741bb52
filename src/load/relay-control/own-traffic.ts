/** What our calls sent through relays that can be asked for their own counters, and what came back: by control address. */
import type { RelayFacts } from '../../result/load-relays.js'
import { parseSocketAddress } from '../../target/ip-address.js'
import type { TargetDocument } from '../../target/target-schema.js'
import { type Endpoint, formatEndpoint } from '../../transport/network.js'
import type { CallRecord, LegRecord } from '../call-record.js'

/** Relays that share a control address are one program, which counts for all of them. */
export interface ControlledRelays {
  readonly relays: readonly string[]
  readonly at: Endpoint
  /** As it is told. */
  readonly control: string
}

/** Counted here; of the load as a whole are the others. */
type Counted = Omit<RelayFacts['ours'], 'unplaced' | 'runs' | 'dropped'>

/** An end of a call sends so many packets around its beginning and its end that only one side counts, where the way takes no time. */
const EDGE = 2
/** Besides, a packet for each 20 ms between the BYE, with which the relay forgets the call, and the last packet that was sent without knowing. */
const PACKET_MS = 20
/** An end that does not hear of the BYE goes on for so long. */
const UNHEARD_MS = 4_000

export class OwnTraffic {
  /** In the order of the target file. */
  readonly controlled: readonly ControlledRelays[]
  readonly #byRelay: ReadonlyMap<string, string>
  readonly #sums = new Map<string, Counted>()
  #unplaced = 0

  constructor({ published }: Pick<TargetDocument, 'published'>) {
    const known = (published?.relays ?? []).flatMap(({ name, control }) => {
      const at = control === undefined ? undefined : parseSocketAddress(control.rtpengine)
      return at === undefined ? [] : [{ name, at, control: formatEndpoint(at) }]
    })
    this.#byRelay = new Map(known.map(({ name, control }) => [name, control]))
    this.controlled = [...new Map(known.map((one) => [one.control, one])).values()].map(({ at, control }) => ({
      relays: known.filter((one) => one.control === control).map(({ name }) => name),
      at,
      control,
    }))
  }

  add(record: CallRecord): void {
    const { legs, far } = record
    if (this.controlled.length === 0) return
    if (legs.every(({ relay }) => relay === '')) this.#unplaced += 1
    const controls = legs.map(({ relay }) => this.#byRelay.get(relay))
    for (const [index, control] of controls.entries()) {
      const leg = legs[index]
      if (control === undefined || leg === undefined) continue
      const sum = this.#sum(control)
      addLeg(sum, leg, record)
      if (controls.indexOf(control) < index) continue
      sum.calls += 1
      const isOurs = far === 'account' && controls.length === 2 && controls.every((one) => one === control)
      if (!isOurs) sum.farEnds += 1
    }
  }

  /** @param control as `controlled` has it */
  counts(control: string): Counted & Pick<RelayFacts['ours'], 'unplaced'> {
    return { ...this.#sum(control), unplaced: this.#unplaced }
  }

  #sum(control: string): Counted {
    const known = this.#sums.get(control)
    if (known !== undefined) return known
    const sum = { calls: 0, farEnds: 0, sent: 0, received: 0, rtcpSent: 0, rtcpReceived: 0, lost: 0, edges: 0 }
    this.#sums.set(control, sum)
    return sum
  }
}

function addLeg(sum: Counted, leg: LegRecord, { end, disconnectMs = 0 }: CallRecord): void {
  sum.sent += leg.packetsSent
  sum.rtcpSent += leg.rtcpSent
  sum.rtcpReceived += leg.rtcpReceived
  // What was refused has come all the same.
  sum.received += Object.values(leg.refused ?? {}).reduce((all, many) => all + many, leg.packetsReceived)
  sum.lost += leg.packetsLost
  const unknowingMs = end === 'normal' ? Math.max(leg.roundTripMs ?? 0, disconnectMs) : UNHEARD_MS
  sum.edges += EDGE + Math.ceil(unknowingMs / PACKET_MS)
}
