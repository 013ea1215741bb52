import {
  audioIsThere,
  finding,
  hearingEachOther,
  loginTaken,
  owed,
  precondition,
  scenario,
  unsupported,
  whereReached,
} from 'ringproof'

const SIDES = [
  {
    id: 'dialog/codec-change-by-caller',
    title: 'The caller changes the codec in mid-call, and both go on hearing each other',
    asks: 'caller',
    variants: [
      { transport: 'udp', family: 'ipv4' },
      { transport: 'tls', family: 'ipv4' },
    ],
  },
  {
    id: 'dialog/codec-change-by-called',
    title: 'The called device changes the codec in mid-call, and both go on hearing each other',
    asks: 'called device',
    variants: [{ transport: 'udp', family: 'ipv4' }],
  },
] as const

export default SIDES.map(({ id, title, asks, variants }) =>
  scenario({
    id,
    title,
    area: 'dialog',
    purposes: ['CODEC-CHANGE'],
    provider: ['BH-4'],
    rules: {
      taken: finding('RFC 3264 §8.3.2', 'a re-INVITE with another codec of those that the provider names is accepted', {
        gravity: 'letter',
        cause: 'change-refused',
        harm: 'Devices cannot change the codec of a call: the provider refuses it.',
      }),
      askerHears: whereReached(
        owed('RFC 3264 §8.3.2', 'after a change of codec the side that had asked for it hears the other', {
          gravity: 'outage',
          cause: 'silent-after-change',
          harm: 'Calls fall silent when a device changes the codec: the relay goes on with the old one.',
        }),
      ),
      otherHears: whereReached(
        owed('RFC 3264 §8.3.2', 'after a change of codec the other side hears the one that had asked for it', {
          gravity: 'outage',
          cause: 'silent-after-change',
          harm: 'Calls fall silent when a device changes the codec: the relay goes on with the old one.',
        }),
      ),
    },
    devices: { alice: { codecs: ['PCMA'] }, bob: {} },
    reliesOn: 'audio',
    step: 'talk',
    variants,
    seconds: 28,
    fitForLoad: true,
    harm: 'Calls fall silent when a device changes the codec.',
    advice:
      'Look which payload types the relay, or a transcoder, takes after the re-INVITE, and whether its offer and its answer both went through it.',
    async run({ alice, bob, expect, clock, within, target }) {
      if (!(['PCMA', 'PCMU'] as const).every((codec) => target.document.media.codecs.includes(codec)))
        unsupported('the target file does not name two codecs')

      await alice.registers()
      await bob.registers()
      const call = await alice.calls(bob)
      await audioIsThere(call.caller, call.callee, clock, 'before the change')
      const isCaller = asks === 'caller'
      const [asker, other] = isCaller ? [call.caller, call.callee] : [call.callee, call.caller]
      precondition(asker.media && other.media, 'an end of the call has no audio session', 'no-audio')
      // The first answer had one codec; from now on the call has the other.
      for (const { media } of [asker, other])
        if (media) media.codecs = media === asker.media ? ['PCMU'] : ['PCMU', 'PCMA']
      const change = await within(asker.reinvite(), 10_000)
      loginTaken(change?.final)
      const seen = (isCaller ? alice : bob).hears(undefined, { to: 'INVITE', callId: asker.id }).last
      const taken = expect('taken', change?.final?.status ?? 'no final answer', { seen })
      if (taken.toSatisfy('a 2xx', (status) => typeof status === 'number' && status < 300)) {
        const after = await hearingEachOther(asker, other, clock)
        expect('askerHears', after.first, { seen }).toBeTrue("the other side's voice")
        expect('otherHears', after.second, { seen }).toBeTrue("the other side's voice")
      }
      await within(call.caller.hangUp(), 4_000)
    },
  }),
)
