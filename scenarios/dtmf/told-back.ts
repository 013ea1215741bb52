import { precondition, promised, scenario, toldBack } from 'ringproof'

export default scenario({
  id: 'dtmf/told-back',
  title: 'The test module tells back every key of the keypad as it was pressed',
  area: 'dtmf',
  purposes: ['EV-END', 'SC-3'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    toldBack: promised('SC-3', 'the digits that were sent are told back, each once and in their order', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 24,
  fitForLoad: true,
  harm: 'Customers cannot use voice menus, mailboxes or conference pins: keys are lost or counted twice.',
  advice:
    'Look at the telephone-events in the capture: whether they reach the service, and how often their end is counted.',
  async run({ alice, services, clock, expect }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer takes no telephone-events')
    const told = await toldBack(alice, clock, { press: () => call.sendDigits('0123456789*#'), count: 12 })
    expect('toldBack', told).toBe('0123456789*#')
  },
})
