import { insideOf, promised, scenario, should } from 'ringproof'

export default scenario({
  id: 'dialog/unknown-dialog',
  title: 'A BYE for a call that does not exist is refused, and the one that does exist goes on',
  area: 'dialog',
  purposes: ['DLG-481'],
  provider: ['SC-4'],
  rules: {
    refused: should('RFC 3261 §15.1.2', 'a BYE that matches no dialog is answered 481', {
      gravity: 'harm',
      harm: 'Devices keep calls on their display that the other side has long forgotten.',
    }),
    lives: promised('SC-4', 'a call that the BYE was not meant for goes on and can be ended', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 16,
  harm: 'Devices keep calls on their display that the other side has long forgotten; who knows half of an identifier can end calls of others.',
  advice: 'Look at how the answering side finds the call of a request: by Call-ID and both tags.',
  async run({ alice, services, expect, random, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '', { cseq: 1000 })
    const { uri, ...inside } = insideOf(call, { remoteTag: random.token(12) })
    const stray = await within(alice.sends('BYE', uri, { ...inside, cseq: 1010 }), 6_000)
    expect('refused', stray?.status, { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(481)
    const bye = await within(call.hangUp(), 4_000)
    expect('lives', bye?.status, { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
  },
})
