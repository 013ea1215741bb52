import {
  type AudioPace,
  onlyWhereRelayed,
  owed,
  paceAt,
  precondition,
  scenario,
  voiceAt,
  whereReached,
} from 'ringproof'

const LISTENS_MS = 3_000
/** Some packets may come twice, or be made by the target itself. */
const MOST_AGREE = 0.8

const PAIRS = [
  { id: 'media/packet-times', caller: 10, called: 60 },
  { id: 'media/packet-times-30', caller: 30, called: 30 },
] as const

export default PAIRS.map(({ id, caller: callerMs, called: calledMs }) =>
  scenario({
    id,
    title: `Two telephones whose packets hold ${[...new Set([callerMs, calledMs])].join(' and ')} ms of audio hear each other`,
    area: 'media',
    purposes: ['PTIME'],
    provider: ['BH-4'],
    rules: {
      heard: owed('RFC 8866 §6.4', 'the two hear each other, however much audio their packets hold', {
        gravity: 'outage',
        cause: 'no-audio',
        harm: `Telephones that do not send packets of 20 ms are not heard: ${callerMs} and ${calledMs} ms were tried.`,
      }),
      intact: whereReached(
        owed('RFC 8866 §6.4', 'audio is not altered, however much of it is in a packet', {
          gravity: 'outage',
          cause: 'audio-altered',
          follows: ['packet-times-misread', 'audio-lost'],
        }),
      ),
      pace: whereReached(
        owed('RFC 3550 §5.1', 'timestamps advance by as much audio as is in the packets', {
          gravity: 'harm',
          cause: 'packet-times-misread',
          harm: 'Calls with some telephones sound too fast, too slow or choppy: audio comes in {pace|packets whose timestamps do not fit them}.',
        }),
      ),
    },
    devices: { alice: { packetMs: callerMs }, bob: { packetMs: calledMs } },
    reliesOn: 'audio',
    step: 'talk',
    seconds: 9,
    harm: `Calls between telephones that send packets of ${callerMs} and ${calledMs} ms sound wrong, or are silent.`,
    advice:
      'Compare the packets before and after the relay: how much audio each holds (8 octets are a millisecond of G.711), and by how much its timestamp is ahead of the one before. Look at what repacketises: a transcoder, a recorder, settings such as ptime in rtpengine, packetization in Asterisk (allow=alaw:20).',
    async run({ alice, bob, expect, figure, waits }) {
      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      onlyWhereRelayed(call)
      const [ours, theirs] = [call.caller.media, call.callee.media]
      precondition(ours && theirs, 'the call has no audio session', 'no-audio')
      await Promise.all([ours.hears(theirs.patternId, 4_000), theirs.hears(ours.patternId, 4_000)])
      const since = alice.hears(200, { to: 'INVITE' }).last?.at ?? 0
      await waits(LISTENS_MS)
      const heard = [
        { who: 'caller', voice: voiceAt(alice, ours, theirs.patternId), pace: paceAt(alice, since) },
        { who: 'called device', voice: voiceAt(bob, theirs, ours.patternId), pace: paceAt(bob, since) },
      ]
      const words = heard.map(({ who, voice }) => `${who}: ${voice.words}`).join('; ')
      expect('heard', words).toSatisfy('both hear the other', () => heard.every(({ voice }) => voice.audible))
      const audible = heard.filter(({ voice }) => voice.audible)
      if (audible.length > 0) {
        expect(
          'intact',
          audible.map(({ voice, who }) => ({ ...voice, words: `${who}: ${voice.words}` })),
        ).toBeIntact()
      }
      const paces = heard.flatMap(({ pace }) => (pace === undefined ? [] : [pace]))
      const wrong = paces.find(isWrong)
      if (wrong) figure('pace', wrong.words)
      if (paces.length > 0) {
        expect('pace', paces.map((pace) => pace.words).join('; ')).toSatisfy(
          'as much apart as they hold',
          () => wrong === undefined,
        )
      }
    },
  }),
)

const isWrong = ({ agreeing }: AudioPace): boolean => agreeing < MOST_AGREE
