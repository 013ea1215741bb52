import { precondition, promised, scenario, toldBack } from 'ringproof'

export default scenario({
  id: 'dtmf/same-digit-twice',
  title: 'The same key pressed twice is two digits, however often its packets are repeated',
  area: 'dtmf',
  purposes: ['EV-REPEAT', 'EV-END'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    two: promised('SC-3', 'the same key twice is told back twice', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  harm: 'Pins and numbers with a digit twice in a row are not accepted.',
  advice: 'Look at how the service tells a repeated packet from a key that is pressed again: by the timestamp.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer takes no telephone-events')
    const told = await toldBack(alice, clock, { press: () => call.sendDigits('1155500'), count: 7 })
    precondition(told.length > 0, 'the module told back nothing')
    expect('two', told).toBe('1155500')
  },
})
