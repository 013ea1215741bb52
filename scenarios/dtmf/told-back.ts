import { compareDigits, precondition, promised, scenario, toldBack, whereReached } from 'ringproof'

export default scenario({
  id: 'dtmf/told-back',
  title: 'The DTMF test understands every key of the keypad, once',
  area: 'dtmf',
  purposes: ['EV-END', 'SC-3'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    toldBack: promised('SC-3', 'every digit is understood, in order', {
      gravity: 'harm',
      cause: 'keypad-lost',
      follows: ['audio-altered'],
    }),
    once: whereReached(
      promised('SC-3', 'every digit counts once', {
        gravity: 'harm',
        cause: 'keypad-doubled',
        follows: ['keypad-timing'],
        harm: 'Customers cannot use voice menus, mailboxes or conference PINs: one key press counts several times.',
      }),
    ),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'Customers cannot use voice menus, mailboxes or conference PINs: key presses are lost.',
  advice:
    'Look in the capture whether telephone-events reach the service, and how often it counts their end. Asterisk: dtmf_mode=rfc4733 at the endpoint; FreeSWITCH: dtmf-type=rfc2833 of the profile.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer has no telephone-event', 'feature-lacking')
    const keys = '0123456789*#'
    const told = await toldBack(alice, clock, { press: () => call.sendDigits(keys), count: keys.length })
    const { lost, doubled } = compareDigits(keys, told)
    expect('toldBack', told || 'nothing').toSatisfy(keys, () => !lost)
    if (told !== '') expect('once', told).toSatisfy(keys, () => !doubled)
  },
})
