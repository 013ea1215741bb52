import {
  asksToWrite,
  callerIdentity,
  finding,
  isOf,
  loginTaken,
  owed,
  precondition,
  scenario,
  writesTo,
} from 'ringproof'

const ARRIVES_MS = 2_000

export default scenario({
  id: 'lamps/text-message-of-others',
  title: 'Nobody can write text messages in the name of another account, or without log-in',
  area: 'lamps',
  purposes: ['TEXT-ID'],
  rules: {
    login: owed('RFC 3261 §22.3', 'a text message without credentials reaches nobody', {
      gravity: 'exposure',
      cause: 'text-of-others',
      harm: 'Anybody on the internet can write text messages to customers, in the name of customers, without logging in.',
    }),
    sender: finding(
      'security',
      'a text message does not show the number of another account than the one that logged in',
      {
        gravity: 'exposure',
        cause: 'text-of-others',
        harm: 'Customers can write text messages in the name of others.',
      },
    ),
  },
  // Carol lends her number.
  devices: { alice: { audio: false }, bob: { audio: false }, carol: { audio: false } },
  seconds: 24,
  provokesBans: true,
  harm: 'Text messages can be written in the name of others.',
  advice: 'Challenge MESSAGE as INVITE is challenged, and hold From against the account that has logged in.',
  async run({ alice, bob, carol, expect, within, clock }) {
    await alice.registers()
    await bob.registers()
    const own = await writesTo(alice, bob, 'my own')
    loginTaken(own.final)
    await bob.hears('MESSAGE').reaches(1, ARRIVES_MS)
    precondition(bob.hears('MESSAGE').count > 0, 'no text message of her own arrives either')
    const arrives = async (options: Parameters<typeof asksToWrite>[3]) => {
      const since = clock.now()
      await within(asksToWrite(alice, bob, 'in a name', options), 4_000)
      await bob.hears('MESSAGE', { since }).reaches(1, ARRIVES_MS)
      return bob.hears('MESSAGE', { since }).first
    }
    const stranger = await arrives({ authenticate: false })
    expect('login', stranger ? 'it arrives' : 'nothing arrives', { seen: stranger }).toBe('nothing arrives')
    const spoofed = await arrives({ from: `<sip:${carol.number}@${alice.domain}>` })
    const { from, asserted = [] } = spoofed === undefined ? {} : callerIdentity(spoofed.message)
    const named = [...asserted, ...(from === undefined ? [] : [from])]
    const isCarols = named.some((number) => isOf(carol.account, number) && !isOf(alice.account, number))
    expect('sender', isCarols ? 'the number of somebody else' : 'not shown', { seen: spoofed, header: 'From' }).toBe(
      'not shown',
    )
  },
})
