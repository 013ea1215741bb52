import {
  callerIdentity,
  type Device,
  isAnonymous,
  isOf,
  loginTaken,
  precondition,
  promised,
  scenario,
  whereReached,
} from 'ringproof'

export default scenario({
  id: 'services/codes-own-account',
  title: 'A code switches the account that dials it and no other, also where one telephone has two',
  area: 'services',
  purposes: ['CODE-OWN'],
  provider: ['SC-7', 'BH-11'],
  rules: {
    own: promised('SC-7', 'a code that is dialled with the second account of a telephone switches that account', {
      gravity: 'exposure',
      cause: 'code-on-other-account',
      harm: 'A code that is dialled on one line has no effect there: whoever hides the number of that line is shown.',
    }),
    neighbour: promised(
      'SC-7',
      'a code that is dialled with one account leaves the other account of the telephone as it is',
      {
        gravity: 'harm',
        cause: 'code-on-other-account',
        harm: 'A code that is dialled on one line switches another line of the same telephone.',
      },
    ),
    others: whereReached(
      promised('SC-7', 'a code that a customer dials leaves the accounts of others as they are', {
        gravity: 'exposure',
        cause: 'code-on-other-account',
        harm: 'A code that one customer dials switches the services of others.',
      }),
    ),
  },
  // Line 2 lends its account: it is used from the telephone's own socket.
  devices: { phone: {}, line2: {}, other: {}, bob: {} },
  reliesOn: 'call',
  needs: ['codes:callerId'],
  transports: ['udp', 'tcp'],
  seconds: 38,
  harm: 'Service codes switch the wrong account.',
  advice:
    'A code must act on the account that logged in to the call. Look where the service takes the account from: not from the address, the connection or the registration that the call came from.',
  async run({ phone, line2, other, bob, services, expect, within, clock }) {
    const code = services.codes.callerId ?? ''
    for (const device of [phone, other, bob]) await device.registers({ expires: 300 })
    bob.rejects(486)
    const { user, authUser, password } = line2.account
    const asLine2 = {
      from: `<${line2.aor}>`,
      credentials: { user: authUser ?? user, password: password ?? '' },
    }
    const bound = await phone.asksRegistrar({
      ...asLine2,
      to: `<${line2.aor}>`,
      contacts: [`<${phone.contactAs('line2')}>`],
      expires: 300,
    })
    precondition(bound.status === 200, `REGISTER for the second account was answered with ${bound.status ?? 'nothing'}`)
    const shows = async (device: Device, line: Device) => {
      const heard = bob.hears('INVITE', { since: clock.now() })
      const call = await device.invites(bob, line === line2 ? asLine2 : {})
      const reached = await heard.reaches(1, 6_000)
      loginTaken(await within(call.answered, 4_000))
      await within(call.hangUp(), 4_000)
      precondition(reached, 'the call did not arrive at the called device', 'call-not-arrived')
      const seen = heard.last
      const { shown } = seen === undefined ? {} : callerIdentity(seen.message)
      const is = shown !== undefined && !isAnonymous(shown) && isOf(line.account, shown)
      return { is: is ? 'shown' : 'hidden', seen }
    }
    const first = await shows(phone, phone)
    const second = await shows(phone, line2)
    const others = await shows(other, other)
    const call = await phone.switches(code, code, asLine2)
    precondition(call.final, 'the code got no answer', 'no-answer')
    precondition(call.final.status < 300, `the code was rejected with ${call.final.status}`, 'call-refused')
    const after = await shows(phone, line2)
    const neighbour = await shows(phone, phone)
    const stranger = await shows(other, other)
    // That the code has no effect at all is told by services/caller-id.
    precondition(
      after.is !== second.is || neighbour.is !== first.is || stranger.is !== others.is,
      'the code changes nothing on any of the accounts',
    )
    expect('own', after.is, { seen: after.seen, header: 'From' }).toBe(second.is === 'shown' ? 'hidden' : 'shown')
    expect('neighbour', neighbour.is, { seen: neighbour.seen, header: 'From' }).toBe(first.is)
    expect('others', stranger.is, { seen: stranger.seen, header: 'From' }).toBe(others.is)
  },
})
