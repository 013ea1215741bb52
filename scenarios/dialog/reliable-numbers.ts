import { must, precondition, scenario, unsupported } from 'ringproof'

export default scenario({
  id: 'dialog/reliable-numbers',
  title: 'Reliable provisional responses (100rel) are numbered one by one',
  area: 'dialog',
  purposes: ['REL-ORDER'],
  provider: ['SC-6'],
  rules: {
    begins: must('RFC 3262 §3', 'the RSeq of the first reliable provisional response is between 1 and 2^31 - 1', {
      gravity: 'letter',
      harm: 'Reliable provisional responses begin with an RSeq that must not be used.',
    }),
    byOne: must('RFC 3262 §3', 'the RSeq of each further reliable provisional response is greater by exactly one', {
      gravity: 'harm',
    }),
  },
  devices: { alice: {} },
  needs: ['codes:credit'],
  seconds: 18,
  harm: 'Telephones with 100rel ignore ringing and announcements before the answer: RSeq is out of order.',
  advice: 'Look at RSeq in the 18x responses of the announcement: each must be one higher than the last.',
  async run({ alice, services, expect, within }) {
    await alice.registers()
    const call = await alice.invites(services.codes.credit ?? '', { reliableProvisionals: 'supported' })
    await within(call.answered, 8_000)
    await within(call.hangUp(), 4_000)
    const reliable = alice.hears('1xx', { callId: call.id, where: ({ message }) => message.headers.has('RSeq') })
    const numbers = [...new Set(reliable.header('RSeq').map(Number))]
    if (numbers.length === 0) unsupported('the announcement sends no provisional response reliably (100rel)')
    precondition(numbers.length > 1, 'fewer than two reliable provisional responses came', 'feature-lacking')
    expect('begins', numbers[0] ?? null, { seen: reliable.first, header: 'RSeq' }).toBeWithin(1, 2 ** 31 - 1)
    const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0))
    expect('byOne', [...new Set(steps)], { seen: reliable.last, header: 'RSeq' }).toEqual([1])
  },
})
