import { must, parseChallenges, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'digest/quality-of-protection',
  title: 'Every challenge carries qop, and none asks for Basic',
  area: 'digest',
  purposes: ['DIG-QOP'],
  rules: {
    qop: must('RFC 8760 §2.6', 'every challenge carries qop', {
      gravity: 'exposure',
      cause: 'qop-missing',
      harm: 'Challenges come without qop: recorded credentials can be replayed.',
    }),
    neverBasic: must('RFC 8760 §2.6', 'no challenge asks for Basic', {
      gravity: 'exposure',
      cause: 'basic-offered',
      harm: 'Challenges ask for Basic: devices that answer it send their password readable.',
    }),
  },
  devices: { alice: {}, bob: {} },
  seconds: 6,
  fitForLoad: true,
  harm: 'Challenges ask for weak authentication.',
  advice:
    'Set qop="auth" wherever challenges are written, and drop Basic. Kamailio: auth_challenge(realm, "1") or the qop parameter of the auth module, unset by default.',
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
    precondition(challenges.length > 0, 'neither REGISTER nor INVITE was challenged')
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
