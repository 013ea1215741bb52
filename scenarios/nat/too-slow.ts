import { finding, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/too-slow',
  title: 'When a device behind NAT without keep-alives can no longer be called, and how it comes back',
  area: 'nat',
  purposes: ['NATLOSS'],
  provider: ['BH-9'],
  rules: {
    reachable: promised('BH-9', 'as long as the NAT remembers the device, calls arrive', {
      gravity: 'outage',
      cause: 'nat-unreachable',
      follows: ['signalling-unpublished', 'call-not-delivered'],
      harm: 'Customers behind a router cannot be called although the router still remembers them.',
    }),
    back: whereReached(
      promised('BH-9', 'a device that the NAT forgot is reachable again with its next registration', {
        gravity: 'outage',
        cause: 'nat-source-old',
        harm: 'A telephone that its router has forgotten cannot be called even after it registers again.',
      }),
    ),
    told: finding('BH-9', 'a caller of an unreachable device gets some response to the call that is let in', {
      gravity: 'harm',
      follows: ['retransmission/trying'],
      harm: 'Callers of a telephone that its router has forgotten get no response: they hear silence.',
    }),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 4_000 }, audio: false }, bob: { audio: false } },
  families: ['ipv4'],
  seconds: 38,
  reliesOn: 'call',
  step: 'call',
  harm: 'Customers behind a router cannot be called between two registrations.',
  advice:
    'Send INVITE to where the REGISTER came from. Tell customers to send keep-alives more often than their router forgets, or let the server send them (Kamailio: natping_interval of nathelper; Asterisk: qualify_frequency).',
  async run({ alice, bob, expect, shows, target, waits, within }) {
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    await bob.registers()
    alice.rejects(486)
    const probe = async () => {
      const { call, arrived } = await bob.tries(alice, 1_500)
      await within(call.ended, 500)
      return {
        answered: arrived !== undefined,
        // A challenge is about the caller's log-in, and says nothing of the call.
        told: bob
          .hears(undefined, { callId: call.id, to: 'INVITE' })
          .all.some(({ message }) => message.kind === 'response' && ![401, 407].includes(message.status)),
      }
    }
    const points: { idleMs: number; answered: boolean }[] = []
    let lastOnTime = true
    let told = true
    for (const idleMs of [0, 750, 1_500, 5_000, 7_000]) {
      await alice.registers()
      await waits(idleMs)
      const { answered, told: isTold } = await probe()
      points.push({ idleMs, answered })
      if (idleMs < 4_000 && !answered) {
        precondition(
          alice.nat?.mappings().length,
          'the call took so long that the NAT had forgotten the device',
          'harness-late',
        )
        lastOnTime = false
      }
      if (!answered) told &&= isTold
    }
    shows({ kind: 'idle', title: 'Idle time of the device against whether a call arrived', points })
    expect('reachable', lastOnTime, { seen: bob.says('INVITE').first }).toBeTrue(
      'calls arrive up to 1.5 s of idle time',
    )
    expect('told', told).toBeTrue('some response other than a challenge')
    if (!lastOnTime) return
    await alice.registers()
    const again = await probe()
    expect('back', again.answered, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
  },
})
