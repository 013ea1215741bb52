/**
 * Where the traffic of a load can be looked at: a worker hands everything that its calls send and receive to one of these.
 * The standing checks hang in here.
 */
import type { StandingNote } from '../result/finding.js'
import type { MediaPacketEvent } from '../media/media-events.js'
import type { WireEvent } from '../transport/recording-network.js'
import type { CallOrder } from './call-order.js'

export interface TrafficExaminer {
  /** A datagram or segment of signalling, as it was on the wire. `call`: our number of the call, where one was found in it. */
  onMessage?(event: WireEvent, call: string | undefined): void
  /** An audio packet or RTCP, as on the wire and in clear. Called for every packet: must be cheap. */
  onPacket?(event: MediaPacketEvent, call: string, order: CallOrder): void
  /** A call is over: nothing more comes of it. */
  onCallEnded?(call: string): void
  /** What was noticed so far. */
  notes?(): readonly StandingNote[]
}
