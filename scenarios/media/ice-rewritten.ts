import {
  defaultIsCandidate,
  IceAgent,
  iceOf,
  must,
  owed,
  precondition,
  scenario,
  SessionDescription,
  whereReached,
} from 'ringproof'

const CHECK_MS = 7_500
/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000
/** RFC 5737 §3: nobody is there. */
const INSIDE = '192.0.2.2'

const harm = 'Telephones that offer ICE behind a router that rewrites SIP have no audio.'

export default scenario({
  id: 'media/ice-rewritten',
  title: 'A telephone whose router has rewritten its offer with ICE, all but the candidates, has audio',
  area: 'media',
  purposes: ['ICE'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    omits: whereReached(
      must('RFC 8839 §4.2.5', 'an answer with a=ice-mismatch names no candidates', {
        gravity: 'harm',
        cause: 'ice-answer-wrong',
        harm,
      }),
    ),
    audio: owed('RFC 8839 §4.2.5', 'a telephone whose candidates do not fit its c= and m= lines hears itself', {
      gravity: 'outage',
      follows: ['no-audio', 'audio-altered', 'ice-checks-fail', 'ice-answer-wrong'],
      harm,
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['echo'],
  seconds: 24,
  reliesOn: 'audio',
  step: 'talk',
  harm,
  advice:
    'Look at what the relay does with candidates that it cannot reach. Where it goes on with ICE it has to take a check from wherever the telephone is (a peer-reflexive candidate), and audio without one; or take ICE out of offers (rtpengine: ICE=remove).',
  async run({ alice, services, expect, random, clock, within }) {
    await alice.registers()
    const audio = await alice.speaksByHand()
    const agent = new IceAgent({ clock, random })
    agent.uses(audio)
    // Of audio, and of RTCP at the next port (RFC 5761 §5.1.3).
    const isCandidate = (line: string) => line.startsWith('a=candidate:')
    const own = agent.lines([audio], [audio])
    const { address, port } = audio.local
    const inside = own
      .filter(isCandidate)
      .map((line, index) => line.replace(` ${address} ${port} `, ` ${INSIDE} ${30_000 + index} `))
    const lines = [
      ...own.filter((line) => !isCandidate(line) && !line.startsWith('a=rtcp:')),
      'a=rtcp:30001',
      ...inside,
    ]
    const call = await alice.reaches(services.echo ?? '', { sdp: audio.describes({ lines }) })
    const media = audio.follows(call.remoteSdp)
    const { to } = audio
    precondition(media && to, 'the answer has no address for audio', 'no-audio')
    const { session } = SessionDescription.parse(call.remoteSdp ?? '')
    const theirs = iceOf(session, media)
    const isMismatch = media.attribute('ice-mismatch') !== undefined
    if (isMismatch) expect('omits', media.attributes('candidate').length).toBe(0, 'candidate')
    // RFC 8839 §4.2.5: how it goes on is up to who answers; with ICE, a check tells where the telephone is.
    if (!isMismatch && theirs !== undefined && defaultIsCandidate(media, theirs))
      await agent.checks(audio, to, theirs, { withinMs: CHECK_MS, nominates: true })
    expect('audio', await audio.speaksUntilHeard(random.int(2 ** 24), ECHO_MS)).toBeTrue('its own voice')
    await within(call.hangUp(), 4_000)
  },
})
