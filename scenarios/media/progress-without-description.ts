import { describedEarly, finding, must, progresses, scenario, soundAt, wasProxied, whereReached } from 'ringproof'

/** Audio that is promised before the answer begins within so long (ms). */
const BEGINS_MS = 3_000

export default scenario({
  id: 'media/progress-without-description',
  title: 'A 183 without a session description promises the caller no audio',
  area: 'media',
  purposes: ['MED-EARLY'],
  provider: ['BH-1'],
  rules: {
    told: whereReached(
      must('RFC 3261 §16.7', 'a proxy forwards a 183 that has no session description', {
        gravity: 'harm',
        cause: 'provisional-lost',
        harm: 'A 183 without a session description does not reach the caller, who hears nothing of the progress of the call.',
      }),
    ),
    // A telephone is to look whether packets come; many go by the description.
    keepsWord: finding('RFC 3960 §3.2', 'where the caller is told of audio before the answer, audio comes', {
      gravity: 'harm',
      cause: 'early-media-in-vain',
      follows: ['no-audio', 'answer-unusable'],
      harm: 'No sound before the answer on some telephones: they are told of audio that does not come, and play no ringing tone of their own.',
    }),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  step: 'call',
  transports: ['udp', 'tcp'],
  seconds: 12,
  fitForLoad: true,
  harm: 'Callers hear silence where they should hear a ringing tone.',
  advice:
    'Compare the 183 on both sides of the provider. Where the called side describes no audio the server adds no description, or plays a ringing tone over it itself.',
  async run({ alice, bob, expect, waits, within }) {
    const { call, ringing, progress } = await progresses(alice, bob, { sdp: false })
    const [sent, arrived] = [
      alice.says('INVITE', { callId: call.id }).last,
      bob.hears('INVITE', { callId: ringing.id }).first,
    ]
    if (wasProxied(sent, arrived))
      expect('told', progress === undefined ? 'no 183' : 'a 183', { seen: progress }).toBe('a 183')
    await waits(BEGINS_MS)
    const described = describedEarly(alice, call).first
    const { audible, words } = soundAt(alice, described?.at)
    expect('keepsWord', described === undefined ? 'no audio is told of' : `${words} within ${BEGINS_MS / 1000} s`, {
      seen: described ?? progress,
    }).toSatisfy('no description, or audio', () => described === undefined || audible)
    await ringing.answer()
    await within(call.answered, 4_000)
    await within(call.hangUp(), 4_000)
  },
})
