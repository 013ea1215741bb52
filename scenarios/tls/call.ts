import { loginTaken, must, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'tls/call',
  title: 'Devices on TLS call each other, all of it on the connections that they opened',
  area: 'tls',
  purposes: ['TR-REUSE'],
  provider: ['EP-2', 'BH-7', 'BH-9'],
  rules: {
    rings: promised('EP-2', 'a device on TLS can be called', {
      gravity: 'outage',
      follows: ['call-not-delivered', 'stream-not-reused', 'stream-framing', 'encryption-dropped'],
      harm: 'Telephones on TLS cannot be called.',
    }),
    ends: whereReached(
      promised('EP-2', 'requests within a call between devices on TLS reach both sides', {
        gravity: 'outage',
        cause: 'hang-up-lost',
        follows: ['route-lost', 'ack-lost', 'stream-not-reused', 'stream-framing', 'answer-unusable'],
        harm: 'Hanging up a call between telephones on TLS does not reach the other side.',
      }),
    ),
    sameConnection: must('RFC 3261 §18.2.2', 'responses come on the connection of their request', {
      gravity: 'outage',
      cause: 'reply-address-wrong',
      harm: 'Behind NAT, telephones on TLS see no responses: they come on another connection.',
    }),
    inside: promised('BH-7', 'everything the devices hear comes through TLS', {
      gravity: 'exposure',
      harm: 'Part of the signalling to telephones on TLS comes unencrypted.',
    }),
  },
  devices: { alice: {}, bob: {} },
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  fitForLoad: true,
  step: 'call',
  harm: 'Calls between telephones on TLS do not work as they should.',
  advice:
    'The server cannot connect to a telephone on TLS: it must use the connection of the REGISTER, also for requests within the call. Kamailio: fix_nated_register() with received_avp; record_route() and loose_route() with the TLS socket.',
  async run({ alice, bob, expect, record, within }) {
    await alice.registers()
    await bob.registers()
    const ringing = bob.nextCall()
    const call = await alice.invites(bob)
    const final = await within(call.answered, 10_000)
    loginTaken(final)
    const callee = await within(ringing, 1)
    expect('rings', final?.status ?? 'no final response', { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBe(
      200,
    )
    if (callee && final?.status === 200) {
      const bye = await within(callee.hangUp(), 4_000)
      const end = await within(call.ended, 1_000)
      expect('ends', [bye?.status ?? 'no answer', end?.cause ?? 'not ended'], {
        seen: alice.hears('BYE').last,
      }).toEqual([200, 'bye'])
    }
    const heard = record.messages.filter(({ direction }) => direction === 'in')
    const elsewhere = heard.filter(({ message, device, connection }) => {
      if (message.kind === 'request') return false
      const asked = record.messages.findLast(
        (sent) =>
          sent.device === device &&
          sent.direction === 'out' &&
          sent.message.kind === 'request' &&
          sent.message.via.branch === message.via.branch,
      )
      return asked !== undefined && asked.connection !== connection
    })
    expect('sameConnection', elsewhere.length, { seen: elsewhere[0] }).toBe(0, 'response on another connection')
    const outside = heard.filter(({ transport }) => transport !== 'tls')
    expect('inside', outside.length, { seen: outside[0] }).toBe(0, 'message outside TLS')
  },
})
