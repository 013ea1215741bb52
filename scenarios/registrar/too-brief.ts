import { bindingOf, bindingsIn, finding, must, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/too-brief',
  title: 'A registration for too short a time is granted, or refused with the least time that would do',
  area: 'registrar',
  purposes: ['REG-423'],
  rules: {
    answer: must('RFC 3261 §10.3', 'a brief registration is granted or refused with 423', {
      gravity: 'outage',
      cause: 'registration-refused',
      harm: 'Telephones with a short registration interval, usual behind NAT, cannot register.',
    }),
    minimum: whereReached(
      must('RFC 3261 §10.3', 'a 423 tells the least interval in Min-Expires', {
        gravity: 'outage',
        cause: 'min-expires-missing',
        harm: 'Telephones whose interval is too short are refused and not told which one would do. They stay unregistered.',
      }),
    ),
    honoured: whereReached(
      must('RFC 3261 §10.3', 'a registration for the interval told in Min-Expires is granted', {
        gravity: 'outage',
        cause: 'min-expires-missing',
        harm: 'Telephones that ask for the interval from Min-Expires are refused again. They stay unregistered.',
      }),
    ),
    notMore: whereReached(
      should('RFC 3261 §10.3', 'the granted time is at most the one asked for', {
        gravity: 'letter',
        cause: 'granted-more-than-asked',
        harm: 'Short registrations are granted for longer than asked. Devices that register often to keep their NAT open renew less often than they meant to.',
      }),
    ),
    published: whereReached(
      finding('policy.registration', 'no shorter interval is granted than the target file says is the minimum', {
        gravity: 'letter',
        harm: 'Shorter registrations are granted than the published minimum: more load than planned.',
      }),
    ),
    hour: must('RFC 3261 §10.3', 'a registration for an hour is never refused as too brief', {
      gravity: 'outage',
      cause: 'registration-refused',
      harm: 'Even a registration for an hour is refused as too brief: telephones cannot register.',
    }),
  },
  devices: { alice: {} },
  seconds: 5,
  step: 'register',
  harm: 'Telephones with a short registration interval are not answered as they should be.',
  advice:
    'Look at the registrar’s minimum interval and at Min-Expires in its 423. Kamailio: min_expires, and min_expires_mode (0 grants the minimum, 1 refuses with 423). Asterisk: minimum_expiration of the aor.',
  async run({ alice, expect, target }) {
    const least = target.document.policy.registration?.minExpires
    const contacts = [`<${alice.contactUri}>`]
    const asked = Math.max(1, Math.floor((least ?? 20) / 2))
    const hour = await alice.asksRegistrar({ contacts, expires: 3600, obeysMinimum: false })
    expect('hour', hour.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toSatisfy(
      'another answer than 423',
      (answer) => answer !== 423,
    )
    precondition(
      hour.status === 200 || hour.status === 423,
      `a registration for an hour was answered with ${hour.status ?? 'nothing'}`,
    )
    const grants = [hour.final && bindingOf(bindingsIn(hour.final), alice.contactUri)?.expires].filter(
      (granted) => granted !== undefined,
    )
    const brief = await alice.asksRegistrar({ contacts, expires: asked, obeysMinimum: false })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(brief.final, 'the brief REGISTER got no answer', 'no-answer')
    const { status } = brief.final
    expect('answer', status, { seen }).toBeOneOf([200, 423])
    if (status === 423) {
      const minimum = brief.final.headers.get('Min-Expires')
      expect('minimum', minimum ?? null, { seen, header: 'Min-Expires' }).toMatch(/^\d+$/, 'a number of seconds')
      if (minimum !== undefined) {
        const obeyed = await alice.asksRegistrar({ contacts, expires: Number(minimum), obeysMinimum: false })
        expect('honoured', obeyed.status ?? 'no answer', {
          seen: alice.hears(undefined, { to: 'REGISTER' }).last,
        }).toBe(200)
      }
    } else if (status < 300) {
      const granted = bindingOf(bindingsIn(brief.final), alice.contactUri)?.expires
      precondition(granted !== undefined, 'the registrar did not say what it granted')
      grants.push(granted)
      expect('notMore', granted, { seen, header: 'Contact' }).toBeWithin(0, asked, 's')
    }
    if (least !== undefined && grants.length > 0) {
      expect('published', Math.min(...grants), { seen, header: 'Contact' }).toSatisfy(
        `${least} or more`,
        // What is left of the interval may be told rounded down.
        (shortest) => shortest >= least - 1,
      )
    }
  },
})
