import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'dtmf/told-back',
  title: 'The test module tells back every key of the keypad as it was pressed',
  area: 'dtmf',
  purposes: ['EV-END', 'SC-3'],
  provider: ['SC-3', 'EP-10'],
  rules: {
    toldBack: promised('SC-3', 'the digits that were sent are told back, each once and in their order'),
  },
  devices: { alice: {} },
  needs: ['dtmf-test'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 16,
  fitForLoad: true,
  harm: 'Customers cannot use voice menus, mailboxes or conference pins: keys are lost or counted twice.',
  advice:
    'Look at the telephone-events in the capture: whether they reach the service, and how often their end is counted.',
  async run({ alice, services, expect, waits }) {
    await alice.registers()
    const call = await alice.reaches(services.dtmfTest ?? '')
    const { media } = call
    precondition(media?.negotiated?.dtmf, 'the answer takes no telephone-events')
    // The module may say something first.
    await waits(500)
    await call.sendDigits('0123456789*#')
    const told = await media.hearsDigits(12, 8_000)
    // Somewhat longer, for digits too many.
    await waits(700)
    expect('toldBack', media.report().digits || told).toBe('0123456789*#')
  },
})
