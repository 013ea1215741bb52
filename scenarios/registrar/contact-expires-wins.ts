import { bindingOf, bindingsIn, must, precondition, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'registrar/contact-expires-wins',
  title: 'The time asked for with a contact counts, not the one asked for all',
  area: 'registrar',
  purposes: ['REG-EXPIRES'],
  rules: {
    parameter: whereReached(
      must('RFC 3261 §10.3', 'the expires parameter of a contact counts, whatever the header Expires says', {
        gravity: 'harm',
        harm: 'A telephone is registered for longer than it asked for, and called where it is not any more.',
      }),
    ),
    removed: must('RFC 3261 §10.3', 'expires=0 with a contact removes that contact', {
      gravity: 'harm',
      harm: 'A telephone that moves to another address stays listed at the old one.',
    }),
    othersKept: must('RFC 3261 §10.3', 'the removal of one contact leaves the other contacts of the request', {
      gravity: 'harm',
      harm: 'A telephone that moves to another address logs itself off altogether.',
    }),
  },
  devices: { alice: {} },
  seconds: 5,
  harm: 'A telephone that moves to another address stays listed at the old one, or logs itself off altogether.',
  advice:
    'Look at which of the two the registrar reads: the expires parameter of Contact, or the Expires header field.',
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
    precondition(first.asked.status === 200, `the contact was not taken: ${first.asked.status}`)
    const { granted } = first
    precondition(granted !== undefined, 'the registrar does not tell how long it keeps the binding')
    const seen = last()
    // As a device does that has a new address: the new one is added, the old one taken back.
    const moved = await alice.asksRegistrar({
      contacts: [`<${mine}>`, `<${gone}>;expires=0`],
      expires: 300,
      callId,
      cseq: 20,
    })
    precondition(moved.status === 200, `the change of address was answered ${moved.status}`)
    const listed = bindingsIn(moved.final)
    precondition(listed.length > 0, 'the registrar does not list the binding that it has made')
    expect('removed', bindingOf(listed, gone)?.uri, { seen: last(), header }).toBeAbsent()
    expect('othersKept', bindingOf(listed, mine)?.uri, { seen: last(), header }).toBePresent()
    await alice.clearsBindings()

    // What the header field alone is good for: a registrar that grants what it likes does not show which of them it reads.
    const { granted: byField } = await asks(undefined, brief * 3, 40)
    if (byField === undefined || byField <= brief || byField > brief * 3) {
      note(`which of the two is read cannot be told: ${byField ?? 'nothing'} s were granted for ${brief * 3} s`)
    } else {
      expect('parameter', granted, { seen, header }).toSatisfy(
        `less than the ${byField} s that Expires is good for`,
        (seconds) => seconds > 0 && seconds < byField - brief / 2,
      )
    }
    await alice.clearsBindings()
  },
})
