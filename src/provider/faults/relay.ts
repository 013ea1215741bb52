/** Faults of media relays. */
import { reportFaults } from './encrypted-reports.js'
import type { FaultEntries } from './fault.js'

export const relayFaults = {
  'relay-drops-every-50th': {
    title: 'every 50th packet is lost',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY', 'RTCP', 'SRTP-ROC'],
    rules: { relay: { losesEvery: 50 } },
  },
  'plain-audio-on-tls': {
    title: 'calls over TLS are carried without encryption of the audio',
    mayTurnRed: ['SRTP-POLICY'],
    rules: { relay: { wantsEncryption: false } },
  },
  'relay-one-way': {
    title: 'what the callee says does not reach the caller',
    mayTurnRed: [
      'MED-TWOWAY',
      'MED-LATCH',
      'MED-V4V6',
      'MED-EARLY',
      'HALF',
      'MED-SYM',
      'PTIME',
      'VAD',
      'CODECS',
      'ICE',
    ],
    rules: { relay: { isTwoWay: false } },
  },
  'one-relay-one-way': {
    title: 'one relay of several, chosen at random, does not lead what the callee says',
    mayTurnRed: [
      'MED-TWOWAY',
      'MED-LATCH',
      'MED-V4V6',
      'MED-EARLY',
      'HALF',
      'MED-SYM',
      'PTIME',
      'VAD',
      'CODECS',
      'ICE',
    ],
    rules: { relay: { chosen: 'at random', ofTheLast: { isTwoWay: false } } },
  },
  'one-relay-loses': {
    title: 'one relay of several, chosen at random, loses one packet in twelve',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY', 'HALF', 'RTCP', 'SRTP-ROC'],
    rules: { relay: { chosen: 'at random', ofTheLast: { losesEvery: 12 } } },
  },
  'one-call-of-ten-one-way': {
    title: 'in each tenth call what the callee says does not reach the caller',
    mayTurnRed: [
      'MED-TWOWAY',
      'MED-LATCH',
      'MED-V4V6',
      'MED-EARLY',
      'HALF',
      'MED-SYM',
      'PTIME',
      'VAD',
      'CODECS',
      'ICE',
    ],
    rules: { relay: { deafEvery: 10 } },
  },
  'relay-falls-silent': {
    title: 'audio of a call ends after its first minute, and the call goes on',
    mayTurnRed: ['MED-TWOWAY', 'LONG-CALL', 'QUIET'],
    rules: { relay: { leadsForMs: 60_000 } },
  },
  'relay-falls-silent-later': {
    title: 'audio of a call ends in its third minute, and the call goes on',
    mayTurnRed: ['LONG-CALL'],
    rules: { relay: { leadsForMs: 150_000 } },
  },
  'relay-session-limit': {
    title: 'audio of a call ends after a quarter of an hour, and the call goes on',
    mayTurnRed: ['LONG-CALL'],
    rules: { relay: { leadsForMs: 900_000 } },
  },
  'relay-forgets-quiet-calls': {
    title: 'of a device that has sent no audio for a minute none is taken any more',
    mayTurnRed: ['QUIET'],
    rules: { relay: { forgetsQuietMs: 60_000 } },
  },
  'relay-learns-once': {
    title: 'a device that describes its audio anew is still sought where its audio came from first',
    mayTurnRed: ['MOVED', 'FAX'],
    rules: { relay: { learnsAnew: false } },
  },
  'relay-keeps-refused-offer': {
    title: 'what a device has offered counts at the relay at once, and stays when the other one refuses it',
    mayTurnRed: ['DLG-FAILED'],
    rules: { relay: { undoesRefused: false } },
  },
  'relay-latches-once': {
    title:
      'a device is sought where its audio came from first until the call is changed, although its NAT has given it another port',
    mayTurnRed: ['REMAPPED'],
    rules: { relay: { learnsAgain: 'when it is described' } },
  },
  'relay-never-learns-again': {
    title: 'a device is sought where its audio came from first, whatever is changed about the call',
    mayTurnRed: ['REMAPPED', 'MOVED', 'FAX'],
    rules: { relay: { learnsAgain: 'never', learnsAnew: false } },
  },
  'relay-away': {
    title: 'a relay leads nothing for a quarter of a minute, twenty seconds after its first packet',
    mayTurnRed: ['MED-TWOWAY', 'REMAPPED'],
    rules: { relay: { awayAfterMs: 20_000, awayForMs: 15_000 } },
  },
  'relay-jitters': {
    title: 'packets are held up for between 0 and 120 ms: a jitter of 40 ms',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { relay: { holdsUpToMs: 120 } },
  },
  'relay-swaps-calls': {
    title: 'the caller of each tenth call hears the call before it, and that one’s caller this call',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { relay: { swapsEvery: 10 } },
  },
  'relay-out-of-ports': {
    title: 'a relay has ports for five calls at a time, and more are refused',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { relay: { portPairs: 10 } },
  },
  'relay-mute-when-full': {
    title: 'a relay leads five calls at a time, and more get no audio',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { relay: { portPairs: 10, whenFull: 'nothing is led' } },
  },
  'relay-overloaded': {
    title: 'a relay forwards 2,000 packets a second (20 calls), and loses what is more',
    mayTurnRed: [],
    onlyUnderLoad: true,
    rules: { relay: { packetsPerSecond: 2_000 } },
  },
  'relay-outside-the-list': {
    title: 'media is led over an address that is not published',
    mayTurnRed: ['FW-RTP'],
    rules: { relay: { usesPublished: false } },
  },
  'relay-follows-hijacker': {
    title: 'media follows whoever sent last',
    mayTurnRed: ['MED-LATCH', 'MED-BLEED', 'REMAPPED'],
    rules: { relay: { believes: 'anyone' } },
  },
  'relay-follows-the-stream': {
    title: 'media follows whoever goes on with the numbers of the device’s packets, from whichever address',
    mayTurnRed: ['MED-LATCH', 'REMAPPED'],
    rules: { relay: { believes: 'its stream' } },
  },
  'relay-taken-at-change': {
    title:
      'after a change of the call media goes to the first that sends from elsewhere, until the call is changed again',
    mayTurnRed: ['REMAPPED'],
    rules: { relay: { believes: 'one after a change' } },
  },
  'relay-open-after-change': {
    title: 'for three seconds after a change of the call media goes to whoever sends',
    mayTurnRed: ['REMAPPED', 'MED-BLEED', 'MED-LATCH'],
    rules: { relay: { believes: 'the first after a change' } },
  },
  'relay-answers-strangers': {
    title: 'media goes to whoever sends first, announced or not',
    mayTurnRed: ['MED-BLEED', 'MED-LATCH'],
    rules: { relay: { believes: 'the first' } },
  },
  'relay-ignores-source': {
    title: 'media goes to the address in SDP, wherever the device really is',
    mayTurnRed: ['MED-LATCH', 'CGN', 'FAX', 'ICE'],
    rules: { relay: { followsSource: false } },
  },
  'rtcp-beside-audio': {
    title: 'RTCP goes to the port beside that of the audio, wherever the device sends it from',
    mayTurnRed: ['NAT-KINDS'],
    rules: { relay: { followsRtcpSource: false } },
  },
  'neighbours-without-relay': {
    title:
      'calls between two devices behind one NAT are not led over a relay: each is told the inside address of the other',
    mayTurnRed: ['CGN'],
    rules: { relay: { leadsNeighbours: false } },
  },
  'relay-sends-after-bye': {
    title: 'packets are sent on after the call has ended',
    mayTurnRed: ['MED-SILENT'],
    rules: { relay: { endsWithCall: false } },
  },
  'relay-garbles-audio': {
    title: 'payloads are altered on their way',
    mayTurnRed: [
      'MED-ECHO',
      'MED-TWOWAY',
      'MED-V4V6',
      'MED-EARLY',
      'MED-LATCH',
      'CGN',
      'EV-TS',
      'EV-END',
      'EV-PT',
      'SC-3',
      'PTIME',
      'VAD',
      'CODECS',
      'MIKEY-KEYS',
      'ICE',
    ],
    rules: { relay: { alters: garbled } },
  },
  'relay-counts-20-ms': {
    title: 'timestamps are written anew: 20 ms for each packet, whatever it holds',
    mayTurnRed: ['PTIME', 'VAD'],
    rules: { relay: { alters: restamped } },
  },
  'relay-cuts-packets': {
    title: 'of packets longer than 20 ms only the first 20 ms are led on',
    mayTurnRed: ['PTIME'],
    rules: { relay: { alters: cut } },
  },
  'comfort-noise-dropped': {
    title: 'comfort noise is agreed on by both sides and not led',
    mayTurnRed: ['VAD'],
    rules: { relay: { passesComfortNoise: false } },
  },
  'relay-forgets-in-silence': {
    title: 'of a device that has sent no audio for four seconds none is taken any more',
    mayTurnRed: ['VAD', 'QUIET', 'LONG-CALL'],
    rules: { relay: { forgetsQuietMs: 4_000 } },
  },
  'transcoder-relabels': {
    title: 'where two devices have no codec in common packets get the other payload type, and are not coded anew',
    mayTurnRed: ['CODECS'],
    rules: { relay: { recodes: 'label' } },
  },
  'wideband-counts-16000': {
    title: 'timestamps of G.722 that was transcoded count 16,000 a second',
    mayTurnRed: ['CODECS'],
    rules: { relay: { widebandTicks: 2 } },
  },
  'wideband-not-led': {
    title: 'packets of G.722 are not led, although it was agreed on',
    mayTurnRed: ['CODECS'],
    rules: { relay: { passesWideband: false } },
  },
  'relay-sends-from-elsewhere': {
    title: 'audio leaves from another port than the one announced',
    mayTurnRed: ['MED-SYM', 'CGN'],
    rules: { relay: { sendsFromAnnounced: false } },
  },
  'relay-drops-events': {
    title: 'telephone-events are not forwarded',
    mayTurnRed: ['EP-10', 'EV-END', 'EV-REPEAT', 'EV-TS', 'EV-PT'],
    rules: { relay: { passesEvents: false } },
  },
  'relay-delays-audio': {
    title: 'audio comes half a second late',
    mayTurnRed: ['MED-ECHO', 'MED-TWOWAY'],
    rules: { relay: { delayMs: 500 } },
  },
  'hold-not-passed': {
    title: 'a=sendonly is rewritten to a=sendrecv: who is put on hold is not told',
    mayTurnRed: ['HOLD'],
    rules: { relay: { passesHold: false } },
  },
  'hold-address-overwritten': {
    title: "a hold by the address 0.0.0.0 is not understood: the relay's address is put there",
    mayTurnRed: ['HOLD'],
    rules: { relay: { knowsNowhere: false } },
  },
  'hold-never-ends': {
    title: 'after a hold no audio is led any more',
    mayTurnRed: ['HOLD', 'GLARE', 'TRANSFER', 'SECOND-CALL', 'REMAPPED', 'QUIET'],
    rules: { relay: { endsHold: false } },
  },
  'codec-change-not-followed': {
    title: 'only the codec of the first answer is led, whatever is agreed on later',
    mayTurnRed: ['CODEC-CHANGE', 'FAX', 'CODECS', 'VAD'],
    rules: { relay: { followsFormats: false } },
  },
  'rtcp-not-forwarded': {
    title: 'RTCP is not forwarded',
    mayTurnRed: ['RTCP', 'MED-SYM', 'SRTCP'],
    rules: { relay: { passesRtcp: false } },
  },
  'sdp-says-ip4': {
    title: 'IPv6 addresses are written as IN IP4',
    mayTurnRed: ['MED-V4V6', 'V6-RR', 'FW-RTP'],
    rules: { relay: { tellsFamily: false } },
  },
  'srtp-downgraded': {
    title: 'SRTP between two devices is turned into RTP on one side',
    mayTurnRed: ['LEAK', 'SD-UNIQUE', 'SRTP-AUTH', 'TR-REUSE'],
    rules: { encryption: { keepsEncryption: false } },
  },
  'srtp-key-reused': {
    title: "the caller's key is used for the other direction too",
    mayTurnRed: ['SD-UNIQUE', 'SRTCP', 'MIKEY-KEYS'],
    rules: { encryption: { usesOwnKeys: false } },
  },
  'srtp-rollover-lost': {
    title: 'the roll-over counter is forgotten when sequence numbers begin anew',
    mayTurnRed: ['SRTP-ROC'],
    rules: { encryption: { countsRollover: false } },
  },
  'srtp-rekey-ignored': {
    title: 'a new key in a re-INVITE is not taken',
    mayTurnRed: ['SD-REKEY'],
    rules: { encryption: { takesNewKeys: false } },
  },
  'srtp-tampered-accepted': {
    title: 'SRTP packets with a wrong tag are accepted',
    mayTurnRed: ['SRTP-AUTH'],
    rules: { encryption: { checksTags: false } },
  },
  'srtp-replays-accepted': {
    title: 'SRTP packets that were had before are accepted',
    mayTurnRed: ['SRTP-AUTH'],
    rules: { encryption: { checksReplays: false } },
  },
  'srtcp-in-clear': {
    title: 'RTCP of encrypted calls is sent in clear',
    mayTurnRed: ['SRTCP', 'RTCP', 'MED-SYM'],
    rules: { encryption: { protectsReports: false } },
  },
  ...reportFaults,
} satisfies FaultEntries

/** G.711 in clear, of whole milliseconds: what is encrypted is longer by its tag, and stays as it is. */
const isClearAudio = (packet: Buffer): boolean =>
  [0, 8].includes((packet[1] ?? 0) & 0x7f) && (packet.length - 12) % 80 === 0

function restamped(packet: Buffer): Buffer {
  if (!isClearAudio(packet)) return packet
  const copy = Buffer.from(packet)
  copy.writeUInt32BE((packet.readUInt16BE(2) * 160) >>> 0, 4)
  return copy
}

function cut(packet: Buffer): Buffer {
  return isClearAudio(packet) ? packet.subarray(0, 12 + 160) : packet
}

function garbled(packet: Buffer): Buffer {
  const copy = Buffer.from(packet)
  for (let at = 12; at < copy.length; at++) copy[at] = (copy[at] ?? 0) ^ 0x55
  return copy
}
