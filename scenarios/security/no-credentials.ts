import { finding, formatEndpoint, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/no-credentials',
  title: 'Nobody calls without a log-in, whatever else the INVITE says',
  area: 'security',
  purposes: ['ID-FRAUD'],
  rules: {
    plain: finding('RFC 3261 §22.3', 'an INVITE without a log-in rings nobody', { gravity: 'letter' }),
    preloadedRoute: finding('RFC 3261 §22.3', 'an INVITE without a log-in that brings a Route with it rings nobody', {
      gravity: 'letter',
    }),
    forgedTag: finding('RFC 3261 §22.3', 'an INVITE without a log-in that pretends to belong to a call rings nobody', {
      gravity: 'letter',
    }),
    foreignFrom: finding('RFC 3261 §22.3', 'an INVITE without a log-in from another domain rings nobody', {
      gravity: 'letter',
    }),
  },
  devices: { mallory: {}, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 24,
  harm: 'Anybody on the Internet can make calls at the provider’s expense; such holes are found and used within hours.',
  advice:
    'Let the proxy ask for a log-in before it looks at Route, To tag or From. Where calls from this address are meant to need none (a trunk known by its address), say so in the expectations.',
  async run({ mallory, bob, expect, within, variant, clock }) {
    await bob.registers()
    bob.rings()
    type Options = Parameters<typeof mallory.invites>[1]
    const rings = async (options: Options) => {
      const since = clock.now()
      const call = await mallory.invites(bob, { ...options, authenticate: false, media: false })
      const final = await within(call.answered, 4_000)
      const seen = bob.hears('INVITE', { since }).first
      await within(call.hangUp(), 3_000)
      return { final, seen }
    }
    const bobsUri = `sip:${bob.number}@${mallory.agent.account.domain}`
    const transport = variant.transport === 'udp' ? '' : `;transport=${variant.transport}`
    const target = formatEndpoint(mallory.hop.remote)

    const plain = await rings({})
    precondition(plain.final ?? plain.seen, 'the INVITE got no answer: banned already?')
    expect('plain', plain.seen?.at, { seen: plain.seen }).toBeAbsent()
    const routed = await rings({ route: [`sip:${target}${transport};lr`] })
    expect('preloadedRoute', routed.seen?.at, { seen: routed.seen }).toBeAbsent()
    const forged = await rings({ to: `<${bobsUri}>;tag=ringproof-forged` })
    expect('forgedTag', forged.seen?.at, { seen: forged.seen }).toBeAbsent()
    const foreign = await rings({ from: '<sip:mallory@elsewhere.invalid>' })
    expect('foreignFrom', foreign.seen?.at, { seen: foreign.seen }).toBeAbsent()
    // That nothing rang says something only where a call with a log-in rings.
    await mallory.registers()
    const rightly = await mallory.tries(bob)
    await within(rightly.call.hangUp(), 3_000)
    precondition(rightly.arrived, 'a call with a log-in did not arrive either')
  },
})
