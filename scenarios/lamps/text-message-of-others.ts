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
const ASKING_MS = 4_000
const WITHOUT_LOGIN = 'without log-in'
const IN_ANOTHER_NAME = 'in the name of another'

export default scenario({
  id: 'lamps/text-message-of-others',
  title: 'Nobody can write text messages in the name of another account, or without log-in',
  area: 'lamps',
  purposes: ['TEXT-ID'],
  rules: {
    login: owed('RFC 3261 §22.3', 'a text message without credentials reaches nobody', {
      gravity: 'exposure',
      follows: ['security/somebody-elses-number'],
      cause: 'text-of-others',
      harm: 'Anybody on the internet can write text messages to customers, in the name of customers, without logging in.',
    }),
    sender: finding(
      'security',
      'a text message does not show the number of another account than the one that logged in',
      {
        gravity: 'exposure',
        follows: ['security/somebody-elses-number'],
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
  async run({ alice, bob, carol, expect, within }) {
    await alice.registers()
    await bob.registers()
    const own = await writesTo(alice, bob, 'my own')
    loginTaken(own.final)
    await bob.hears('MESSAGE').reaches(1, ARRIVES_MS)
    precondition(bob.hears('MESSAGE').count > 0, 'no text message of her own arrives either')
    // Both at a time: what arrives of either is waited for once, and told apart by its text.
    await Promise.all([
      within(asksToWrite(alice, bob, WITHOUT_LOGIN, { authenticate: false }), ASKING_MS),
      within(asksToWrite(alice, bob, IN_ANOTHER_NAME, { from: `<sip:${carol.number}@${alice.domain}>` }), ASKING_MS),
    ])
    const saying = (text: string) =>
      bob.hears('MESSAGE', { where: ({ message }) => message.body.toString().includes(text) })
    await Promise.all([WITHOUT_LOGIN, IN_ANOTHER_NAME].map((text) => saying(text).reaches(1, ARRIVES_MS)))
    const stranger = saying(WITHOUT_LOGIN).first
    expect('login', stranger ? 'it arrives' : 'nothing arrives', { seen: stranger }).toBe('nothing arrives')
    const spoofed = saying(IN_ANOTHER_NAME).first
    const { from, asserted = [] } = spoofed === undefined ? {} : callerIdentity(spoofed.message)
    const named = [...asserted, ...(from === undefined ? [] : [from])]
    const isCarols = named.some((number) => isOf(carol.account, number) && !isOf(alice.account, number))
    expect('sender', isCarols ? 'the number of somebody else' : 'not shown', { seen: spoofed, header: 'From' }).toBe(
      'not shown',
    )
  },
})
