import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'flapping/timeline',
  title: 'Two devices on one account: who is reachable when, seen by a third who calls',
  area: 'flapping',
  purposes: ['FLAP', 'REG-SHARED'],
  provider: ['BH-10'],
  rules: {
    registrations: promised(
      'BH-10',
      'each registration of two devices on one account is accepted or refused as the provider says',
      { gravity: 'letter' },
    ),
    reachable: promised('BH-10', 'after each registration just those devices are reached that the provider says', {
      gravity: 'letter',
    }),
  },
  devices: {
    desk: { transport: 'udp', audio: false },
    mobile: { sharesAccountOf: 'desk', transport: 'tls', audio: false },
    caller: { audio: false },
  },
  needs: ['shared-credentials'],
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  harm: 'Customers with two telephones miss calls: now one rings, now the other, and nobody knows why.',
  advice: 'Give each telephone an account of its own; the picture shows who took the line from whom, and when.',
  async run({ desk, mobile, caller, target, expect, within, waits, now, shows }) {
    const policy = target.document.policy.sharedCredentials
    await caller.registers()
    const lanes = [desk, mobile]
    for (const device of lanes) device.rejects(486)
    // Alone, each of them is reached: else it is not the other one's doing.
    for (const device of lanes) {
      await device.registers()
      const { call, arrived } = await caller.tries(device, 2_000)
      await within(call.ended, 1_500)
      precondition(arrived, `${device.name} is not reached although it is alone`)
      await within(device.agent.unregister(), 4_000)
    }
    type State = 'reachable' | 'unreachable'
    const history: { fromMs: number; states: State[] }[] = []
    const marks: { atMs: number; lane?: string; label: string }[] = []
    const wrong: string[] = []
    const answered: string[] = []
    let holder: typeof desk | undefined
    for (const device of [desk, mobile, desk, mobile, mobile, desk]) {
      const fromMs = now()
      const outcome = await device.asksToRegister()
      marks.push({ atMs: now(), lane: device.name, label: `REGISTER ${outcome.status}` })
      precondition(outcome.exchange.final, `${device.name} got no answer to REGISTER`)
      const mayHaveIt = policy !== 'refuse' || !holder || holder === device
      if (outcome.ok !== mayHaveIt) answered.push(`${device.name}: ${outcome.status}`)
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
      if (states.join() !== wanted.join())
        wrong.push(`after ${device.name} registered: desk ${states[0]}, mobile ${states[1]}`)
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
    expect('registrations', answered).toBeEmpty()
    expect('reachable', wrong, { seen: caller.says('INVITE').last }).toBeEmpty()
  },
})
