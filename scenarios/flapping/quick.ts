import { eachIsCalledAlone, inconclusive, precondition, promised, scenario, uriEquals } from 'ringproof'

export default scenario({
  id: 'flapping/quick',
  title: 'Registrations of two devices at the same time, on UDP and TLS, leave the account as the policy says',
  area: 'flapping',
  purposes: ['REG-SHARED', 'FLAP'],
  provider: ['BH-10', 'EP-2'],
  rules: {
    noMore: promised('BH-10', 'after registrations at the same time the account has no more contacts than promised', {
      gravity: 'harm',
      cause: 'binding-not-removed',
      harm: 'Calls ring telephones that should be displaced, after two have registered at the same time.',
    }),
    noFewer: promised('BH-10', 'after registrations at the same time the account has no fewer contacts than promised', {
      gravity: 'outage',
      cause: 'binding-lost',
      harm: 'A telephone is not called after two of one account have registered at the same time.',
    }),
    agrees: promised('BH-10', 'a call reaches just the devices that the registrar lists', {
      gravity: 'harm',
      follows: ['binding-lost', 'binding-not-removed'],
      harm: 'Calls ring other telephones than the registrar lists, after two have registered at the same time.',
    }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tls', audio: false },
    caller: { audio: false },
  },
  needs: ['shared-credentials'],
  reliesOn: 'call',
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'Telephones of one account that register at the same time, as after a power cut, are not called as promised.',
  advice:
    'Look for races in the registrar: two registrations of one account that are carried out at the same time, on several servers or processes.',
  async run({ desk, mobile, caller, target, expect, within, waits }) {
    const policy = target.document.policy.sharedCredentials
    const most = policy === 'fork' ? 2 : 1
    await caller.registers()
    const both = [desk, mobile]
    for (const device of both) device.rejects(486)
    await eachIsCalledAlone(both, { caller, within })
    const holderOf = (outcomes: readonly { readonly ok: boolean }[]) => (outcomes[0]?.ok ? desk : mobile)
    const numbers: number[] = []
    const wrong: string[] = []
    let hidden = 0
    for (let round = 0; round < 4; round++) {
      const outcomes = await Promise.all(both.map((device) => device.asksToRegister()))
      precondition(
        outcomes.some((outcome) => outcome.ok),
        'neither of the two could register',
        'login-refused',
      )
      // Right after each other, too: the later one has the last word.
      await desk.asksToRegister()
      await mobile.asksToRegister()
      // The last to register is the one to ask: a border controller may tell a device of its own contact only.
      const bound = await within((policy === 'refuse' ? holderOf(outcomes) : mobile).bindings(), 4_000)
      precondition(bound && bound.length > 0, 'the registrar lists no contact')
      numbers.push(bound.length)
      const listed = both.filter((device) => bound.some(({ uri }) => uriEquals(uri, device.contactUri)))
      precondition(
        listed.length === bound.length,
        'the registrar hides or rewrites contacts, which cannot be compared then',
      )
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
      inconclusive('both devices ring, and each is told of its own contact only')
    const seen = desk.hears(200, { to: 'REGISTER' }).last
    const counts = (wrong: readonly number[]) => wrong.map((count) => `${count} contacts instead of ${most}`)
    expect('noMore', counts(numbers.filter((count) => count > most)), { seen, header: 'Contact' }).toBeEmpty()
    expect('noFewer', counts(numbers.filter((count) => count < most)), { seen, header: 'Contact' }).toBeEmpty()
    expect('agrees', wrong, { seen: caller.says('INVITE').last }).toBeEmpty()
  },
})
