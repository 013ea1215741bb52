import { insideOf, must, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/old-number',
  title: 'A request within a call whose CSeq is lower than an earlier one is rejected',
  area: 'dialog',
  purposes: ['DLG-CSEQ'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3261 §12.2.2', 'a CSeq number below the last one is answered 500', { gravity: 'letter' }),
    lives: must('RFC 3261 §12.2.2', 'a rejected request changes nothing: the call goes on', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 16,
  fitForLoad: true,
  harm: 'Requests that the network delivers late, or that somebody recorded and sends again, can end calls.',
  advice: 'Look whether the service compares CSeq numbers within a call (RFC 3261 §12.2.2).',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '', { cseq: 1000 })
    const { uri, ...inside } = insideOf(call)
    const old = await within(alice.sends('BYE', uri, { ...inside, cseq: 500 }), 6_000)
    expect('refused', old?.status ?? 'no answer', {
      seen: alice.hears(undefined, { to: 'BYE' }).last,
      header: 'CSeq',
    }).toBe(500)
    const bye = await within(call.hangUp(), 4_000)
    expect('lives', bye?.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
  },
})
