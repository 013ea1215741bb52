import { BINDING, encodeStun, formatEndpoint, must, parseStun, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/stun-keep-alive',
  title: 'STUN on the SIP port is answered with the address that SIP sees',
  area: 'nat',
  purposes: ['OB-STUN'],
  provider: ['BH-9'],
  rules: {
    answered: must('RFC 5626 §5.4', 'a STUN keep-alive on the UDP port of SIP is answered', {
      gravity: 'harm',
      cause: 'keep-alive-unanswered',
      harm: 'STUN keep-alives on UDP get no answer. Telephones that agreed on them register again and again.',
    }),
    source: whereReached(
      must('RFC 8489 §6.3.1.2', 'the answer to a STUN keep-alive comes from the address and port that was asked', {
        gravity: 'harm',
        cause: 'stun-source-wrong',
        follows: ['signalling-unpublished'],
        harm: 'Answers to STUN keep-alives come from another address or port: routers drop them.',
      }),
    ),
    xor: whereReached(
      must('RFC 5626 §8', 'the answer to a STUN keep-alive carries XOR-MAPPED-ADDRESS', {
        gravity: 'letter',
        harm: 'Answers to STUN keep-alives carry no XOR-MAPPED-ADDRESS.',
      }),
    ),
    same: whereReached(
      must('RFC 8489 §6.3.1.1', 'STUN tells the address and port that SIP requests are seen to come from', {
        gravity: 'harm',
        cause: 'stun-address-wrong',
        harm: 'STUN on the SIP port tells a wrong address: telephones register again and again.',
      }),
    ),
    mixed: must('RFC 5626 §8', 'SIP goes on over a flow that STUN was sent over', {
      gravity: 'outage',
      harm: 'After a STUN keep-alive SIP requests get no answer.',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 60_000, filtering: 'endpoint-independent' }, audio: false } },
  needs: ['outbound'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  harm: 'STUN keep-alives do not work as agreed on.',
  advice: 'Answer STUN on the SIP port (RFC 5626), or stop announcing outbound. Kamailio: the stun module.',
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
    expect('mixed', options.final?.status ?? null, { seen: alice.says('OPTIONS').last }).toBePresent()
    const kind = answer?.message.class ?? 'no answer'
    if (expect('answered', kind).toBe('success') && answer) {
      expect('source', formatEndpoint(answer.remote)).toBe(formatEndpoint(alice.hop.remote))
      const { xorMappedAddress } = answer.message
      expect('xor', xorMappedAddress ?? null).toBePresent()
      const told = exchange.final?.via.received !== undefined && seenAs
      precondition(told, 'the answer to REGISTER does not say where the request came from')
      if (xorMappedAddress) expect('same', formatEndpoint(xorMappedAddress)).toBe(formatEndpoint(told))
    }
  },
})
