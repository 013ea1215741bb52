import { compareDigits, precondition, promised, scenario, toldBack, toldInWords, whereReached } from 'ringproof'

export default scenario({
  id: 'dtmf/told-back',
  title: 'The DTMF test understands every key of the keypad, once',
  area: 'dtmf',
  purposes: ['EV-END', 'SC-3'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    agreed: promised('EP-10', 'the answer has telephone-event where the offer has it', {
      gravity: 'harm',
      cause: 'keypad-lost',
      harm: 'Customers cannot use voice menus, mailboxes or conference PINs: services do not agree to telephone-event.',
    }),
    toldBack: whereReached(
      promised('SC-3', 'every digit is understood, in order', {
        gravity: 'harm',
        cause: 'keypad-lost',
        follows: ['audio-altered'],
      }),
    ),
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
    precondition(media?.negotiated, 'the call has no audio session', 'no-audio')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const { dtmf } = media.negotiated
    if (!expect('agreed', dtmf !== undefined, { seen }).toBeTrue('telephone-event in the answer')) return
    const keys = '0123456789*#'
    const told = await toldBack(alice, clock, { press: () => call.sendDigits(keys), count: keys.length })
    const { lost, doubled } = compareDigits(keys, told)
    expect('toldBack', toldInWords(told)).toSatisfy(keys, () => !lost)
    if (told !== '') expect('once', toldInWords(told)).toSatisfy(keys, () => !doubled)
  },
})
