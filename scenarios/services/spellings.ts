import { loginTaken, promised, must, precondition, scenario, soundAt } from 'ringproof'

export default [
  scenario({
    id: 'services/star-spellings',
    title: 'A code is understood whether its star travels as it is or escaped',
    area: 'services',
    purposes: ['SC-6'],
    provider: ['SC-6'],
    rules: {
      star: promised('SC-6', '* in a dialled code may travel as it is', { gravity: 'letter' }),
      escaped: must('RFC 3261 §19.1.4', '%2A in a dialled code is the same as *', { gravity: 'letter' }),
    },
    devices: { alice: {} },
    needs: ['codes:credit'],
    seconds: 16,
    harm: 'On some makes of telephone no code works, on others all do.',
    advice:
      'Look at how the dial plan reads the user part of the Request-URI: escapes are to be undone before it is compared.',
    async run({ alice, services, expect, within, waits, clock }) {
      await alice.registers()
      const code = services.codes.credit ?? ''
      const hears = async (spelled: string) => {
        const since = clock.now()
        const call = await alice.invites(spelled)
        const final = await within(call.answered, 6_000)
        loginTaken(final)
        await waits(500)
        await within(call.hangUp(), 4_000)
        return (final !== undefined && final.status < 300) || soundAt(alice, since).packets > 0
      }
      const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
      expect('star', await hears(code), { seen: seen() }).toBeTrue('the code is answered')
      expect('escaped', await hears(code.replaceAll('*', '%2A')), { seen: seen() }).toBeTrue('the code is answered')
    },
  }),
  scenario({
    id: 'services/hash-spellings',
    title: 'A code with # is understood as it must travel: escaped, beside * or %2A',
    area: 'services',
    purposes: ['SC-17'],
    provider: ['SC-17'],
    rules: {
      hash: promised('SC-17', '# in a dialled code travels as %23', { gravity: 'letter' }),
      both: must('RFC 3261 §19.1.4', '* in a dialled code beside %23 may travel as %2A', { gravity: 'letter' }),
    },
    devices: { alice: {} },
    needs: ['codes:wakeUpQuery'],
    seconds: 16,
    harm: 'Wake-up calls can be ordered, but neither asked for nor cancelled.',
    advice:
      'Look at how the dial plan reads the user part of the Request-URI: escapes are to be undone before it is compared.',
    async run({ alice, services, expect, within }) {
      await alice.registers()
      const code = (services.codes.wakeUpQuery ?? '').replaceAll('#', '%23')
      const isAnswered = async (spelled: string) => {
        const call = await alice.invites(spelled)
        const final = await within(call.answered, 6_000)
        precondition(final, 'the call got no final answer')
        loginTaken(final)
        await within(call.hangUp(), 4_000)
        return final.status
      }
      const seen = () => alice.hears(undefined, { to: 'INVITE' }).last
      const taken = (status: number) => status < 300
      expect('hash', await isAnswered(code), { seen: seen() }).toSatisfy('a 2xx', taken)
      expect('both', await isAnswered(code.replaceAll('*', '%2A')), { seen: seen() }).toSatisfy('a 2xx', taken)
    },
  }),
]
