import { insideOf, promised, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'dialog/unknown-dialog',
  title: 'A BYE with a wrong tag is rejected with 481 and does not end the call',
  area: 'dialog',
  purposes: ['DLG-481'],
  provider: ['SC-4'],
  rules: {
    refused: whereReached(
      should('RFC 3261 §15.1.2', 'a BYE that matches no dialog is answered 481', { gravity: 'letter' }),
    ),
    lives: promised('SC-4', 'a BYE with a wrong tag does not end a call', {
      gravity: 'exposure',
      cause: 'in-dialog-by-strangers',
      harm: 'Calls can be ended by somebody who knows only their Call-ID.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 16,
  fitForLoad: true,
  harm: 'A BYE for a call that does not exist is answered as if it did.',
  advice: 'Look at how the service finds the call of a request: by Call-ID and both tags.',
  async run({ alice, services, expect, random, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '', { cseq: 1000 })
    const { uri, ...inside } = insideOf(call, { remoteTag: random.token(12) })
    const stray = await within(alice.sends('BYE', uri, { ...inside, cseq: 1010 }), 6_000)
    const answer = alice.hears(undefined, { to: 'BYE' }).last
    const bye = await within(call.hangUp(), 4_000)
    const seen = alice.hears(undefined, { to: 'BYE' }).last
    // A BYE that ended the call was taken for one of its own: that is the graver mistake.
    if (expect('lives', bye?.status ?? 'no answer', { seen }).toBe(200))
      expect('refused', stray?.status ?? 'no answer', { seen: answer }).toBe(481)
  },
})
