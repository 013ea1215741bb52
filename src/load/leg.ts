/** One end of a call of a load: its audio while the call runs, and what came of it. */
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import type { MediaClock } from '../media/media-clock.js'
import { MediaSession, type MediaSessionOptions } from '../media/media-session.js'
import { uint32At } from '../media/rtp.js'
import type { PublishedList } from '../target/published-list.js'
import type { TargetDocument } from '../target/target-schema.js'
import type { Endpoint, Network } from '../transport/network.js'
import type { CallOrder } from './call-order.js'
import { legRecord, type LegRecord } from './call-record.js'
import { PacketRing } from './call-recorder.js'
import type { Line } from './line.js'
import type { TrafficExaminer } from './traffic.js'

/** Where media goes. */
export type Place = Pick<LegRecord, 'relay' | 'relayAddress' | 'published'>

/** What the ends of a worker's calls share. */
export interface LegResources {
  readonly clock: Clock
  readonly random: Random
  readonly mediaNetwork: Network
  readonly mediaClock: MediaClock
  readonly media: TargetDocument['media']
  readonly published: PublishedList
  readonly examiner: TrafficExaminer | undefined
}

export interface LegOptions {
  readonly role: LegRecord['role']
  readonly line: Line
  /** Number of the audio pattern that it plays. */
  readonly pattern: number
  /** The call that it is an end of. */
  readonly callId: string
  readonly order: CallOrder
}

export class Leg {
  readonly role: LegRecord['role']
  readonly pattern: number
  readonly packets = new PacketRing()
  /** For the sampler: counters at the last look. */
  readonly seen = { begun: false, holes: 0, sent: 0, received: 0, expected: 0, lost: 0, late: 0, guessed: 0, errors: 0 }
  readonly #shared: LegResources
  readonly #o: LegOptions
  #session: MediaSession | undefined
  #record: LegRecord | undefined

  constructor(shared: LegResources, o: LegOptions) {
    this.#shared = shared
    this.#o = o
    this.role = o.role
    this.pattern = o.pattern
  }

  get line(): Line {
    return this.#o.line
  }

  /** Undefined as long as there is no audio. */
  get session(): MediaSession | undefined {
    return this.#session
  }

  /** Opens the audio of this end. */
  async open(): Promise<MediaSession> {
    const { clock, mediaNetwork, random, mediaClock, media } = this.#shared
    const { role, line, order, pattern } = this.#o
    this.#session = await MediaSession.open({
      clock,
      network: mediaNetwork,
      random,
      mediaClock,
      localAddress: line.localAddress,
      // The called end takes what comes.
      codecs: role === 'caller' ? order.codecs : media.codecs,
      dtmfPayloadType: media.dtmfPayloadType ?? 101,
      srtp: order.srtp,
      ...(order.ptimeMs === undefined ? {} : { ptimeMs: order.ptimeMs }),
      ...(role === 'callee' ? { srtpRequired: false } : {}),
      patternId: pattern,
      onPacket: this.#packetTap(),
    })
    return this.#session
  }

  /**
   * Where the answer says that media goes; undefined as long as it is not known.
   * @param other the other end, where that is ours
   */
  placeBeside(other: Leg | undefined): Place | undefined {
    const remote = this.#session?.remote
    return remote && placeOf(remote, this.#shared.published, other?.session?.local)
  }

  /**
   * What it came to, made once: the first call decides.
   * @param expects the pattern that it should have heard @param until when the other side had no more reason to send, ms
   * @param other the other end, where that is ours
   */
  conclude(expects: number | undefined, until: number, other?: Leg): LegRecord {
    return (this.#record ??= this.#conclude(expects, until, other))
  }

  /** How long packets of the other end took to here, ms; from reports of RTCP on either leg where relays renumber packets. */
  delayFrom(other: Leg): number | undefined {
    const [here, there] = [this.#session, other.session]
    if (here === undefined || there === undefined) return undefined
    const measured = here.delayFrom(there)
    if (measured !== undefined) return measured
    const [own, others] = [here.report().roundTripMs, there.report().roundTripMs]
    return own === undefined || others === undefined ? undefined : (own + others) / 2
  }

  /** Since when audio of the other end is due, ms: when both had begun to send, as relays may wait for either. */
  dueFrom(other: Leg): number | undefined {
    const [own, others] = [this.#session?.report().sent.firstAt, other.session?.report().sent.firstAt]
    return own === undefined || others === undefined ? undefined : Math.max(own, others)
  }

  #conclude(expects: number | undefined, until: number, other: Leg | undefined): LegRecord {
    const { published } = this.#shared
    const report = this.#session?.report()
    const place = report?.remote ?? report?.received.sources[0]
    const named =
      place === undefined ? { relay: '', relayAddress: '' } : placeOf(place, published, other?.session?.local)
    // Where packets come from elsewhere, that is reported too.
    const foreign =
      published.listsRelays &&
      (report?.received.sources ?? []).some((source) => published.relayOf(source.address, source.port) === undefined)
    const { role, line, pattern } = this.#o
    return legRecord(
      {
        role,
        account: line.account.user,
        ...named,
        ...(foreign ? { published: false } : {}),
        pattern,
        expects,
        from: other && this.dueFrom(other),
        until,
        delayMs: other && this.delayFrom(other),
      },
      report,
    )
  }

  #packetTap(): NonNullable<MediaSessionOptions['onPacket']> {
    const { examiner } = this.#shared
    const { callId, order } = this.#o
    const { packets } = this
    const look = examiner?.onPacket?.bind(examiner)
    if (look === undefined) return (event) => packets.add(event)
    let known = -1
    return (event) => {
      packets.add(event)
      if (event.direction === 'out' && event.kind === 'rtp') {
        // Of what we send, it is enough to know that it is ours.
        const ssrc = uint32At(event.raw, 8)
        if (ssrc === known) return
        known = ssrc
      }
      look(event, callId, order)
    }
  }
}

/**
 * Where media goes, by name. Devices that send to each other have no relay; where the target publishes relays, it is news that
 * there is none.
 * @param own where the other end listens, where that is ours
 */
export function placeOf({ address, port }: Endpoint, published: PublishedList, own: Endpoint | undefined): Place {
  const name = published.relayOf(address, port)
  const isDirect = !published.listsRelays && own?.port === port && own.address === address
  return {
    relay: isDirect ? '' : (name ?? address),
    relayAddress: address,
    ...(published.listsRelays ? { published: name !== undefined } : {}),
  }
}
