import { inconclusive, precondition, promised, scenario, uriEquals } from 'ringproof'

export default scenario({
  id: 'flapping/quick',
  title:
    'Two devices that fight for one account, one on UDP and one on TLS, leave it in a state that is one of the two',
  area: 'flapping',
  purposes: ['REG-SHARED', 'FLAP'],
  provider: ['BH-10', 'EP-2'],
  rules: {
    number: promised(
      'BH-10',
      'however two registrations overlap, the account has as many contacts as the provider says',
      { gravity: 'letter' },
    ),
    agrees: promised('BH-10', 'a call reaches just the devices that the registrar lists', { gravity: 'letter' }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tls', audio: false },
    caller: { audio: false },
  },
  needs: ['shared-credentials'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'After both telephones came back at once (power cut, router restart) the line stays dead until one is restarted.',
  advice: 'Look for races in the registrar: two registrations of one account that are carried out at the same time.',
  async run({ desk, mobile, caller, target, expect, within, waits }) {
    const policy = target.document.policy.sharedCredentials
    const most = policy === 'fork' ? 2 : 1
    await caller.registers()
    const both = [desk, mobile]
    for (const device of both) device.rejects(486)
    // Alone, each of them is reached: else it is not the other one's doing.
    for (const device of both) {
      await device.registers()
      const { call, arrived } = await caller.tries(device, 2_000)
      await within(call.ended, 1_500)
      precondition(arrived, `${device.name} is not reached although it is alone`)
      await within(device.agent.unregister(), 4_000)
    }
    const holderOf = (outcomes: readonly { readonly ok: boolean }[]) => (outcomes[0]?.ok ? desk : mobile)
    const numbers: number[] = []
    const wrong: string[] = []
    let hidden = 0
    for (let round = 0; round < 4; round++) {
      const outcomes = await Promise.all(both.map((device) => device.asksToRegister()))
      precondition(
        outcomes.some((outcome) => outcome.ok),
        'neither of the two could register',
      )
      // Right after each other, too: the later one has the last word.
      await desk.asksToRegister()
      await mobile.asksToRegister()
      // The last to register is the one to ask: a border controller may tell a device of its own contact only.
      const bound = await within((policy === 'refuse' ? holderOf(outcomes) : mobile).bindings(), 4_000)
      precondition(bound && bound.length > 0, 'the registrar did not say who is registered')
      numbers.push(bound.length)
      const listed = both.filter((device) => bound.some(({ uri }) => uriEquals(uri, device.agent.contactUri)))
      precondition(listed.length === bound.length, 'the registrar hides or rewrites contacts: they cannot be compared')
      const before = both.map((device) => device.hears('INVITE').count)
      const { call } = await caller.tries(listed[0] ?? desk, 2_000)
      await waits(300)
      await within(call.ended, 1_500)
      const rang = both.filter((device, at) => device.hears('INVITE').count > (before[at] ?? 0))
      if (listed.length === 1 && rang.length === most) hidden += 1
      const [names, rung] = [listed, rang].map((devices) => devices.map(({ name }) => name).join(' and ') || 'none')
      if (names !== rung) wrong.push(`listed: ${names}; rang: ${rung}`)
    }
    if (policy === 'fork' && hidden === numbers.length)
      inconclusive('both devices are rung, and each is told of its own contact only')
    const seen = desk.hears(200, { to: 'REGISTER' }).last
    expect('number', numbers, { seen, header: 'Contact' }).toEqual(numbers.map(() => most))
    expect('agrees', wrong, { seen: caller.says('INVITE').last }).toBeEmpty()
  },
})
