import { finding, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/enumeration',
  title: 'An unknown account and a wrong password get the same answer',
  area: 'digest',
  purposes: ['DIG-ENUM'],
  rules: {
    sameAnswer: finding('security', 'an account that does not exist is answered as a wrong password is', {
      gravity: 'exposure',
    }),
  },
  devices: { alice: {} },
  seconds: 4,
  provokesBans: true,
  harm: 'Attackers can tell which accounts exist, and try passwords on those alone.',
  advice: 'Let the registrar answer unknown users like wrong passwords: same status, same challenge, same delay.',
  async run({ alice, expect, note }) {
    const nobody = `sip:ringproof-nobody@${alice.domain}`
    const contacts = [`<${alice.contactUri}>`]
    const asks = async (aor: string, user: string) => {
      const asked = await alice.asksRegistrar({
        to: `<${aor}>`,
        from: `<${aor}>`,
        contacts,
        expires: 3600,
        credentials: { user, password: 'not the password' },
      })
      precondition(asked.final, 'the REGISTER got no answer: banned already?', 'no-answer')
      note(`${user}: ${asked.final.status} after ${Math.round((asked.endedAt ?? 0) - asked.lastSentAt)} ms`)
      return `${asked.final.status} ${asked.final.reason}`
    }
    // A registrar that refuses the right password too says nothing of accounts.
    await alice.registers()
    const wrong = await asks(alice.aor, alice.account.authUser ?? alice.account.user)
    // A registrar that is out of order, or open to everybody, says nothing about accounts.
    precondition(/^(?:401|403|404|407) /.test(wrong), `a wrong password is not refused as such: ${wrong}`)
    const unknown = await asks(nobody, 'ringproof-nobody')
    expect('sameAnswer', unknown, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(wrong)
  },
})
