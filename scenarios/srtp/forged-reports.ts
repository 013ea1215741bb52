import {
  type MediaPacketEvent,
  must,
  outcomeOfOffer,
  precondition,
  scenario,
  SessionDescription,
  should,
  whereReached,
} from 'ringproof'

/** One may be lost. */
const REPORTS = 3
/** Between reports, and what a relay may take to lead one on, ms. */
const PAUSE_MS = 200
const LED_MS = 600
const SPEECH_MS = 1_500

export default scenario({
  id: 'srtp/forged-reports',
  title: 'RTCP of encrypted calls that is forged or repeated is dropped, and ends no audio',
  area: 'srtp',
  purposes: ['SRTCP'],
  provider: ['EP-2', 'BH-7'],
  rules: {
    dropped: whereReached(
      must('RFC 3711 §3.4', 'SRTCP whose authentication tag does not match is dropped where the encryption ends', {
        gravity: 'exposure',
        cause: 'srtcp-not-authenticated',
      }),
    ),
    once: whereReached(
      should('RFC 3711 §3.3.2', 'an SRTCP packet that arrives a second time is dropped', {
        gravity: 'exposure',
        cause: 'srtcp-not-authenticated',
        harm: 'An attacker on the path can send recorded quality reports of an encrypted call again: monitoring is wrong.',
      }),
    ),
    goesOn: must('RFC 3711 §3.4', 'a BYE in SRTCP whose authentication tag does not match ends no audio', {
      gravity: 'exposure',
      cause: 'srtcp-not-authenticated',
      harm: 'An attacker on the path can end the audio of an encrypted call with a single forged packet.',
    }),
  },
  devices: { alice: { audio: false, transport: 'tls' }, bob: { transport: 'udp', srtp: false } },
  needs: ['srtp'],
  reliesOn: 'audio',
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'An attacker on the path can forge the quality reports of an encrypted call: RTCP is not authenticated.',
  advice:
    'Look whether what decrypts the audio checks the authentication tag of RTCP too, before it reads it or leads it on, and keeps a replay list for it (RFC 3711 §3.4).',
  async run({ alice, bob, target, random, expect, within, waits }) {
    await alice.registers()
    await bob.registers()
    const audio = await alice.speaksByHand()
    const reports = await alice.bindsSocket()
    const key = audio.keyLine(1, target.document.media.srtp[0])
    const rtcpLine = `a=rtcp:${reports.local.port}`
    const call = await alice.invites(bob, { sdp: audio.describes({ crypto: [key.line], lines: [rtcpLine] }) })
    const outcome = await outcomeOfOffer(call, { within })
    const theirs = outcome.kind === 'taken' ? outcome.audio.crypto[0]?.attribute : undefined
    precondition(theirs, `encrypted audio was rejected, or answered without a key (${outcome.status})`, 'call-refused')
    const [listener] = bob.mediaSessions
    // Where the key goes through to the other end, the encryption does not end at the target.
    precondition(listener && !listener.negotiated?.crypto, 'the target does not decrypt the audio', 'not-applicable')
    audio.follows(call.remoteSdp)
    audio.protects(key.attribute, theirs)
    const { to } = audio
    precondition(to, 'the answer names no address for audio', 'no-audio')
    // RFC 3605 §2.1: the next port, unless the description names another place.
    const told = SessionDescription.parse(call.remoteSdp ?? '').media[0]?.rtcp
    const control = { address: told?.connection?.address ?? to.address, port: told?.port ?? to.port + 1 }

    /** Packets of audio that reach the called device while so much is spoken. */
    const heardOf = async () => {
      const before = listener.report().received.packets
      await audio.speaks(random.int(2 ** 24), SPEECH_MS)
      await waits(LED_MS)
      return listener.report().received.packets - before
    }
    /** How often reports under these names have reached the called device. */
    const cameUnder = (names: readonly string[]) =>
      bob.packets.filter((packet) => names.some((name) => isReportOf(packet, name))).length
    const named = (kind: string) => Array.from({ length: REPORTS }, () => `${kind}-${random.token(12)}@ringproof.test`)
    const sends = async (wires: readonly Uint8Array[]) => {
      for (const wire of wires) {
        reports.send(wire, control)
        await waits(PAUSE_MS)
      }
      await waits(LED_MS)
    }

    const before = await heardOf()
    precondition(before > 20, 'the audio did not reach the called device', 'no-audio')
    const [real, forged] = [named('real'), named('forged')]
    const sent = real.map((name) => audio.reportsAs(name))
    await sends(sent)
    // Who has no key can still write a BYE: the first eight octets are in clear.
    await sends([...forged.map((name) => audio.reportsAs(name)), audio.leaves()].map(tampered))
    const after = await heardOf()
    expect('goesOn', after).toSatisfy(`audio as before (${before} packets)`, (packets) => packets > before / 4)
    // Who ends RTCP, and sends reports of its own, leads on none: there is nothing to be seen of what it takes.
    const [came, led] = [cameUnder(real), cameUnder(forged)]
    if (came + led > 0) expect('dropped', led).toBe(0, 'forged report that was led on')
    if (came > 0 && came <= sent.length && after > 0) {
      await sends(sent)
      // What was lost the first time is no replay.
      const again = cameUnder(real) - sent.length
      expect('once', Math.max(0, again)).toBe(0, 'report that was led on twice')
    }
    await within(call.hangUp(), 4_000)
  },
})

/** Its last octet is another: part of the tag, or of what it is made over. */
function tampered(wire: Buffer): Buffer {
  const other = Buffer.from(wire)
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 0x01
  return other
}

function isReportOf({ direction, kind, plain }: MediaPacketEvent, name: string): boolean {
  return direction === 'in' && kind === 'rtcp' && plain?.includes(name) === true
}
