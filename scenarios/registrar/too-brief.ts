import { bindingOf, bindingsIn, finding, must, precondition, scenario, should, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/too-brief',
  title: 'A registration for too short a time is granted, or refused with the least time that would do',
  area: 'registrar',
  purposes: ['REG-423'],
  rules: {
    answer: must('RFC 3261 §10.3', 'a brief registration is granted or refused with 423', {
      gravity: 'harm',
      harm: 'Telephones set to short intervals, as devices behind NAT are, cannot register at all.',
    }),
    minimum: whereReached(
      must('RFC 3261 §10.3', 'a 423 tells the least interval in Min-Expires', {
        gravity: 'harm',
        harm: 'Telephones whose interval is refused do not learn which one would do, and cannot register.',
      }),
    ),
    honoured: whereReached(
      must('RFC 3261 §10.3', 'a registration for the interval told in Min-Expires is granted', {
        gravity: 'harm',
        harm: 'Telephones that ask for the interval that they were told are refused again, and cannot register.',
      }),
    ),
    notMore: whereReached(
      should('RFC 3261 §10.3', 'the time granted to a registration is at most the one asked for', {
        gravity: 'harm',
        harm: 'Telephones think that they are registered for less time than they are.',
      }),
    ),
    published: whereReached(
      finding('policy.registration', 'no shorter interval is granted than the target file says is the minimum', {
        gravity: 'letter',
      }),
    ),
    hour: must('RFC 3261 §10.3', 'a registration for an hour is never refused as too brief', {
      gravity: 'harm',
      harm: 'Telephones cannot register: even an hour is refused as too brief.',
    }),
  },
  devices: { alice: {} },
  seconds: 5,
  harm: 'Telephones set to short intervals, as devices behind NAT are, cannot register at all, or think they are registered for less time than they are.',
  advice:
    'Look at the registrar’s minimum interval, and whether its 423 carries Min-Expires: devices ask again with that.',
  async run({ alice, expect, target }) {
    const least = target.document.policy.registration?.minExpires
    const contacts = [`<${alice.agent.contactUri}>`]
    const asked = Math.max(1, Math.floor((least ?? 20) / 2))
    const hour = await alice.asksRegistrar({ contacts, expires: 3600, obeysMinimum: false })
    expect('hour', hour.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toSatisfy(
      'another answer than 423',
      (answer) => answer !== 423,
    )
    precondition(hour.status === 200 || hour.status === 423, `a registration for an hour was answered ${hour.status}`)
    const brief = await alice.asksRegistrar({ contacts, expires: asked, obeysMinimum: false })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(brief.final, 'the brief registration got no answer')
    const { status } = brief.final
    expect('answer', status, { seen }).toBeOneOf([200, 423])
    if (status === 423) {
      const minimum = brief.final.headers.get('Min-Expires')
      expect('minimum', minimum, { seen, header: 'Min-Expires' }).toMatch(/^\d+$/)
      if (minimum !== undefined) {
        const obeyed = await alice.asksRegistrar({ contacts, expires: Number(minimum), obeysMinimum: false })
        expect('honoured', obeyed.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
      }
    } else if (status < 300) {
      const granted = bindingOf(bindingsIn(brief.final), alice.agent.contactUri)?.expires
      precondition(granted !== undefined, 'the registrar did not tell what it granted')
      expect('notMore', granted, { seen, header: 'Contact' }).toBeWithin(0, asked, 's')
      if (least !== undefined)
        expect('published', granted, { seen, header: 'Contact' }).toSatisfy(`${least} or more`, (s) => s >= least)
    }
    await alice.clearsBindings()
  },
})
