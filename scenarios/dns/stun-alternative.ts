import {
  BINDING,
  encodeStun,
  finding,
  formatEndpoint,
  outsideAddress,
  parseStun,
  precondition,
  promised,
  scenario,
} from 'ringproof'

export default scenario({
  id: 'dns/stun-alternative',
  title: 'The alternative STUN ports answer as well, and tell the same address',
  area: 'dns',
  purposes: ['STUN-ALT'],
  provider: ['EP-6'],
  rules: {
    answers: promised('EP-6', 'the STUN server answers on each of its published ports', {
      gravity: 'harm',
      harm: 'A published STUN port does not answer. Customers whose network blocks the other one cannot use STUN.',
    }),
    same: finding('EP-6', 'all STUN ports tell one socket the same address, each from the port that was asked', {
      gravity: 'harm',
      cause: 'stun-address-wrong',
      follows: ['stun-source-wrong'],
      harm: 'STUN ports tell different addresses: telephones behind a router announce a wrong one.',
    }),
  },
  devices: { alice: { audio: false } },
  needs: ['stun', 'stun-alternative'],
  seconds: 12,
  reliesOn: 'nothing',
  harm: 'The alternative STUN ports do not work as published.',
  advice: 'Look at whether the STUN server listens on each published port, and at the firewall in front of it.',
  async run({ alice, target, random, expect, waits }) {
    const { stun } = target.document
    const [address] = (await target.addressesOf(stun?.host ?? '')).filter((one) => !one.includes(':'))
    precondition(address, `${stun?.host} has no IPv4 address`)
    const socket = await alice.bindsSocket()
    const ports = stun?.ports ?? []
    const asked = ports.map((port) => ({ port, id: random.bytes(12) }))
    const told = new Map<number, { mapped: string; address: string; from: string }>()
    socket.onMessage = (data, from) => {
      const answer = parseStun(data)
      const question = asked.find(({ id }) => answer?.transactionId.equals(id))
      const mapped = answer?.xorMappedAddress ?? answer?.mappedAddress
      if (question && mapped) {
        told.set(question.port, {
          mapped: formatEndpoint(mapped),
          address: mapped.address,
          from: formatEndpoint(from),
        })
      }
    }
    for (const pause of [500, 1_000, 2_000]) {
      for (const { port, id } of asked) {
        if (!told.has(port))
          socket.send(encodeStun({ class: 'request', method: BINDING, transactionId: id }), { address, port })
      }
      for (let waited = 0; waited < pause && told.size < ports.length; waited += 50) await waits(50)
    }
    precondition(told.size > 0, 'no STUN port answers at all', 'no-answer')
    const silent = ports.filter((port) => !told.has(port)).map((port) => `port ${port}`)
    expect('answers', silent).toBeEmpty()
    const where = [...told].map(([port, { mapped, from }]) =>
      from === formatEndpoint({ address, port }) ? mapped : `${mapped}, answered from ${from}`,
    )
    const local = formatEndpoint(socket.local)
    // A NAT on the way may give each destination a port of its own: then the two rightly differ.
    const behindNat = [...told.values()].every(
      (one) => outsideAddress(socket.local.address, one.address) !== socket.local.address,
    )
    if (behindNat) {
      expect(
        'same',
        where.map((one) => one.replace(/:\d+/, '')),
      ).toBeConstant()
    } else {
      expect('same', where).toEqual(where.map(() => local))
    }
  },
})
