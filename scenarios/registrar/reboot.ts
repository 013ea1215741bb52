import { bindingOf, must, precondition, scenario, whereReached } from 'ringproof'

const LONG = 900
const SHORT = 300

export default scenario({
  id: 'registrar/reboot',
  title: 'A device that was restarted renews its binding, although Call-ID and CSeq begin anew',
  area: 'registrar',
  purposes: ['REG-REBOOT'],
  rules: {
    accepted: must('RFC 3261 §10.3', 'a REGISTER with another Call-ID is accepted, although its CSeq number is lower', {
      gravity: 'outage',
      harm: 'After a restart telephones cannot register until their old binding has run out.',
    }),
    updated: whereReached(
      must('RFC 3261 §10.3', 'a known contact is updated by a REGISTER with another Call-ID', {
        gravity: 'harm',
        harm: 'After a restart the old binding stays as it was, though the telephone was told otherwise.',
      }),
    ),
    once: must('RFC 3261 §10.3', 'a known contact is not added a second time', {
      gravity: 'harm',
      cause: 'binding-doubled',
      harm: 'Telephones that were restarted are registered twice.',
    }),
  },
  devices: { alice: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 4,
  fitForLoad: true,
  step: 'register',
  harm: 'Telephones that were restarted cannot renew their registration.',
  advice: 'CSeq numbers may be compared within one Call-ID only: look at how the registrar compares them.',
  async run({ alice, expect, random, note }) {
    const uri = alice.contactAs('rebooted')
    const contacts = [`<${uri}>`]
    const before = await alice.asksRegistrar({ contacts, expires: LONG, callId: random.token(24), cseq: 5_000 })
    precondition(before.status === 200, `the first contact was answered with ${before.status ?? 'nothing'}`)
    const old = bindingOf(await alice.bindings(), uri)
    precondition(old, 'the registrar does not list the new binding')
    const oldSeconds = Number(old.params.get('expires'))

    const after = await alice.asksRegistrar({ contacts, expires: SHORT, callId: random.token(24), cseq: 1 })
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    precondition(after.final, 'the REGISTER after the restart got no answer', 'no-answer')
    expect('accepted', after.final.status, { seen }).toBe(200)
    const listed = await alice.bindings()
    const header = 'Contact'
    const told = alice.hears(200, { to: 'REGISTER' }).last
    const same = listed.filter((contact) => bindingOf([contact], uri))
    expect('once', same.length, { seen: told, header }).toBe(1, 'binding of the device')
    const now = Number(same[0]?.params.get('expires'))
    const asked = Number(after.requests.at(-1)?.headers.get('Expires') ?? SHORT)
    // A registrar that does not say how long, or grants what it likes, cannot show the difference.
    if (!(oldSeconds > 0)) {
      note('the registrar does not say how long it keeps the binding, so it cannot be told whether it was updated')
    } else if (oldSeconds > LONG || oldSeconds < asked * 1.2) {
      note(`${oldSeconds} s were granted for ${LONG} s, so it cannot be told whether the binding was updated`)
    } else {
      expect('updated', now, { seen: told, header }).toSatisfy(
        `clearly less than ${oldSeconds} s, as ${asked} s were asked for`,
        (seconds) => seconds < oldSeconds - (oldSeconds - asked) / 4,
      )
    }
  },
})
