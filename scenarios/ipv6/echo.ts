import { familyOf, must, precondition, promised, scenario, SessionDescription } from 'ringproof'

export default scenario({
  id: 'ipv6/echo',
  title: 'The echo test works over IPv6 from end to end, its audio too',
  area: 'ipv6',
  purposes: ['MED-ECHO', 'MED-V4V6'],
  provider: ['EP-5', 'EP-9', 'SC-4'],
  rules: {
    heard: promised('SC-4', 'the caller hears its own voice over IPv6', { gravity: 'letter' }),
    family: must('RFC 8866 §5.7', 'the address in the session description is of the family that it names', {
      gravity: 'letter',
    }),
    sameFamily: promised('EP-5', 'a device that offers IPv6 is answered with IPv6', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv6'],
  seconds: 8,
  fitForLoad: true,
  harm: 'Customers on IPv6 hear nothing.',
  advice: 'Look at the c= line of the answer, at the relay that it names, and whether that has IPv6.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const media = call.remoteSdp === undefined ? undefined : SessionDescription.parse(call.remoteSdp).media[0]
    const connection = media?.connection
    precondition(connection, 'the answer has no address')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const named = connection.addrType === 'IP6' ? 'ipv6' : 'ipv4'
    expect('family', `${connection.addrType} ${connection.address}`, { seen }).toSatisfy(
      'an address of the family that is named',
      () => familyOf(connection.address) === named,
    )
    expect('sameFamily', familyOf(connection.address), { seen }).toBe('ipv6')
    await waits(2_500)
    expect(
      'heard',
      call.media?.report().heard.some((audio) => audio.patternId === call.media?.patternId),
    ).toBeTrue('its own voice')
  },
})
