import { must, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'nat/pong',
  title: 'A keep-alive on a connection (two empty lines) is answered, so that the device knows its line is open',
  area: 'nat',
  purposes: ['OB-PONG'],
  provider: ['BH-9', 'BH-3'],
  rules: {
    pong: must('RFC 5626 §5.4', 'a double CRLF between messages is answered at once with a single one'),
    stillOpen: must('RFC 3261 §7.5', 'empty lines before a message are ignored: the connection still serves'),
  },
  devices: { alice: { audio: false } },
  transports: ['tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'Devices that check their line hang up the connection again and again, or do not notice that it is dead.',
  advice: 'Switch on CRLF keep-alive answers on streams (RFC 5626), or stop announcing outbound.',
  async run({ alice, record, target, random, expect, waits, clock }) {
    const instance = `${random.bytes(4).toString('hex')}-0000-4000-8000-${random.bytes(6).toString('hex')}`
    const outcome = await alice.registers({
      contacts: [`<${alice.agent.contactUri}>;reg-id=1;+sip.instance="<urn:uuid:${instance}>"`],
      headers: { Supported: 'path, outbound' },
    })
    const agreed = outcome.exchange.final?.headers.values('Require').some((tag) => tag.toLowerCase() === 'outbound')
    const pinged = clock.now()
    const before = record.wire.length
    await alice.transmits('\r\n\r\n')
    // It may come in two pieces, as all that comes over a stream.
    const pong = () => {
      const came = record.wire.slice(before).filter((one) => one.device === 'alice' && one.direction === 'in')
      const text = came.map((one) => one.data?.toString('latin1') ?? '').join('')
      return text.startsWith('\r\n') ? came.at(-1) : undefined
    }
    for (let waited = 0; waited < 10_000 && !pong(); waited += 100) await waits(100)
    const found = pong()
    if (!found && !agreed) unsupported('the target did not agree on outbound (RFC 5626) and answers no CRLF')
    expect('pong', found ? Math.round(found.at - pinged) : 'none within 10 s').toSatisfy(
      'a CRLF within 10 s',
      (ms) => typeof ms === 'number',
    )
    const exchange = await alice.sends('OPTIONS', `sip:${target.domain(alice.variant.transport)}`)
    const connections = new Set(alice.says().all.map((said) => said.connection))
    expect('stillOpen', exchange.final !== undefined && connections.size === 1, {
      seen: alice.says('OPTIONS').last,
    }).toBeTrue('OPTIONS answered on the same connection')
  },
})
