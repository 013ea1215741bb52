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
      harm: 'The STUN server does not answer. Telephones behind a router that rely on it announce a wrong address.',
    }),
    source: must('RFC 8489 §6.3.1.2', 'the answer of the STUN server comes from the address and port that was asked', {
      gravity: 'harm',
      cause: 'stun-source-wrong',
      harm: 'STUN answers come from another address or port than the one asked: routers drop them, and telephones that rely on STUN announce a wrong address. Their users hear nothing, or are not heard.',
    }),
    mapped: whereReached(
      must('RFC 8489 §6.3.1.1', 'the STUN server tells the address and port that the request came from', {
        gravity: 'harm',
        cause: 'stun-address-wrong',
        harm: 'STUN tells a wrong address: telephones behind a router that rely on it have one-way audio.',
      }),
    ),
    xor: must('RFC 8489 §6.3.1.1', 'the STUN server tells the address in XOR-MAPPED-ADDRESS', {
      gravity: 'letter',
      harm: 'STUN answers come without XOR-MAPPED-ADDRESS: some routers alter the plain address.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['stun'],
  seconds: 10,
  reliesOn: 'nothing',
  harm: 'The STUN server does not work as it should.',
  advice:
    'Look at the addresses that the STUN server listens on, and whether a load balancer hides the source of requests.',
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
    if (!expect('answers', answer?.class ?? 'no answer').toBe('success') || !first || !answer) return
    expect('source', formatEndpoint(first.from)).toBe(formatEndpoint(asked))
    expect('xor', answer.xorMappedAddress ?? null).toBePresent()
    const mapped = answer.xorMappedAddress ?? answer.mappedAddress
    // Behind a NAT between here and there, nobody here knows what the server should have seen.
    if (mapped && outsideAddress(socket.local.address, mapped.address) === socket.local.address)
      expect('mapped', formatEndpoint(mapped)).toBe(formatEndpoint(socket.local))
  },
})
