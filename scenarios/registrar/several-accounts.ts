import { type Device, isOf, loginTaken, parseUri, precondition, promised, scenario, type SipSighting } from 'ringproof'

export default scenario({
  id: 'registrar/several-accounts',
  title: 'One telephone with two accounts is reached on each of them',
  area: 'registrar',
  purposes: ['BH-11'],
  provider: ['BH-11'],
  rules: {
    first: promised('BH-11', 'a call to the first number reaches the device under its first account', {
      gravity: 'outage',
    }),
    second: promised('BH-11', 'a call to the second number reaches the device under its second account', {
      gravity: 'outage',
    }),
    firstStill: promised('BH-11', 'registering the second account does not remove the binding of the first', {
      gravity: 'outage',
    }),
  },
  // Line 2 lends its account: it is registered from the telephone's own socket.
  devices: { phone: {}, line2: {}, caller: {} },
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 14,
  fitForLoad: true,
  reliesOn: 'call',
  step: 'call',
  harm: 'Of two numbers on one telephone or router, one cannot be called.',
  advice: 'Look at whether the server tells bindings apart by account, or only by the address and port they come from.',
  async run({ phone, line2, caller, expect, within, clock }) {
    await caller.registers()
    await phone.registers({ expires: 300 })
    const alone = await caller.tries(phone)
    await within(alone.call.hangUp(), 4_000)
    precondition(alone.arrived, 'no call arrived while the telephone had one account only', 'call-not-arrived')
    const { user, authUser, password } = line2.account
    const asLine2 = {
      to: `<${line2.aor}>`,
      from: `<${line2.aor}>`,
      credentials: { user: authUser ?? user, password: password ?? '' },
    }
    const second = await phone.asksRegistrar({ ...asLine2, contacts: [`<${phone.contactAs('line2')}>`], expires: 300 })
    precondition(
      second.status === 200,
      `REGISTER for the second account was answered with ${second.status ?? 'nothing'}`,
    )

    const callTo = async (line: Device): Promise<SipSighting | undefined> => {
      const since = clock.now()
      const call = await caller.invites(line)
      const final = await within(call.answered, 6_000)
      loginTaken(final)
      await within(call.hangUp(), 4_000)
      return phone.hears('INVITE', { since }).first
    }
    /** Under which account the call came: told by the contact, by the number that was dialled, in Request-URI or To. */
    const calledAs = (seen: SipSighting | undefined, line: Device, other: Device, contact: string) => {
      if (seen?.message.kind !== 'request') return 'no call'
      const asked = parseUri(seen.message.uri).userDecoded ?? ''
      const to = parseUri(seen.message.to.uri).userDecoded ?? ''
      if (asked === contact || (isOf(line.account, asked) && !isOf(other.account, asked))) return line.name
      return !contacts.includes(asked) && isOf(line.account, to) && !isOf(other.account, to) ? line.name : asked
    }
    const contacts = [parseUri(phone.contactUri).userDecoded ?? '', 'line2']
    const onSecond = await callTo(line2)
    const onFirst = await callTo(phone)
    expect('first', calledAs(onFirst, phone, line2, contacts[0] ?? ''), { seen: onFirst }).toBe('phone')
    expect('second', calledAs(onSecond, line2, phone, 'line2'), { seen: onSecond }).toBe('line2')
    const uri = phone.contactUri
    const stillThere = (await phone.bindings()).some((contact) => contact.uri.startsWith(uri.split(';')[0] ?? uri))
    expect('firstStill', stillThere || onFirst !== undefined).toBeTrue('both are registered')
    await phone.asksRegistrar({ ...asLine2, contacts: ['*'], expires: 0 })
  },
})
