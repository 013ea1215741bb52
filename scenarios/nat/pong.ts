import { must, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'nat/pong',
  title: 'A keep-alive on a connection (two empty lines) is answered, so that the device knows its line is open',
  area: 'nat',
  purposes: ['OB-PONG'],
  provider: ['BH-9', 'BH-3'],
  rules: {
    pong: must('RFC 5626 §5.4', 'a double CRLF between messages is answered at once with a single one', {
      gravity: 'harm',
      harm: 'Devices that check their line take it for dead, and connect again and again.',
    }),
    stillOpen: must('RFC 3261 §7.5', 'empty lines before a message are ignored: the connection still serves', {
      gravity: 'harm',
      harm: 'Devices that check their line lose it each time, and with it the calls that should ring them.',
    }),
  },
  devices: { alice: { audio: false } },
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'Devices that check their line hang up the connection again and again, or do not notice that it is dead.',
  advice: 'Switch on CRLF keep-alive answers on streams (RFC 5626), or stop announcing outbound.',
  async run({ alice, record, target, expect, waits, clock }) {
    // Many answer keep-alives without RFC 5626: whether they have agreed counts only where no answer comes.
    const agreed = await alice.registersFlow().then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && /does not agree on outbound/.test(error.message)) return false
        throw error
      },
    )
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
    if (lines === 0 && !agreed) unsupported('the target did not agree on outbound (RFC 5626) and answers no CRLF')
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
