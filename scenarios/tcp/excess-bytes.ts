import { must, precondition, probe, scenario, should } from 'ringproof'

export default scenario({
  id: 'tcp/excess-bytes',
  title: 'A datagram that is longer than its message is read, one that is shorter is refused',
  area: 'tcp',
  purposes: ['TR-EXCESS'],
  rules: {
    discarded: must(
      'RFC 3261 §18.3',
      'bytes of a datagram beyond Content-Length are discarded: the answer is the same as without',
      {
        gravity: 'letter',
        harm: 'Datagrams with bytes beyond Content-Length are not answered as usual. Hardly any telephone sends them.',
      },
    ),
    refused: should('RFC 3261 §18.3', 'a request whose body is not all there is answered 400', {
      gravity: 'letter',
      harm: 'A request whose body is cut off is not answered 400.',
    }),
  },
  devices: { alice: {} },
  seconds: 14,
  reliesOn: 'reach',
  harm: 'Content-Length is not compared with the length of the datagram as it should be.',
  advice: 'Look at how the server compares Content-Length with the length of the datagram.',
  async run({ alice, target, expect }) {
    const ask = () => probe(alice, target)
    const plain = await alice.asks(ask())
    precondition(plain && 'status' in plain.message, 'a request without log-in got no answer', 'no-answer')
    const padded = ask()
    const longer = await alice.asks(padded, Buffer.concat([padded.toBytes(), Buffer.from('\r\nand some more\r\n')]))
    const status = (seen: typeof plain | undefined) =>
      seen && 'status' in seen.message ? seen.message.status : 'no answer'
    expect('discarded', status(longer), { seen: longer }).toBe(status(plain))
    const broken = ask()
    broken.headers.set('Content-Length', '400')
    const text = broken
      .toBytes()
      .toString('latin1')
      .replace(/Content-Length: *\d+/i, 'Content-Length: 400')
    const shorter = await alice.asks(broken, Buffer.from(`${text}short`, 'latin1'))
    expect('refused', status(shorter), { seen: shorter }).toBe(400)
  },
})
