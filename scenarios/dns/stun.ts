import {
  BINDING,
  encodeStun,
  formatEndpoint,
  must,
  outsideAddress,
  parseStun,
  precondition,
  promised,
  scenario,
  whereReached,
} from 'ringproof'

export default scenario({
  id: 'dns/stun',
  title: 'The STUN server tells a device its own address, from the port that was asked',
  area: 'dns',
  purposes: ['STUN-3478'],
  provider: ['EP-6'],
  rules: {
    answers: promised('EP-6', 'the STUN server answers on its first port', {
      gravity: 'harm',
      harm: 'Telephones behind a router cannot find out their own address: one-way audio, and calls that do not arrive.',
    }),
    source: must('RFC 8489 §6.3.1.2', 'the answer of the STUN server comes from the address and port that was asked', {
      gravity: 'letter',
    }),
    mapped: whereReached(
      must('RFC 8489 §6.3.1.1', 'the STUN server tells the address and port that the request came from', {
        gravity: 'letter',
      }),
    ),
    xor: must('RFC 8489 §6.3.1.1', 'the STUN server tells the address in XOR-MAPPED-ADDRESS', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false } },
  needs: ['stun'],
  seconds: 10,
  harm: 'Telephones behind a router publish a wrong address: one-way audio, and calls that do not arrive.',
  advice: 'Look at the addresses that the STUN server listens on, and whether a load balancer hides the source.',
  async run({ alice, target, random, expect, waits }) {
    const { stun } = target.document
    const [address] = (await target.addressesOf(stun?.host ?? '')).filter((one) => !one.includes(':'))
    precondition(address, `${stun?.host} has no IPv4 address`)
    const asked = { address, port: stun?.ports[0] ?? 3478 }
    const socket = await alice.bindsSocket()
    const transactionId = random.bytes(12)
    const came: { from: { address: string; port: number }; data: Buffer }[] = []
    socket.onMessage = (data, from) => {
      // RFC 8489 §6.3: what carries another transaction id answers somebody else's question.
      if (parseStun(data)?.transactionId.equals(transactionId)) came.push({ from, data })
    }
    const request = encodeStun({ class: 'request', method: BINDING, transactionId })
    for (const pause of [500, 1_000, 2_000]) {
      if (came.length === 0) socket.send(request, asked)
      for (let waited = 0; waited < pause && came.length === 0; waited += 50) await waits(50)
    }
    const [first] = came
    const answer = first && parseStun(first.data)
    if (!expect('answers', answer?.class).toBe('success') || !first || !answer) return
    expect('source', formatEndpoint(first.from)).toBe(formatEndpoint(asked))
    expect('xor', answer.xorMappedAddress).toBePresent()
    const mapped = answer.xorMappedAddress ?? answer.mappedAddress
    // Behind a NAT between here and there, nobody here knows what the server should have seen.
    if (mapped && outsideAddress(socket.local.address, mapped.address) === socket.local.address)
      expect('mapped', formatEndpoint(mapped)).toBe(formatEndpoint(socket.local))
  },
})
