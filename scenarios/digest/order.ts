import { type Challenge, finding, must, parseChallenges, precondition, scenario } from 'ringproof'

const STRENGTH = ['MD5', 'SHA-256', 'SHA-512-256']
const strengthOf = (algorithm: string) => STRENGTH.indexOf(algorithm.replace(/-SESS$/, ''))

export default scenario({
  id: 'digest/order-of-algorithms',
  title: 'Several challenges name different algorithms, the strongest first',
  area: 'digest',
  purposes: ['DIG-ORDER'],
  rules: {
    distinct: must('RFC 8760 §2.3', 'challenges of one realm each name another algorithm', {
      gravity: 'letter',
      harm: 'Two challenges name the same algorithm.',
    }),
    strongestFirst: finding(
      'RFC 8760 §2.3',
      'the challenge with the preferred algorithm stands on top: devices take the first they know',
      { gravity: 'letter', harm: 'Devices that know stronger algorithms log in with a weaker one.' },
    ),
  },
  devices: { alice: {} },
  seconds: 3,
  harm: 'Challenges are not in order of preference.',
  advice: 'Look at the order of the algorithms in the settings of registrar and proxy.',
  async run({ alice, expect }) {
    const asked = await alice.asksRegistrar({ authenticate: false })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    const header = asked.final?.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
    // Those of a proxy on the way are a list of their own.
    const challenges = parseChallenges(asked.final?.headers.all(header) ?? []).filter(
      (one) => one.scheme.toLowerCase() === 'digest',
    )
    precondition(challenges.length > 0, `REGISTER was not challenged: ${asked.status ?? 'no answer'}`)
    const realms = new Map<string, string[]>()
    for (const challenge of challenges)
      realms.set(challenge.realm, [...(realms.get(challenge.realm) ?? []), nameOf(challenge)])
    const lists = [...realms.values()]
    expect(
      'distinct',
      lists.flatMap((names) => names.filter((name, i) => names.indexOf(name) !== i)),
      { seen, header },
    ).toBeEmpty()
    const known = lists.map((names) => names.filter((name) => strengthOf(name) >= 0))
    expect('strongestFirst', known.map((names) => names.join(', ')).join('; '), { seen, header }).toSatisfy(
      'from strong to weak',
      () =>
        known.every((names) =>
          names.every((name, i) => i === 0 || strengthOf(name) <= strengthOf(names[i - 1] ?? name)),
        ),
    )
  },
})

const nameOf = (challenge: Challenge) => (challenge.algorithm ?? 'MD5').toUpperCase()
