import { echoAt, familyOf, must, precondition, promised, scenario, SessionDescription, whereReached } from 'ringproof'

export default scenario({
  id: 'ipv6/echo',
  title: 'The echo test works over IPv6, signalling and audio',
  area: 'ipv6',
  purposes: ['MED-ECHO', 'MED-V4V6'],
  provider: ['EP-5', 'EP-9', 'SC-4'],
  rules: {
    heard: promised('SC-4', 'an echo arrives over IPv6', {
      gravity: 'outage',
      cause: 'no-audio',
      follows: ['address-family-wrong'],
      harm: 'Customers on IPv6 hear nothing in calls to services.',
    }),
    intact: whereReached(
      promised('SC-4', 'the echo over IPv6 is what the caller said', {
        gravity: 'outage',
        cause: 'audio-altered',
        follows: ['audio-lost'],
        harm: 'Customers on IPv6 hear noise in calls to services: audio is altered on its way.',
      }),
    ),
    family: must('RFC 8866 §5.7', 'the address in the session description is of the family that it names', {
      gravity: 'outage',
      cause: 'address-family-wrong',
      harm: 'Customers on IPv6 have no audio: SDP gives an IPv6 address as IN IP4, or the reverse.',
    }),
    sameFamily: promised('EP-5', 'a device that offers IPv6 is answered with IPv6', {
      gravity: 'outage',
      cause: 'address-family-wrong',
      harm: 'Customers on IPv6 have no audio: they are answered with an IPv4 address.',
    }),
  },
  devices: { alice: {} },
  needs: ['echo'],
  step: 'talk',
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv6'],
  seconds: 26,
  fitForLoad: true,
  harm: 'Calls to services over IPv6 have no audio.',
  advice:
    'Look at the c= line of the answer, and whether the relay that it names has IPv6 (rtpengine: an IPv6 address under interface, and address family IP6 towards this side).',
  async run({ alice, services, expect, clock }) {
    await alice.registers()
    const call = await alice.reaches(services.echo ?? '')
    const media = call.remoteSdp === undefined ? undefined : SessionDescription.parse(call.remoteSdp).media[0]
    const connection = media?.connection
    precondition(connection, 'the answer has no address for audio', 'no-audio')
    const seen = alice.hears(200, { to: 'INVITE' }).last
    const named = connection.addrType === 'IP6' ? 'ipv6' : 'ipv4'
    expect('family', `${connection.addrType} ${connection.address}`, { seen }).toSatisfy(
      'an address of the family that it names',
      () => familyOf(connection.address) === named,
    )
    expect('sameFamily', familyOf(connection.address), { seen }).toBe('ipv6')
    precondition(call.media, 'the call has no audio session', 'no-audio')
    const heard = await echoAt(alice, call.media, clock)
    expect('heard', heard.words).toSatisfy('its own voice', () => heard.audible)
    if (heard.audible) expect('intact', [heard]).toBeIntact()
  },
})
