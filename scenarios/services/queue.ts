import { precondition, promised, scenario, whereReached } from 'ringproof'

const pauseOne = scenario({
  id: 'services/queue-pause',
  title: 'A queue agent who pauses is not called, and is called again after resuming',
  area: 'services',
  purposes: ['SC-13'],
  provider: ['SC-13'],
  rules: {
    answered: promised('SC-13', 'the codes to pause and to resume are accepted', {
      gravity: 'harm',
      cause: 'service-not-reachable',
      harm: 'Queue agents cannot pause or resume: the code is rejected.',
    }),
    paused: whereReached(
      promised('SC-13', "after the code to pause the agent's telephone does not ring", {
        gravity: 'harm',
        cause: 'code-without-effect',
        harm: 'The code to pause has no effect: callers wait for queue agents who are away.',
      }),
    ),
    resumed: whereReached(
      promised('SC-13', "after the code to resume the agent's telephone rings again", {
        gravity: 'harm',
        cause: 'code-without-effect',
        harm: 'The code to resume has no effect: queue agents get no calls.',
      }),
    ),
  },
  devices: { agent: { role: 'queue-agent' }, caller: {} },
  needs: ['queue', 'codes:queuePause', 'codes:queueResume'],
  seconds: 38,
  harm: 'Queue agents cannot pause and resume.',
  advice: 'Look whether the code was accepted, and which agent it acted on.',
  async run({ agent, caller, services, expect, within, waits, clock }) {
    const { queuePause = '', queueResume = '' } = services.codes
    await caller.registers()
    await agent.registers()
    agent.rings()
    const rings = async () => {
      const heard = agent.hears('INVITE', { since: clock.now() })
      const call = await caller.invites(services.queue ?? '')
      await Promise.race([heard.reaches(1, 5_000), call.answered])
      await waits(200)
      await within(call.hangUp(), 4_000)
      return { is: heard.count > 0, seen: heard.last }
    }
    precondition(
      (await rings()).is,
      'a call to the queue does not ring its agent, who may be paused',
      'call-not-arrived',
    )
    const pause = await agent.switches(queuePause, queueResume)
    precondition(pause.final, 'the code to pause got no answer', 'no-answer')
    const answer = agent.hears(undefined, { to: 'INVITE' }).last
    const { status } = pause.final
    const during = await rings()
    // Some codes are confirmed in early media and then end with a failure.
    if (!expect('answered', status, { seen: answer }).toSatisfy('a 2xx', () => status < 300 || !during.is)) return
    expect('paused', during.is, { seen: during.seen }).toSatisfy('the agent does not ring', (is) => !is)
    const resume = await agent.switches(queueResume, queuePause)
    precondition(resume.final, 'the code to resume got no answer', 'no-answer')
    const after = await rings()
    expect('resumed', after.is, { seen: after.seen }).toBeTrue('the agent rings')
  },
})

const othersGoOn = scenario({
  id: 'services/queue-others',
  title: 'While one queue agent pauses, the calls of the queue ring the others',
  area: 'services',
  purposes: ['CODE-OWN'],
  provider: ['SC-13'],
  rules: {
    others: promised('SC-13', "the code to pause leaves the other agents' telephones ringing", {
      gravity: 'harm',
      cause: 'code-on-other-account',
      harm: 'One queue agent who pauses takes others out of the queue, too: callers wait.',
    }),
  },
  devices: { agent: { role: 'queue-agent' }, other: { role: 'queue-agent' }, caller: {} },
  needs: ['queue', 'codes:queuePause', 'codes:queueResume'],
  seconds: 34,
  harm: 'Callers of a queue reach nobody although agents are there.',
  advice: 'Look which agents the code acted on: it is the one that dialled it, and no other.',
  async run({ agent, other, caller, services, expect, within, waits, clock }) {
    const { queuePause = '', queueResume = '' } = services.codes
    for (const device of [caller, agent, other]) await device.registers()
    agent.rings()
    other.rings()
    const ring = async () => {
      const heard = [agent, other].map((device) => device.hears('INVITE', { since: clock.now() }))
      const call = await caller.invites(services.queue ?? '')
      // A queue may ring its agents one after another.
      await Promise.race([Promise.all(heard.map((one) => one.reaches(1, 5_000))), call.answered])
      await waits(200)
      await within(call.hangUp(), 4_000)
      return heard.map((one) => one.last)
    }
    const [first, second] = await ring()
    precondition(first && second, 'a call to the queue does not ring both of its agents', 'call-not-arrived')
    const pause = await agent.switches(queuePause, queueResume)
    precondition(pause.final, 'the code to pause got no answer', 'no-answer')
    precondition(pause.final.status < 300, `the code to pause was rejected with ${pause.final.status}`, 'call-refused')
    const [, seen] = await ring()
    expect('others', seen === undefined ? 'it does not ring' : 'it rings', { seen }).toBe('it rings')
  },
})

export default [pauseOne, othersGoOn]
