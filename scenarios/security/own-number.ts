import { callerIdentity, type Device, isOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'security/own-number',
  title: 'A call shows a number of the account that it was made with, also where one telephone has several',
  area: 'security',
  purposes: ['ID-FROM'],
  provider: ['BH-11'],
  rules: {
    first: promised('BH-11', "a call with the telephone's first account shows a number of that account", {
      gravity: 'harm',
    }),
    second: promised('BH-11', "a call with the telephone's second account shows a number of that account", {
      gravity: 'harm',
    }),
  },
  // Line 2 lends its account: its calls are made from the telephone's own socket.
  devices: { phone: {}, line2: {}, bob: {} },
  reliesOn: 'call',
  step: 'call',
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  fitForLoad: true,
  harm: 'Customers call under a wrong number: that of another account or another customer.',
  advice:
    'Look where the proxy takes the number from: it must be the account that logged in to this call, not the address or the registration that the call came from.',
  async run({ phone, line2, bob, expect, within }) {
    await phone.registers()
    await bob.registers()
    precondition(
      [phone, line2].every(({ account }) => account.numbers.length > 0 || /^\+?\d+$/.test(account.user)),
      'the target file names no numbers for the accounts',
      'not-applicable',
    )
    const shownOf = async (line: Device) => {
      const { user, authUser, password } = line.account
      const call = await phone.invites(bob, {
        from: `<${line.aor}>`,
        credentials: { user: authUser ?? user, password: password ?? '' },
      })
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      precondition(final, 'the call got no final response', 'no-answer')
      precondition(final.status < 300, `the call was rejected with ${final.status}`, 'call-refused')
      const seen = bob.hears('INVITE').last
      precondition(seen, 'the call did not arrive at the called device', 'call-not-arrived')
      const { shown } = callerIdentity(seen.message)
      precondition(shown !== undefined && shown !== 'anonymous', 'the account withholds its number')
      return { shown, seen }
    }
    const first = await shownOf(phone)
    expect('first', first.shown, { seen: first.seen, header: 'From' }).toSatisfy(
      `a number of ${phone.account.user}`,
      (number) => isOf(phone.account, number),
    )
    const second = await shownOf(line2)
    expect('second', second.shown, { seen: second.seen, header: 'From' }).toSatisfy(
      `a number of ${line2.account.user}`,
      (number) => isOf(line2.account, number),
    )
  },
})
