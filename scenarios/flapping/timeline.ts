import { eachIsCalledAlone, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'flapping/timeline',
  title: 'Of two devices that register on one account by turns, those are called that the policy says',
  area: 'flapping',
  purposes: ['FLAP', 'REG-SHARED'],
  provider: ['BH-10'],
  rules: {
    registrations: promised(
      'BH-10',
      'each registration of two devices on one account is accepted or refused by the policy',
      {
        gravity: 'outage',
        cause: 'second-device-refused',
        follows: ['registration-refused'],
        harm: 'A second telephone on an account is {second|not treated as the policy says}.',
      },
    ),
    reachable: promised('BH-10', 'after each registration the devices that the policy keeps are called', {
      gravity: 'outage',
      cause: 'binding-lost',
      follows: ['call-not-delivered'],
      harm: 'Telephones miss calls although they are registered: of two on one account, the wrong one is called.',
    }),
    displaced: promised('BH-10', 'after each registration no other device is called besides', {
      gravity: 'harm',
      cause: 'binding-not-removed',
      harm: 'Calls ring a telephone that another one of its account has displaced.',
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
  seconds: 30,
  harm: 'Customers with two telephones on one account miss calls, or get them on the wrong one.',
  advice:
    'The picture shows which telephone was called when. Look at the limit of contacts for an account (Kamailio, OpenSIPS: max_contacts of the registrar module; Asterisk: max_contacts and remove_existing of the AOR). Customers with two telephones need an account for each.',
  async run({ desk, mobile, caller, target, expect, figure, within, waits, now, shows }) {
    const policy = target.document.policy.sharedCredentials
    await caller.registers()
    const lanes = [desk, mobile]
    for (const device of lanes) device.rejects(486)
    await eachIsCalledAlone(lanes, { caller, within })
    type State = 'reachable' | 'unreachable'
    const history: { fromMs: number; states: State[] }[] = []
    const marks: { atMs: number; lane?: string; label: string }[] = []
    const missed: string[] = []
    const extra: string[] = []
    const answered: string[] = []
    let holder: typeof desk | undefined
    for (const device of [desk, mobile, desk, mobile, mobile, desk]) {
      const fromMs = now()
      const outcome = await device.asksToRegister()
      marks.push({ atMs: now(), lane: device.name, label: `REGISTER ${outcome.status}` })
      precondition(outcome.exchange.final, `${device.name} got no answer to REGISTER`, 'no-answer')
      const mayHaveIt = policy !== 'refuse' || !holder || holder === device
      if (outcome.ok !== mayHaveIt) answered.push(`${device.name} got ${outcome.status}`)
      if (outcome.ok) holder = device
      // Probe: whom does a call reach? Both may ring at once, or one after the other.
      const before = lanes.map((one) => one.hears('INVITE').count)
      const { call } = await caller.tries(device, 2_000)
      await waits(400)
      await within(call.ended, 1_500)
      const states = lanes.map(
        (one, lane): State => (one.hears('INVITE').count > (before[lane] ?? 0) ? 'reachable' : 'unreachable'),
      )
      marks.push({ atMs: now(), label: `call ${call.final?.status ?? 'without answer'}` })
      history.push({ fromMs, states })
      const registered = new Set(history.length > 1 ? lanes : [desk])
      const wanted = lanes.map(
        (one): State => ((policy === 'fork' ? registered.has(one) : one === holder) ? 'reachable' : 'unreachable'),
      )
      const seen = `after ${device.name} registered: desk ${states[0]}, mobile ${states[1]}`
      // Where the wrong one is called instead, that is one mistake, not two.
      if (states.some((state, lane) => state === 'unreachable' && wanted[lane] === 'reachable')) missed.push(seen)
      else if (states.some((state, lane) => state === 'reachable' && wanted[lane] === 'unreachable')) extra.push(seen)
      await waits(300)
    }
    const endMs = now()
    shows({
      kind: 'timeline',
      title: 'Two devices, one account: who is reachable when',
      durationMs: endMs,
      lanes: lanes.map(({ name }, lane) => ({
        name,
        segments: [
          { fromMs: 0, toMs: history[0]?.fromMs ?? endMs, state: 'unknown' as const },
          ...history.map(({ fromMs, states }, at) => ({
            fromMs,
            toMs: history[at + 1]?.fromMs ?? endMs,
            state: states[lane] ?? ('unknown' as const),
          })),
        ],
      })),
      marks,
    })
    if (policy !== 'refuse') figure('second', 'refused')
    expect('registrations', answered).toBeEmpty()
    expect('reachable', missed, { seen: caller.says('INVITE').last }).toBeEmpty()
    expect('displaced', extra, { seen: caller.says('INVITE').last }).toBeEmpty()
  },
})
