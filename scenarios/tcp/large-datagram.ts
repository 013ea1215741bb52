import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'tcp/large-datagram',
  title: 'A request larger than a packet is answered over UDP too',
  area: 'tcp',
  purposes: ['TR-BIG'],
  provider: ['BH-2'],
  rules: {
    answered: must('RFC 3261 §18.1.1', 'messages up to the largest datagram are handled, in fragments if need be', {
      gravity: 'harm',
    }),
  },
  devices: { alice: {} },
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  reliesOn: 'reach',
  harm: 'Large requests over UDP get no answer. Telephones with many codecs or long headers cannot call.',
  advice:
    'Look for firewalls or load balancers that drop IP fragments, and at the size of the server’s receive buffer.',
  async run({ alice, target, expect, random }) {
    const domain = target.domain('udp')
    const ask = (length: number) =>
      alice.composes('OPTIONS', `sip:${domain}`, {
        to: `<sip:${domain}>`,
        headers: Array.from(
          { length: Math.ceil(length / 100) },
          (_, n) => [`X-Filler-${n}`, random.token(80)] as const,
        ),
      })
    precondition(await alice.asks(ask(0)), 'a small OPTIONS got no answer', 'no-answer')
    const answer = await alice.asks(ask(3_000))
    expect('answered', answer?.message.headers.get('CSeq') ?? null, { seen: answer }).toBePresent()
  },
})
