import { must, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'nat/pong',
  title: 'A keep-alive on a connection (double CRLF) is answered with CRLF',
  area: 'nat',
  purposes: ['OB-PONG'],
  provider: ['BH-9', 'BH-3'],
  rules: {
    pong: must('RFC 5626 §5.4', 'a double CRLF between messages is answered at once with a single one', {
      gravity: 'harm',
      cause: 'keep-alive-unanswered',
      follows: ['empty-lines-rejected'],
      harm: 'Keep-alives on TCP and TLS get no answer. Telephones take their connection for dead and reconnect.',
    }),
    stillOpen: must('RFC 3261 §7.5', 'empty lines before a message are ignored: the connection still serves', {
      gravity: 'outage',
      cause: 'empty-lines-rejected',
      follows: ['stream-framing'],
      harm: 'Telephones that send keep-alives on TCP or TLS lose their connection each time. They miss calls.',
    }),
  },
  devices: { alice: { audio: false } },
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'Keep-alives on connections are not answered as they should be.',
  advice:
    'Answer CRLF keep-alives on connections (RFC 5626), or stop announcing outbound. OpenSIPS: tcp_crlf_pingpong of proto_tcp.',
  async run({ alice, record, target, expect, waits, clock }) {
    // Many answer keep-alives without RFC 5626: whether they have agreed counts only where no answer comes.
    const { agreed } = await alice.triesFlow()
    const pinged = clock.now()
    const before = record.wire.length
    await alice.transmits('\r\n\r\n')
    // It may come in two pieces, as all that comes over a stream.
    const heard = () =>
      record.wire.slice(before).filter((one) => one.device === 'alice' && one.direction === 'in' && one.data)
    const text = () =>
      heard()
        .map((one) => one.data?.toString('latin1') ?? '')
        .join('')
    for (let waited = 0; waited < 10_000 && !text().startsWith('\r\n'); waited += 100) await waits(100)
    const after = Math.round((heard()[0]?.at ?? pinged) - pinged)
    // Whoever sends back what it gets sends two.
    await waits(300)
    const lines = /^(?:\r\n)*/.exec(text())?.[0].length ?? 0
    if (lines === 0 && !agreed) unsupported('the target does not support outbound (RFC 5626) and does not answer CRLF')
    expect('pong', lines === 0 ? 'none within 10 s' : `${lines / 2} after ${after} ms`).toSatisfy(
      'a single CRLF within 10 s',
      // A ping of the target's own may come right behind.
      () => lines === 2 || lines === 6,
    )
    const exchange = await alice.sends('OPTIONS', `sip:${target.domain(alice.variant.transport)}`)
    const connections = new Set(alice.says().all.map((said) => said.connection))
    expect('stillOpen', exchange.final !== undefined && connections.size === 1, {
      seen: alice.says('OPTIONS').last,
    }).toBeTrue('OPTIONS answered on the same connection')
  },
})
