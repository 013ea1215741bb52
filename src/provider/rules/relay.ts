/** What media relays go by: RFC 3550, RFC 4566, RFC 7362. Faults change single values. */
export interface RelayRules {
  /** Every nth packet is lost; 0: none. */
  readonly losesEvery: number
  /** What the callee says reaches the caller. */
  readonly isTwoWay: boolean
  /** Media is led over the published address. */
  readonly usesPublished: boolean
  /** RFC 7362 §5: whom it believes to be the device. */
  readonly believes:
    | 'the device'
    | 'the first'
    | 'the first after a change'
    | 'one after a change'
    | 'its stream'
    | 'anyone'
  /** RFC 7362 §4: where the device really is counts, not what it wrote into SDP. */
  readonly followsSource: boolean
  /** The same for RTCP, which comes from a port of its own: not the one beside that of the audio. */
  readonly followsRtcpSource: boolean
  /** Calls between two devices behind one NAT are led over a relay, too. */
  readonly leadsNeighbours: boolean
  /** A device that describes its audio anew is looked for anew. */
  readonly learnsAnew: boolean
  /** RFC 7362 §4 item 6: when a device whose NAT gives its audio another port is looked for there. */
  readonly learnsAgain: 'as its audio goes on' | 'when it is described' | 'never'
  /** ms without a packet of a device after which nothing of it is taken any more. */
  readonly forgetsQuietMs: number
  /** Media ends with the call. */
  readonly endsWithCall: boolean
  /** What it makes of a packet; undefined: it stays as it is. */
  readonly alters: ((packet: Buffer) => Buffer) | undefined
  /** Audio leaves from the port that was announced. */
  readonly sendsFromAnnounced: boolean
  readonly passesEvents: boolean
  /** RFC 3551 §4.1: what silence sounds like is led, too. */
  readonly passesComfortNoise: boolean
  readonly passesWideband: boolean
  /** RFC 7983 §7: what shares the port with RTP passes, too: handshakes of DTLS. */
  readonly passesHandshakes: boolean
  /** What is neither RTP nor RTCP nor a handshake passes, too: UDPTL (T.38). */
  readonly passesFaxes: boolean
  /** Devices without a common codec are connected, each with its own. */
  readonly transcodes: boolean
  /** What becomes of a packet then: its sound is coded anew, or it gets the other label alone. */
  readonly recodes: 'sound' | 'label'
  /** RFC 3551 §4.5.2: by how much faster than 8,000 a second timestamps of G.722 count. */
  readonly widebandTicks: number
  readonly delayMs: number
  readonly passesRtcp: boolean
  /** RFC 8866 §5.7: addresses stand under their own family. */
  readonly tellsFamily: boolean
  /** Audio without encryption is refused where calls have to be encrypted. */
  readonly wantsEncryption: boolean
  /** Every nth call between devices is not two-way; 0: none. */
  readonly deafEvery: number
  /** Audio of a call is led so long, ms. */
  readonly leadsForMs: number
  /** It is away for a while: so long after its first packet, and for so long, ms. */
  readonly awayAfterMs: number
  readonly awayForMs: number
  // changes of a call
  /** RFC 3264 §8.4: a description that puts the other side on hold reaches it as such. */
  readonly passesHold: boolean
  /** RFC 3264 §8.4: an address of 0.0.0.0 is no place to send to, and reaches the other side as such. */
  readonly knowsNowhere: boolean
  /** After a hold audio is led again. */
  readonly endsHold: boolean
  /** RFC 3261 §14.1: what was offered and refused counts as not offered. */
  readonly undoesRefused: boolean
  /** RFC 3264 §8.3.2: payload types that were agreed on later are led, too. */
  readonly followsFormats: boolean
  /** Packets are held up for between 0 and so long, ms. */
  readonly holdsUpToMs: number
  /** Every nth call gets the other audio of the one before it, and the other way round; 0: none. */
  readonly swapsEvery: number
  /** Pairs of ports that it has; a call between devices takes two for each stream. */
  readonly portPairs: number
  /** What becomes of calls for which there is no port. */
  readonly whenFull: 'they are refused' | 'nothing is led'
  /** Packets that it forwards within a second. */
  readonly packetsPerSecond: number
  /** How the next relay is chosen. */
  readonly chosen: 'in turn' | 'at random'
  /** What the last relay of the list goes by instead. */
  readonly ofTheLast: Partial<RelayRules>
  /** What single relays go by instead, by name. */
  readonly ofOne: Readonly<Record<string, Partial<RelayRules>>>
}

export const RIGHT_RELAY: RelayRules = {
  losesEvery: 0,
  isTwoWay: true,
  usesPublished: true,
  believes: 'the device',
  followsSource: true,
  followsRtcpSource: true,
  leadsNeighbours: true,
  learnsAnew: true,
  learnsAgain: 'as its audio goes on',
  forgetsQuietMs: Number.POSITIVE_INFINITY,
  endsWithCall: true,
  alters: undefined,
  sendsFromAnnounced: true,
  passesEvents: true,
  passesComfortNoise: true,
  passesWideband: true,
  passesHandshakes: true,
  passesFaxes: true,
  transcodes: true,
  recodes: 'sound',
  widebandTicks: 1,
  delayMs: 0,
  passesRtcp: true,
  tellsFamily: true,
  wantsEncryption: true,
  deafEvery: 0,
  leadsForMs: Number.POSITIVE_INFINITY,
  awayAfterMs: Number.POSITIVE_INFINITY,
  awayForMs: 0,
  passesHold: true,
  knowsNowhere: true,
  endsHold: true,
  undoesRefused: true,
  followsFormats: true,
  holdsUpToMs: 0,
  swapsEvery: 0,
  portPairs: Number.POSITIVE_INFINITY,
  whenFull: 'they are refused',
  packetsPerSecond: Number.POSITIVE_INFINITY,
  chosen: 'in turn',
  ofTheLast: {},
  ofOne: {},
}
