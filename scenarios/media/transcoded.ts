import { type DeviceOptions, owed, precondition, scenario, talkBothWays, unsupported, whereReached } from 'ringproof'

/** What says that the two have no codec in common (RFC 3261 §21.4.26, §21.6.4), and what a gateway makes of it. */
const NO_CODEC = [488, 606, 415]

interface Story {
  readonly id: string
  readonly title: string
  readonly codecs: readonly [DeviceOptions['codecs'], DeviceOptions['codecs']]
  readonly harm: string
}

const STORIES: readonly Story[] = [
  {
    id: 'media/wideband',
    title: 'Two telephones that prefer G.722 hear each other',
    codecs: [
      ['G722', 'PCMA'],
      ['G722', 'PCMA'],
    ],
    harm: 'Telephones that offer G.722 first, as most do, have calls that are silent or sound wrong.',
  },
  {
    id: 'media/transcoded',
    title: 'A telephone with A-law alone and one with µ-law alone hear each other, or the call is refused',
    codecs: [['PCMA'], ['PCMU']],
    harm: 'Calls between telephones of different codecs are connected, and sound like noise or are silent.',
  },
  {
    id: 'media/transcoded-wideband',
    title: 'A telephone with G.722 alone and one with µ-law alone hear each other, or the call is refused',
    codecs: [['G722'], ['PCMU']],
    harm: 'Calls between a wideband telephone and another one are connected, and sound like noise or are silent.',
  },
]

export default STORIES.map(({ id, title, codecs, harm }) =>
  scenario({
    id,
    title,
    area: 'media',
    purposes: ['CODECS'],
    provider: ['BH-4'],
    rules: {
      heard: owed('RFC 3264 §6.1', 'in a call that was answered the two hear each other', {
        gravity: 'outage',
        cause: 'no-audio',
        follows: ['silent-after-change'],
        harm,
      }),
      intact: whereReached(
        owed('RFC 3264 §6.1', 'what is heard is what was said, in the codec that was agreed on', {
          gravity: 'outage',
          cause: 'transcoded-wrongly',
          follows: ['audio-altered', 'packet-times-misread'],
          harm,
        }),
      ),
      pace: whereReached(
        owed('RFC 3551 §4.5.2', 'timestamps count 8,000 a second, with G.722 too', {
          gravity: 'harm',
          cause: 'packet-times-misread',
          harm: 'Calls of some telephones sound choppy, or are silent: audio comes in {pace|packets whose timestamps do not fit them}.',
        }),
      ),
    },
    devices: { alice: { codecs: codecs[0] ?? [] }, bob: { codecs: codecs[1] ?? [] } },
    reliesOn: 'audio',
    step: 'talk',
    seconds: 11,
    harm,
    advice:
      'Look in the ladder which codec each of the two was told, and in the capture which payload type its packets have. Where they differ something transcodes: look whether it decodes what it labels anew, and counts 8,000 timestamps a second for G.722.',
    async run({ alice, bob, expect, figure, waits, within }) {
      await alice.registers()
      await bob.registers()
      const ringing = bob.nextCall(8_000)
      const caller = await alice.invites(bob)
      const final = await within(caller.answered, 12_000)
      if (NO_CODEC.includes(final?.status ?? 0))
        unsupported(`calls without a common codec are refused with ${final?.status}`)
      const callee = await within(ringing, 1)
      precondition(
        final !== undefined && final.status < 300 && callee,
        `the call was answered with ${final?.status ?? 'nothing'}`,
      )
      await talkBothWays({ expect, figure, waits }, { caller: alice, callee: bob }, { caller, callee })
      await within(caller.hangUp(), 4_000)
    },
  }),
)
