import { BINDING, encodeStun, formatEndpoint, must, parseStun, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'nat/stun-keep-alive',
  title: 'STUN on the SIP port tells a device on UDP that its way is open, and whether its address has changed',
  area: 'nat',
  purposes: ['OB-STUN'],
  provider: ['BH-9'],
  rules: {
    answered: must('RFC 5626 §5.4', 'a STUN keep-alive on the UDP port of SIP is answered', { gravity: 'letter' }),
    source: must(
      'RFC 8489 §6.3.1.2',
      'the answer to a STUN keep-alive comes from the address and port that was asked',
      { gravity: 'letter' },
    ),
    xor: must('RFC 5626 §8', 'the answer to a STUN keep-alive carries XOR-MAPPED-ADDRESS', { gravity: 'letter' }),
    same: must('RFC 8489 §6.3.1.1', 'STUN tells the address and port that SIP requests are seen to come from', {
      gravity: 'letter',
    }),
    mixed: must('RFC 5626 §8', 'SIP goes on over a flow that STUN was sent over', { gravity: 'letter' }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 60_000, filtering: 'endpoint-independent' }, audio: false } },
  needs: ['outbound'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'Telephones that agreed on keep-alives take their line for dead and register again and again, or do not notice that their address has changed.',
  advice: 'Switch on STUN on the SIP port (RFC 5626), or stop announcing outbound.',
  async run({ alice, record, target, random, expect, waits }) {
    const { seenAs, exchange } = await alice.registersFlow()
    const transactionId = random.bytes(12)
    const request = encodeStun({ class: 'request', method: BINDING, transactionId, fingerprint: true })
    const answers = () =>
      record.wire.flatMap(({ device, direction, data, remote }) => {
        if (device !== 'alice' || direction !== 'in' || !data) return []
        const message = parseStun(data)
        return message?.transactionId.equals(transactionId) ? [{ message, remote }] : []
      })
    for (const pause of [500, 1_000, 2_000, 2_000]) {
      if (answers().length === 0) await alice.transmits(request)
      for (let waited = 0; waited < pause && answers().length === 0; waited += 50) await waits(50)
    }
    const [answer] = answers()
    const options = await alice.sends('OPTIONS', `sip:${target.domain('udp')}`)
    expect('mixed', options.final?.status, { seen: alice.says('OPTIONS').last }).toBePresent()
    const kind = answer?.message.class ?? 'no answer'
    if (expect('answered', kind).toBe('success') && answer) {
      expect('source', formatEndpoint(answer.remote)).toBe(formatEndpoint(alice.hop.remote))
      const { xorMappedAddress } = answer.message
      expect('xor', xorMappedAddress).toBePresent()
      const told = exchange.final?.via.received !== undefined && seenAs
      precondition(told, 'the answer to REGISTER does not say where it was seen to come from')
      if (xorMappedAddress) expect('same', formatEndpoint(xorMappedAddress)).toBe(formatEndpoint(told))
    }
  },
})
