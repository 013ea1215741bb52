import {
  defaultIsCandidate,
  type Device,
  type Endpoint,
  IceAgent,
  iceOf,
  type IceDescription,
  must,
  owed,
  precondition,
  type RawRtp,
  sameEndpoint,
  scenario,
  SessionDescription,
  type StageTools,
  whereReached,
} from 'ringproof'

/** RFC 8489 §6.2.1 asks seven times within 39.5 s; who has not answered the fourth has not heard one. */
const CHECK_MS = 7_500
/** An echo that comes at all comes within this time; a welcome message may be before it. */
const ECHO_MS = 12_000
const SPEAKS_MS = 2_500

const NO_AUDIO = 'Telephones that use ICE have no audio.'

const rules = {
  notUnasked: must('RFC 8839 §4.3.2', 'an offer without ICE is answered without', {
    gravity: 'letter',
    cause: 'ice-answer-wrong',
    harm: 'Telephones that do not know ICE are answered with it: strict ones refuse the answer.',
  }),
  credentials: whereReached(
    must('RFC 8839 §5.4', 'ice-ufrag has 4 characters at least, ice-pwd 22, both at most 256', {
      gravity: 'harm',
      cause: 'ice-answer-wrong',
      harm: NO_AUDIO,
    }),
  ),
  candidates: whereReached(
    must('RFC 8839 §5.1', 'an answer with ICE has a candidate for audio, and all its candidates can be read', {
      gravity: 'harm',
      cause: 'ice-answer-wrong',
      harm: NO_AUDIO,
    }),
  ),
  fits: whereReached(
    must('RFC 8839 §4.3.2', 'the address of the c= and m= lines of an answer with ICE is one of its candidates', {
      gravity: 'harm',
      cause: 'ice-answer-wrong',
      harm: 'Telephones that offer ICE go on without it: where they need it they have no audio.',
    }),
  ),
  answered: whereReached(
    must('RFC 8445 §7.3', 'connectivity checks of the candidate of an answer succeed', {
      gravity: 'outage',
      cause: 'ice-checks-fail',
      harm: NO_AUDIO,
    }),
  ),
  signed: whereReached(
    must('RFC 8489 §9.1.3', 'answers to connectivity checks are authenticated by the password of the description', {
      gravity: 'outage',
      cause: 'ice-checks-fail',
      harm: NO_AUDIO,
    }),
  ),
  mapped: whereReached(
    must('RFC 8489 §6.3.1.1', 'answers to connectivity checks tell where the check came from', {
      gravity: 'harm',
      cause: 'ice-checks-fail',
      harm: 'Telephones that use ICE are told a wrong address of their own, and may give up the path.',
    }),
  ),
  path: whereReached(
    must('RFC 8445 §12.1', 'audio takes the path that was nominated', {
      gravity: 'outage',
      cause: 'ice-path-ignored',
      follows: ['no-audio', 'nat-source-ignored'],
      harm: NO_AUDIO,
    }),
  ),
  audio: owed('RFC 8839 §4.3.2', 'a telephone that offers ICE hears and is heard, whether that is taken or not', {
    gravity: 'outage',
    follows: ['no-audio', 'audio-altered', 'ice-checks-fail', 'ice-answer-wrong', 'ice-path-ignored'],
    harm: NO_AUDIO,
  }),
  refused: whereReached(
    must('RFC 8489 §9.1.3', 'a connectivity check with a wrong password is refused', {
      gravity: 'letter',
      follows: ['media-redirected'],
      harm: 'Connectivity checks are answered whoever makes them: the password of ICE is not looked at.',
    }),
  ),
  kept: whereReached(
    must('RFC 8489 §9.1.3', 'a connectivity check with a wrong password takes no audio with it', {
      gravity: 'exposure',
      cause: 'media-redirected',
      harm: 'Whoever sees a connectivity check of a telephone that uses ICE can listen to its call: the name in the check is enough, its password is not looked at.',
    }),
  ),
}

type Tools = Pick<StageTools<typeof rules>, 'clock' | 'expect' | 'random' | 'waits' | 'within'>

/** A call that offers ICE with two candidates, and what comes of it. */
interface Offered {
  readonly agent: IceAgent
  /** That of the c= and m= lines, and another one. */
  readonly first: RawRtp
  readonly second: RawRtp
  /** Beside the second, for RTCP. */
  readonly reports: RawRtp
  /** Of the answer; undefined: it is without ICE. */
  readonly theirs: IceDescription | undefined
  readonly to: Endpoint
  /** Where the answer wants RTCP; undefined: it shares the port, or has no candidate. */
  readonly reportsTo: Endpoint | undefined
}

/** What the answer says about ICE. */
function readAnswer(sdp: string | undefined): { readonly theirs: IceDescription | undefined; readonly fits: boolean } {
  const description = SessionDescription.parse(sdp ?? '')
  const media = description.media.find((one) => one.media === 'audio')
  const theirs = media && iceOf(description.session, media)
  return { theirs, fits: media !== undefined && theirs !== undefined && defaultIsCandidate(media, theirs) }
}

/** RFC 5761 §5.1.3: without a=rtcp-mux RTCP has paths of its own. */
function reportsOf(
  media: ReturnType<RawRtp['follows']>,
  theirs: IceDescription,
  audio: Endpoint,
): Endpoint | undefined {
  if (media === undefined || media.rtcpMux) return undefined
  const { rtcp } = media
  const wanted = { address: rtcp?.connection?.address ?? audio.address, port: rtcp?.port ?? audio.port + 1 }
  return theirs.candidates.some((one) => one.component === 2 && sameEndpoint(one, wanted)) ? wanted : undefined
}

/** Checks both paths, nominates the second, for RTCP too. False: a check did not succeed. */
async function agreesOnPath(
  { agent, first, second, reports, to, reportsTo }: Offered,
  theirs: IceDescription,
  isBehindNat: boolean,
  { expect }: Tools,
): Promise<boolean> {
  const ofReports = reportsTo === undefined ? [] : ([[reports, reportsTo, true]] as const)
  for (const [audio, where, nominates] of [
    [first, to, false],
    [second, to, false],
    [second, to, true],
    ...ofReports,
  ] as const) {
    const { answer, integrity, words } = await agent.checks(audio, where, theirs, { withinMs: CHECK_MS, nominates })
    const came = where === to || words === 'success' ? words : `${words} (RTCP)`
    if (!expect('answered', came).toBe('success')) return false
    if (!expect('signed', integrity ?? 'missing').toBe('right')) return false
    const told = answer?.xorMappedAddress
    const source =
      told === undefined
        ? 'no address'
        : isBehindNat || sameEndpoint(told, audio.local)
          ? 'its source'
          : 'another address'
    if (!expect('mapped', source).toBe('its source')) return false
  }
  return true
}

const stories = [
  {
    id: 'media/ice',
    title: 'A telephone that offers ICE to the echo test hears itself, on the path that it has checked',
  },
  {
    id: 'media/ice-between',
    title: 'A telephone that offers ICE in a call to another one hears and is heard, on the path that it has checked',
  },
] as const

const advice =
  'Look at what the relay says of ICE. Where ICE is not meant to be used take it out of offers (rtpengine: ICE=remove); where it is, let the relay answer for itself (rtpengine: ICE=force, with the address in interface= that devices reach). Asterisk: icesupport, and ice_host_candidates where the machine has another address outside.'

export default stories.map(({ id, title }) => {
  const isEcho = id === 'media/ice'
  return scenario({
    id,
    title,
    area: 'media',
    purposes: ['ICE'],
    provider: ['EP-4'],
    rules,
    devices: { alice: { audio: false }, ...(isEcho ? {} : { bob: {} }) },
    ...(isEcho ? { needs: ['echo'] as const } : {}),
    seconds: 30,
    reliesOn: 'audio',
    step: 'talk',
    harm: NO_AUDIO,
    advice,
    async run(tools) {
      const { alice, expect, random, services, waits, within, clock } = tools
      const bob: Device | undefined = 'bob' in tools ? tools.bob : undefined
      await alice.registers()
      await bob?.registers()
      const seenAs = alice.hears(200, { to: 'REGISTER' }).last?.message.via.received
      const isBehindNat = seenAs !== undefined && seenAs !== alice.localAddress

      const plain = await alice.speaksByHand()
      const calls = (sdp: string) => (bob ? alice.reaches(bob, { sdp }) : alice.reaches(services.echo ?? '', { sdp }))
      const before = await calls(plain.describes())
      expect('notUnasked', readAnswer(before.remoteSdp).theirs === undefined).toBeTrue('without ICE')
      await within(before.hangUp(), 4_000)

      const agent = new IceAgent({ clock, random })
      const [first, second, stranger, firstReports, reports] = [
        await alice.speaksByHand(),
        await alice.speaksByHand(),
        await alice.speaksByHand(),
        await alice.speaksByHand(),
        await alice.speaksByHand(),
      ]
      for (const audio of [first, second, stranger, firstReports, reports]) agent.uses(audio)
      const call = await calls(first.describes({ lines: agent.lines([first, second], [firstReports, reports]) }))
      const { theirs, fits } = readAnswer(call.remoteSdp)
      const media = first.follows(call.remoteSdp)
      const { to } = first
      precondition(to, 'the answer has no address for audio', 'no-audio')
      for (const audio of [second, stranger]) {
        audio.to = to
        audio.encrypts = first.encrypts
        audio.decrypts = first.decrypts
      }
      const voice = random.int(2 ** 24)
      const other = bob?.mediaSessions.at(-1)
      /** Speaks on one path, and tells which one the other voice comes on. */
      const hearsOn = async (speaking: RawRtp): Promise<'the nominated path' | 'another path' | 'nowhere'> => {
        if (other === undefined) await speaking.speaksUntilHeard(voice, ECHO_MS)
        else await speaking.speaks(voice, SPEAKS_MS)
        await waits(200)
        const theirVoice = other?.patternId ?? voice
        if (speaking.secondsOf(theirVoice) > 0) return 'the nominated path'
        return [first, second].some((one) => one.secondsOf(theirVoice) > 0) ? 'another path' : 'nowhere'
      }
      const isHeard = async () => other === undefined || (await other.hears(voice, 500))

      if (theirs === undefined) {
        const heard = await hearsOn(first)
        expect('audio', heard !== 'nowhere' && (await isHeard())).toBeTrue('audio both ways')
        await within(call.hangUp(), 4_000)
        return
      }
      const { ufrag, password, candidates, unreadable } = theirs
      const lengths = `ice-ufrag ${ufrag.length}, ice-pwd ${password.length}`
      expect('credentials', lengths).toSatisfy(
        '4 and 22 characters at least',
        () => /^[\w+/]{4,256}$/.test(ufrag) && /^[\w+/]{22,256}$/.test(password),
      )
      const forAudio = candidates.filter(({ component, transport }) => component === 1 && transport === 'UDP')
      const readable = unreadable.length > 0 ? `not readable: ${unreadable[0]}` : `${forAudio.length} for audio`
      expect('candidates', readable).toSatisfy(
        'at least one for audio, all readable',
        () => forAudio.length > 0 && unreadable.length === 0,
      )
      if (!expect('fits', fits).toBeTrue('one of its candidates')) return

      const reportsTo = reportsOf(media, theirs, to)
      const offered = { agent, first, second, reports, theirs, to, reportsTo }
      if (!(await agreesOnPath(offered, theirs, isBehindNat, { clock, expect, random, waits, within }))) return
      const heard = await hearsOn(second)
      expect('audio', heard !== 'nowhere' && (await isHeard())).toBeTrue('audio both ways')
      if (!expect('path', heard).toBe('the nominated path')) return

      const wrong = { ...theirs, password: random.token(28) }
      const { words } = await agent.checks(stranger, to, wrong, { withinMs: 1_000, nominates: true })
      await second.speaks(voice, 1_000)
      expect('kept', stranger.heard.length).toBe(0, 'packet to where it came from')
      expect('refused', words).toSatisfy('an error, or no answer', (outcome) => outcome !== 'success')
      await within(call.hangUp(), 4_000)
    },
  })
})
