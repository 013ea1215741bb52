import { bindingOf, must, precondition, scenario, whereReached } from 'ringproof'

const LONG = 900
const SHORT = 300

export default scenario({
  id: 'registrar/reboot',
  title: 'A device that has restarted renews its binding, although its numbers begin anew',
  area: 'registrar',
  purposes: ['REG-REBOOT'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'a REGISTER with another Call-ID is accepted, although its CSeq number is lower', {
      gravity: 'letter',
    }),
    updated: whereReached(
      must('RFC 3261 §10.3', 'a known contact is updated by a REGISTER with another Call-ID', { gravity: 'letter' }),
    ),
    once: must('RFC 3261 §10.3', 'a known contact is not added a second time', {
      gravity: 'harm',
      harm: 'Telephones that were restarted are listed twice, and ring twice.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  harm: 'After a power cut telephones cannot register until their old registration has run out: customers are not reachable for up to an hour.',
  advice: 'Look at whether the registrar compares CSeq numbers across different Call-IDs.',
  async run({ alice, expect, random, note }) {
    const uri = alice.contactAs('rebooted')
    const contacts = [`<${uri}>`]
    const before = await alice.asksRegistrar({ contacts, expires: LONG, callId: random.token(24), cseq: 5_000 })
    precondition(before.status === 200, `the contact was not taken: ${before.status}`)
    const old = bindingOf(await alice.bindings(), uri)
    precondition(old, 'the registrar does not list the binding that it has made')
    const oldSeconds = Number(old.params.get('expires'))
    precondition(oldSeconds > 0, 'the registrar does not tell how long it keeps the binding')

    const after = await alice.asksRegistrar({ contacts, expires: SHORT, callId: random.token(24), cseq: 1 })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(after.final, 'the registration after the restart got no answer')
    expect('accepted', after.final.status, { seen }).toBe(200)
    const listed = await alice.bindings()
    const header = 'Contact'
    const told = alice.hears(200, { to: 'REGISTER' }).last
    const same = listed.filter((contact) => bindingOf([contact], uri))
    expect('once', same.length, { seen: told, header }).toBe(1)
    const now = Number(same[0]?.params.get('expires'))
    const asked = Number(after.requests.at(-1)?.headers.get('Expires') ?? SHORT)
    // A registrar that grants what it likes, however much is asked for, cannot show the difference.
    if (oldSeconds > LONG || oldSeconds < asked * 1.2) {
      note(
        `whether the binding was updated cannot be told: ${oldSeconds} s were granted where ${LONG} s were asked for`,
      )
    } else {
      expect('updated', now, { seen: told, header }).toSatisfy(
        `clearly less than the ${oldSeconds} s of before, as ${asked} s were asked for`,
        (seconds) => seconds < oldSeconds - (oldSeconds - asked) / 4,
      )
    }
    await alice.clearsBindings()
  },
})
