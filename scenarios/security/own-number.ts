import { callerIdentity, type Device, isOf, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'security/own-number',
  title: 'A call shows the number of the account it was made with, also where a telephone has several',
  area: 'security',
  purposes: ['ID-FROM'],
  provider: ['BH-11'],
  rules: {
    first: promised('BH-11', 'a call with the first account shows a number of the first account', {
      gravity: 'letter',
    }),
    second: promised('BH-11', 'a call with the second account shows a number of the second account', {
      gravity: 'letter',
    }),
  },
  // Line 2 lends its account: its calls are made from the telephone's own socket.
  devices: { phone: {}, line2: {}, bob: {} },
  transports: ['udp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 10,
  harm: 'Customers call under a wrong number: their private one instead of the shop’s, or another customer’s.',
  advice:
    'Look at where the proxy takes the number from: it must be the account that logged in, not the address it came from.',
  async run({ phone, line2, bob, expect, within }) {
    await phone.registers()
    await bob.registers()
    precondition(
      [phone, line2].every(({ account }) => account.numbers.length > 0 || /^\+?\d+$/.test(account.user)),
      'the target file does not say which numbers the accounts have',
    )
    const shownOf = async (line: Device) => {
      const { user, authUser, password } = line.account
      const call = await phone.invites(bob, {
        from: `<${line.aor}>`,
        credentials: { user: authUser ?? user, password: password ?? '' },
      })
      const final = await within(call.answered, 6_000)
      await within(call.hangUp(), 4_000)
      precondition(final && final.status < 300, `the call was answered ${final?.status ?? 'not at all'}`)
      const seen = bob.hears('INVITE').last
      precondition(seen, 'the called device was not rung')
      const { shown } = callerIdentity(seen.message)
      precondition(shown !== undefined && shown !== 'anonymous', 'the account does not show its number')
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
