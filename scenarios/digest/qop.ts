import { must, parseChallenges, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/quality-of-protection',
  title: 'Every challenge asks for the protected form of digest, and none for the password itself',
  area: 'digest',
  purposes: ['DIG-QOP'],
  rules: {
    qop: must('RFC 8760 §2.6', 'every challenge carries qop', {
      gravity: 'harm',
      harm: 'Whoever reads a log-in on the way can use it again.',
    }),
    neverBasic: must('RFC 8760 §2.6', 'Basic authentication is not asked for', {
      gravity: 'harm',
      harm: 'Whoever reads a log-in on the way has the password itself.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 6,
  harm: 'Whoever reads a log-in on the way can use it again, and with Basic has the password itself.',
  advice: 'Look at the authentication settings of registrar and proxy: qop="auth" belongs into every challenge.',
  async run({ alice, bob, expect, within }) {
    await bob.registers()
    const asked = await alice.asksRegistrar({ authenticate: false })
    const call = await alice.invites(bob, { authenticate: false, media: false })
    const refused = await within(call.answered, 6_000)
    await within(call.hangUp(), 4_000)
    const challenges = [asked.final, refused].flatMap((response) =>
      parseChallenges([
        ...(response?.headers.all('WWW-Authenticate') ?? []),
        ...(response?.headers.all('Proxy-Authenticate') ?? []),
      ]),
    )
    precondition(challenges.length > 0, 'neither a registration nor a call was challenged')
    const seen = alice.hears(401).last ?? alice.hears(407).last
    const header = seen?.message.headers.has('WWW-Authenticate') ? 'WWW-Authenticate' : 'Proxy-Authenticate'
    expect(
      'qop',
      challenges
        .filter((one) => one.scheme.toLowerCase() === 'digest' && one.qop === undefined)
        .map((one) => `${one.algorithm ?? 'MD5'} without qop`),
      { seen, header },
    ).toBeEmpty()
    expect(
      'neverBasic',
      challenges.filter((one) => one.scheme.toLowerCase() === 'basic').map((one) => one.scheme),
      { seen, header },
    ).toBeEmpty()
  },
})
