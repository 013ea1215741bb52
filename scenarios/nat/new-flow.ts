import { formatEndpoint, must, precondition, scenario, type SipSighting } from 'ringproof'

export default scenario({
  id: 'nat/new-flow',
  title: 'A device that registers again over another connection is called over that one only',
  area: 'nat',
  purposes: ['OB-FLOW'],
  provider: ['BH-9'],
  rules: {
    replaced: must('RFC 5626 §6', 'the same instance and flow number are one binding, whatever its contact is', {
      gravity: 'harm',
      cause: 'outbound-ignored',
      follows: ['binding-doubled'],
      harm: 'A telephone that changes its network is registered twice: instance and flow number are ignored.',
    }),
    newFlow: must('RFC 5626 §7', 'a call is sent over the flow that the binding was last made on', {
      gravity: 'outage',
      follows: ['outbound-ignored', 'stream-not-reused', 'nat-source-old'],
      harm: 'A telephone that changes its network, from Wi-Fi to mobile say, cannot be called.',
    }),
    oldFlow: must('RFC 5626 §6', 'a flow that a newer one has replaced is not used any more', {
      gravity: 'harm',
      follows: ['outbound-ignored', 'nat-source-old'],
      harm: 'Calls still go over the old connection of a telephone that has changed its network.',
    }),
  },
  // One telephone, before and after it has changed its network: only the instance tells that it is the same.
  devices: { alice: { audio: false }, moved: { sharesAccountOf: 'alice', audio: false }, bob: { audio: false } },
  needs: ['outbound'],
  transports: ['tcp', 'udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  fitForLoad: true,
  reliesOn: 'call',
  harm: 'A telephone that changes its network is not called where it is.',
  advice:
    'Let the registrar compare bindings by reg-id and +sip.instance, and keep the connection of the last REGISTER. Kamailio: outbound_mode of registrar (0, off, by default).',
  async run({ alice, moved, bob, random, expect, within }) {
    const callId = random.token(24)
    await alice.registersFlow({ callId, cseq: 1 })
    const { contacts } = await moved.registersFlow({ instance: alice.instance, callId, cseq: 50 })
    const registered = moved.says('REGISTER').last
    const answer = moved.hears(200, { to: 'REGISTER' }).last
    await bob.registers()
    const own = contacts.filter(({ params }) => params.get('+sip.instance')?.includes(alice.instance))
    expect('replaced', own.length, { seen: answer, header: 'Contact' }).toSatisfy('one at most', (count) => count <= 1)
    for (const device of [alice, moved]) device.rejects(486)
    const { call } = await bob.tries(moved, 4_000)
    await within(call.ended, 1_500)
    const arrived = moved.hears('INVITE').first
    precondition(arrived ?? alice.hears('INVITE').first, 'the call did not arrive', 'call-not-arrived')
    precondition(registered, 'no REGISTER was sent')
    expect('newFlow', arrived ? flowOf(arrived) : 'no call', { seen: arrived }).toBe(flowOf(registered))
    const strays = alice.hears('INVITE')
    expect('oldFlow', strays.count, { seen: strays.first }).toBe(0, 'request over the old connection')
  },
})

/** For UDP the pair of addresses, for streams the connection (RFC 5626 §6). */
const flowOf = ({ connection, local, remote }: SipSighting): string =>
  connection === undefined
    ? `${formatEndpoint(local)} with ${formatEndpoint(remote)}`
    : `connection ${connection} with ${formatEndpoint(remote)}`
