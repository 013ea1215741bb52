import { must, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-numbers',
  title: 'Provisional responses that are to be confirmed are numbered one by one',
  area: 'dialog',
  purposes: ['REL-ORDER'],
  provider: ['SC-6'],
  rules: {
    begins: must('RFC 3262 §3', 'the number (RSeq) of the first provisional response is between 1 and 2^31 - 1', {
      gravity: 'letter',
    }),
    byOne: must('RFC 3262 §3', 'each further provisional response has a number (RSeq) greater by exactly one', {
      gravity: 'letter',
    }),
  },
  devices: { alice: {} },
  needs: ['codes:credit'],
  seconds: 18,
  harm: 'Callers wait for an announcement before the answer that their device believes to be lost.',
  advice: 'Look at RSeq in the provisional responses of the announcement.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.codes.credit ?? '', { reliableProvisionals: 'supported' })
    await within(call.answered, 8_000)
    await within(call.hangUp(), 4_000)
    const reliable = alice.hears('1xx', { callId: call.id, where: ({ message }) => message.headers.has('RSeq') })
    const numbers = [...new Set(reliable.header('RSeq').map(Number))]
    precondition(numbers.length > 1, 'fewer than two responses were to be confirmed')
    expect('begins', numbers[0], { seen: reliable.first, header: 'RSeq' }).toBeWithin(1, 2 ** 31 - 1)
    const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0))
    expect('byOne', [...new Set(steps)], { seen: reliable.last, header: 'RSeq' }).toEqual([1])
  },
})
