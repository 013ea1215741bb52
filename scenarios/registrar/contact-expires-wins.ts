import { bindingOf, bindingsIn, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/contact-expires-wins',
  title: 'The expires parameter of a contact counts, not the Expires header field',
  area: 'registrar',
  purposes: ['REG-EXPIRES'],
  rules: {
    parameter: whereReached(
      must('RFC 3261 §10.3', 'the expires parameter of a contact counts, whatever the header Expires says', {
        gravity: 'letter',
        harm: 'Registrations last as long as the Expires header field says, not as the contact asks.',
      }),
    ),
    removed: must('RFC 3261 §10.3', 'expires=0 with a contact removes that contact', {
      gravity: 'harm',
      harm: 'Telephones that change their address stay registered at the old one: calls ring there, too.',
    }),
    othersKept: must('RFC 3261 §10.3', 'the removal of one contact leaves the other contacts of the request', {
      gravity: 'outage',
      cause: 'unregister-removes-others',
      harm: 'A telephone that takes back its old address loses its new one, too, and cannot be called.',
    }),
  },
  devices: { alice: {} },
  seconds: 5,
  fitForLoad: true,
  step: 'register',
  harm: 'The registrar ignores the expires parameter of contacts.',
  advice: 'Let the registrar read the expires parameter of each Contact first, and Expires only where there is none.',
  async run({ alice, expect, random, target, note }) {
    const mine = alice.contactAs('staying')
    const gone = alice.contactAs('leaving')
    const least = Math.max(120, target.document.policy.registration?.minExpires ?? 0)
    const callId = random.token(24)
    const header = 'Contact'
    const last = () => alice.hears(200, { to: 'REGISTER' }).last
    const asks = async (parameter: number | undefined, expires: number, cseq: number) => {
      const contacts = [`<${gone}>${parameter === undefined ? '' : `;expires=${parameter}`}`]
      const asked = await alice.asksRegistrar({ contacts, expires, callId, cseq, obeysMinimum: false })
      return { asked, granted: bindingOf(bindingsIn(asked.final), gone)?.expires }
    }
    let brief = least
    let first = await asks(brief, brief * 3, 10)
    if (first.asked.status === 423) {
      brief = Math.max(brief, Number(first.asked.final?.headers.get('Min-Expires')) || 3600)
      first = await asks(brief, brief * 3, 12)
    }
    precondition(first.asked.status === 200, `the first contact was answered with ${first.asked.status ?? 'nothing'}`)
    const { granted } = first
    precondition(granted !== undefined, 'the registrar does not say how long it keeps the binding')
    const seen = last()
    // As a device does that has a new address: the new one is added, the old one taken back.
    const moved = await alice.asksRegistrar({
      contacts: [`<${mine}>`, `<${gone}>;expires=0`],
      expires: 300,
      callId,
      cseq: 20,
    })
    precondition(moved.status === 200, `the change of address was answered with ${moved.status ?? 'nothing'}`)
    const listed = bindingsIn(moved.final)
    precondition(listed.length > 0, 'the registrar does not list the new binding')
    expect('removed', bindingOf(listed, gone)?.uri ?? null, { seen: last(), header }).toBeAbsent()
    expect('othersKept', bindingOf(listed, mine)?.uri ?? null, { seen: last(), header }).toBePresent()
    await alice.clearsBindings()

    // What the header field alone is good for: a registrar that grants what it likes does not show which of them it reads.
    const { granted: byField } = await asks(undefined, brief * 3, 40)
    if (byField === undefined || byField <= brief || byField > brief * 3) {
      note(`${byField ?? 'no'} s were granted for Expires: ${brief * 3}, so it cannot be told which of the two counts`)
    } else {
      expect('parameter', granted, { seen, header }).toSatisfy(
        `less than the ${byField} s granted for Expires`,
        (seconds) => seconds > 0 && seconds < byField - brief / 2,
      )
    }
  },
})
