import { finding, must, precondition, probe, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'tcp/large-datagram',
  title: 'A request larger than a packet is answered over UDP too',
  area: 'tcp',
  purposes: ['TR-BIG'],
  provider: ['BH-2'],
  rules: {
    whole: must('RFC 3261 §18.1.1', 'a request of 1400 bytes, which goes in one packet, is answered', {
      gravity: 'harm',
    }),
    // Fragments may die on the way there or back, and not at the target.
    fragments: whereReached(
      finding('RFC 3261 §18.1.1', 'a request of 3000 bytes, which goes in fragments, is answered', {
        gravity: 'harm',
        harm: 'Requests that need IP fragments get no answer: the target or the network drops them. Telephones with many codecs or long headers cannot call over UDP.',
      }),
    ),
  },
  devices: { alice: {} },
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  reliesOn: 'reach',
  harm: 'Large requests over UDP get no answer. Telephones with many codecs or long headers cannot call.',
  advice:
    'Look for firewalls or load balancers that drop IP fragments, and at the size of the server’s receive buffer.',
  async run({ alice, target, expect, random }) {
    const ask = (length: number) =>
      probe(alice, target, {
        headers: Array.from(
          { length: Math.ceil(length / 100) },
          (_, n) => [`X-Filler-${n}`, random.token(80)] as const,
        ),
      })
    precondition(await alice.asks(ask(0)), 'a small request got no answer', 'no-answer')
    const whole = await alice.asks(ask(1_000))
    if (!expect('whole', whole?.message.headers.get('CSeq') ?? null, { seen: whole }).toBePresent()) return
    const fragments = await alice.asks(ask(3_000))
    expect('fragments', fragments?.message.headers.get('CSeq') ?? null, { seen: fragments }).toBePresent()
  },
})
