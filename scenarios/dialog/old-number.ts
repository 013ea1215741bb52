import { insideOf, must, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/old-number',
  title: 'A request within a call that is older than one before it is refused',
  area: 'dialog',
  purposes: ['DLG-CSEQ'],
  provider: ['SC-4'],
  rules: {
    refused: must('RFC 3261 §12.2.2', 'a CSeq number below the last one is answered 500', { gravity: 'letter' }),
    lives: must('RFC 3261 §12.2.2', 'a refused request changes nothing: the call goes on', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  seconds: 16,
  harm: 'Packets that the network delivers late, or that somebody recorded and sends again, end or change calls.',
  advice: 'Look at whether the answering side compares CSeq numbers within a call.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '', { cseq: 1000 })
    const { uri, ...inside } = insideOf(call)
    const old = await within(alice.sends('BYE', uri, { ...inside, cseq: 500 }), 6_000)
    expect('refused', old?.status, { seen: alice.hears(undefined, { to: 'BYE' }).last, header: 'CSeq' }).toBe(500)
    const bye = await within(call.hangUp(), 4_000)
    expect('lives', bye?.status, { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBe(200)
  },
})
