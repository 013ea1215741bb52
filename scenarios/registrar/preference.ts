import { bindingOf, finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'registrar/preference',
  title: 'Of two telephones on one account the preferred one is rung first',
  area: 'registrar',
  purposes: ['REG-Q'],
  rules: {
    told: finding('RFC 3261 §10.2.1.2', 'the preference (q) that came with a contact is listed with it', {
      gravity: 'letter',
      cause: 'preference-not-told',
      harm: 'The registrar does not list the preference (q) of contacts.',
    }),
    first: finding('RFC 3261 §16.6', 'contacts are tried from the highest preference to the lowest, as is common', {
      gravity: 'harm',
      harm: 'All telephones of an account ring at once, whatever their preference (q).',
    }),
  },
  devices: { desk: {}, kitchen: { sharesAccountOf: 'desk' }, caller: {} },
  needs: ['shared-credentials:fork'],
  transports: ['udp', 'tcp'],
  seconds: 14,
  reliesOn: 'call',
  step: 'call',
  harm: 'Telephones of an account do not ring in the order of their preference (q).',
  advice:
    'Decide whether q is to count. If so: Kamailio tries contacts by q with t_load_contacts() and t_next_contacts() after lookup().',
  async run({ desk, kitchen, caller, expect, waits, within }) {
    await caller.registers()
    const preferred = desk.contactAs('desk')
    const other = kitchen.contactAs('kitchen')
    for (const [device, uri, q] of [
      [desk, preferred, '0.9'],
      [kitchen, other, '0.2'],
    ] as const) {
      const asked = await device.asksRegistrar({ contacts: [`<${uri}>;q=${q}`], expires: 300 })
      precondition(
        asked.status === 200,
        `the REGISTER of ${device.name} was answered with ${asked.status ?? 'nothing'}`,
      )
    }
    const listed = await desk.bindings()
    const seen = desk.hears(200, { to: 'REGISTER' }).last
    const mine = [preferred, other].map((uri) => bindingOf(listed, uri))
    precondition(
      mine.every((one) => one !== undefined),
      'the registrar hides or rewrites contacts, so they cannot be compared',
    )
    desk.rings()
    kitchen.rings()
    const { call, arrived } = await caller.tries(desk)
    await waits(1_500)
    await within(call.hangUp(), 4_000)
    precondition(arrived ?? kitchen.hears('INVITE').first, 'the call reached neither telephone', 'call-not-arrived')
    await desk.clearsBindings()
    expect(
      'told',
      mine.map((one) => Number(one?.params.get('q'))),
      { seen, header: 'Contact' },
    ).toEqual([0.9, 0.2])
    const rung = [desk, kitchen].filter((device) => device.hears('INVITE').count > 0).map(({ name }) => name)
    expect('first', rung.join(' and '), { seen: caller.says('INVITE').last }).toBe('desk')
  },
})
