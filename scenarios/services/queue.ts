import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'services/queue-pause',
  title: 'An agent of the queue who pauses is not called, and is called again after resuming',
  area: 'services',
  purposes: ['SC-13'],
  provider: ['SC-13'],
  rules: {
    paused: promised('SC-13', 'after the code for a pause the agent’s telephone does not ring', { gravity: 'letter' }),
    resumed: promised('SC-13', 'after the code to resume the agent’s telephone rings again', { gravity: 'letter' }),
  },
  devices: { agent: { role: 'queue-agent' }, caller: {} },
  needs: ['queue', 'codes:queuePause', 'codes:queueResume'],
  seconds: 38,
  harm: 'Callers wait for agents who are at lunch, or agents wait for callers.',
  advice: 'Look at whether the code was answered and which agent it acted on.',
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
    precondition((await rings()).is, 'a call to the queue does not ring its agent: paused already?')
    const pause = await agent.switches(queuePause, queueResume)
    precondition(pause.final, 'the code for a pause was not answered')
    const during = await rings()
    expect('paused', during.is, { seen: during.seen }).toSatisfy('the agent is not rung', (is) => !is)
    const resume = await agent.switches(queueResume, queuePause)
    precondition(resume.final, 'the code to resume was not answered')
    const after = await rings()
    expect('resumed', after.is, { seen: after.seen }).toBeTrue('the agent is rung')
  },
})
