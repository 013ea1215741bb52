import { finding, formatEndpoint, owed, precondition, scenario } from 'ringproof'

export default scenario({
  id: 'security/no-credentials',
  title: 'An INVITE without credentials reaches nobody, whatever else it carries',
  area: 'security',
  purposes: ['ID-FRAUD'],
  rules: {
    plain: owed('RFC 3261 §22.3', 'an INVITE without credentials rings nobody', {
      gravity: 'exposure',
      cause: 'calls-without-login',
      harm: "Anybody on the internet can make calls in a customer's name without logging in: INVITE needs no credentials. Calls to other networks are at the provider's expense (toll fraud).",
    }),
    preloadedRoute: owed('RFC 3261 §22.3', 'an INVITE with a Route and without credentials rings nobody', {
      gravity: 'exposure',
      cause: 'calls-without-login',
      harm: "Anybody on the internet can make calls in a customer's name without logging in: a preloaded Route is trusted. Calls to other networks are at the provider's expense (toll fraud).",
    }),
    forgedTag: owed('RFC 3261 §22.3', 'an INVITE with a forged To tag and without credentials rings nobody', {
      gravity: 'exposure',
      cause: 'calls-without-login',
      harm: "Anybody on the internet can make calls in a customer's name without logging in: a forged To tag is trusted. Calls to other networks are at the provider's expense (toll fraud).",
    }),
    lookalike: owed(
      'RFC 3261 §22.3',
      'an INVITE with a Route, a forged To tag and a foreign Request-URI, without credentials, goes nowhere',
      {
        gravity: 'exposure',
        cause: 'calls-without-login',
        harm: "Anybody on the internet can send calls through the provider without logging in: an INVITE that looks like part of a call is forwarded to wherever it says. Calls to other networks are at the provider's expense (toll fraud).",
      },
    ),
    foreignFrom: finding('RFC 3261 §22.3', 'an INVITE from another domain and without credentials rings nobody', {
      gravity: 'exposure',
      cause: 'calls-without-login',
      harm: 'Anybody on the internet can call customers without logging in, under a From of another domain. Services that take calls from other domains do so on purpose; others get unwanted calls.',
    }),
  },
  devices: { mallory: {}, bob: {} },
  reliesOn: 'call',
  transports: ['udp', 'tcp', 'tls'],
  seconds: 30,
  provokesBans: true,
  harm: "Anybody on the internet can make calls in a customer's name without logging in.",
  advice:
    'Challenge every initial INVITE before Route, To tag or From are looked at. Kamailio, OpenSIPS: treat a request as belonging to a call only where has_totag() and loose_route() both hold, and the dialog is known; reject other requests with a Route. If this address may call without credentials (a trunk known by its address), list it as a known deviation.',
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
    const bobsUri = `sip:${bob.number}@${mallory.domain}`
    const transport = variant.transport === 'udp' ? '' : `;transport=${variant.transport}`
    const target = formatEndpoint(mallory.hop.remote)

    const plain = await rings({})
    precondition(plain.final ?? plain.seen, 'the INVITE got no answer; this address may be banned', 'no-answer')
    const what = (seen: typeof plain.seen) => (seen ? 'the called device rings' : 'nobody rings')
    expect('plain', what(plain.seen), { seen: plain.seen }).toBe('nobody rings')
    const routed = await rings({ route: [`sip:${target}${transport};lr`] })
    expect('preloadedRoute', what(routed.seen), { seen: routed.seen }).toBe('nobody rings')
    const forged = await rings({ to: `<${bobsUri}>;tag=ringproof-forged` })
    expect('forgedTag', what(forged.seen), { seen: forged.seen }).toBe('nobody rings')
    // As has_totag() with loose_route(), which many scripts take for enough.
    const lookalike = mallory.composes('INVITE', bob.contactUri, {
      to: `<${bobsUri}>;tag=ringproof-forged`,
      headers: [['Route', `<sip:${target}${transport};lr>`]],
    })
    const since = clock.now()
    bob.rejects(486)
    const answer = await mallory.asks(lookalike)
    const relayed = bob.hears('INVITE', { since }).first
    if (answer && 'status' in answer.message) {
      const ack = mallory.composes('ACK', lookalike.uri, {
        from: lookalike.headers.get('From') ?? '',
        to: answer.message.headers.get('To') ?? '',
        callId: lookalike.callId,
        branch: lookalike.via.branch ?? '',
        contact: false,
        headers: [['Route', `<sip:${target}${transport};lr>`]],
      })
      await mallory.transmits(ack)
    }
    expect('lookalike', relayed ? 'the request is relayed' : 'not relayed', { seen: relayed }).toBe('not relayed')
    bob.rings()
    const foreign = await rings({ from: '<sip:mallory@elsewhere.invalid>' })
    expect('foreignFrom', what(foreign.seen), { seen: foreign.seen }).toBe('nobody rings')
    // That nothing rang proves something only where a call with credentials rings.
    await mallory.registers()
    const rightly = await mallory.tries(bob)
    await within(rightly.call.hangUp(), 3_000)
    precondition(rightly.arrived, 'a call with credentials did not arrive either', 'call-not-arrived')
  },
})
