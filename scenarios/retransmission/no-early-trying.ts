import { must, notApplicable, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'retransmission/no-early-trying',
  title: 'A request other than INVITE gets no early 100 and no 18x over UDP',
  area: 'retransmission',
  purposes: ['TX-NI100'],
  rules: {
    no18x: must('RFC 4320 §4.1', 'no provisional response but 100 is sent to a request other than INVITE', {
      gravity: 'letter',
      cause: 'early-provisional',
    }),
    notEarly: must('RFC 4320 §4.1', 'over UDP no 100 is sent before the intervals between repeats have grown to T2', {
      gravity: 'letter',
      cause: 'early-provisional',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 6,
  reliesOn: 'call',
  harm: 'Requests other than INVITE are answered with a provisional response. After a lost packet they take seconds instead of half a second.',
  advice:
    'Let the server answer requests other than INVITE with their final response only. Kamailio sends 100 by itself to INVITE only: look for t_reply("100", …) and sl_send_reply("100", …) in the script.',
  async run({ alice, bob, expect, target, waits }) {
    const { T1, T2 } = target.timers
    await alice.registers()
    await bob.registers()
    const { caller, callee } = await alice.calls(bob)
    callee.onRequest = (request) => (request.method === 'INFO' ? 'nothing' : undefined)
    void caller.request('INFO')
    let untilT2 = 0
    for (let interval = T1; interval < T2; interval *= 2) untilT2 += interval
    await waits(untilT2 - 200)
    precondition(alice.says('INFO', { callId: caller.id }).first, 'no INFO was sent')
    const provisionals = alice.hears('1xx', { callId: caller.id, to: 'INFO' }).all
    if (provisionals.length === 0) {
      const answered = alice.hears(undefined, { callId: caller.id, to: 'INFO' }).last?.message
      if (answered?.kind === 'response' && ![401, 407, 408].includes(answered.status) && callee.id !== caller.id)
        notApplicable('the target answers INFO itself: a back-to-back user agent', 'is-b2bua')
      precondition(
        bob.hears('INFO', { callId: callee.id }).first,
        'the INFO did not reach the other device, so it cannot be seen how a waiting request is answered',
      )
    }
    const is100 = ({ message }: (typeof provisionals)[number]) => 'status' in message && message.status === 100
    const early = provisionals.filter(is100)
    const others = provisionals.filter((seen) => !is100(seen))
    expect('no18x', others.length, { seen: others[0] }).toBe(0, 'other provisional response')
    expect('notEarly', early.length, { seen: early[0] }).toBe(0, 'early 100')
    delete callee.onRequest
  },
})
