import {
  finding,
  formatEndpoint,
  hearingEachOther,
  inWords,
  notApplicable,
  owed,
  precondition,
  scenario,
  serversOf,
  serversOfRoute,
} from 'ringproof'

const ANSWERS_MS = 8_000
const QUESTION_MS = 5_000

export default scenario({
  id: 'dns/server-lost-in-call',
  title: 'When a server is lost, calls that began there go on and can be ended by way of the other',
  area: 'dns',
  purposes: ['DNS-LOST'],
  provider: ['EP-8'],
  rules: {
    audio: finding('EP-8', 'both sides of a call hear each other when its server is lost', {
      gravity: 'harm',
      follows: ['no-audio'],
      harm: 'When a server is lost, calls that began there fall silent.',
    }),
    changes: owed(
      'RFC 3261 §16.6',
      'a call whose server is lost is changed by way of the other that its route leads to',
      {
        gravity: 'harm',
        cause: 'call-lost-with-server',
        follows: ['hosts-share-no-calls'],
        harm: 'When a server is lost, calls that began there cannot be put on hold, and drop when their session timer runs out.',
      },
    ),
    ends: owed('RFC 3261 §16.6', 'a call whose server is lost is ended for both sides by way of the other', {
      gravity: 'harm',
      cause: 'call-lost-with-server',
      follows: ['hosts-share-no-calls', 'hang-up-lost'],
      harm: 'When a server is lost, calls that began there cannot be ended: they stay on for the other side, and are charged.',
    }),
  },
  devices: { alice: {}, bob: {} },
  needs: ['dns', 'server-loss'],
  transports: ['udp'],
  families: ['ipv4'],
  seconds: 40,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'The loss of one server takes calls with it, though their route leads to another.',
  advice:
    'Keep what is needed of calls where both servers find it (or in Record-Route), and send to telephones by way of a server that lives: a path that leads through the lost one leads nowhere.',
  async run({ alice, bob, target, random, expect, losesServer, clock, within }) {
    const servers = await serversOf(alice, { target, random })
    if (servers.length === 1)
      notApplicable(`DNS names one server for udp over ipv4: ${formatEndpoint(alice.hop.remote)}`)
    for (const begun of servers) {
      for (const device of [alice, bob]) device.goesTo(begun)
      const question = await within(alice.asksRegistrar(), QUESTION_MS)
      if (!question?.final) continue
      const outcomes = await Promise.all([alice, bob].map((device) => within(device.asksToRegister(), ANSWERS_MS)))
      // A server that takes nobody in is for dns/each-host to tell.
      if (!outcomes.every((outcome) => outcome?.ok)) continue
      const call = await alice.calls(bob)
      const route = await serversOfRoute(call.caller, { servers, variant: alice.variant, target, random })
      const isElsewhere = ({ remote }: (typeof servers)[number]) => remote.address !== begun.remote.address
      const other = route.includes(begun) ? route.find(isElsewhere) : undefined
      if (other === undefined) {
        await within(call.caller.hangUp(), ANSWERS_MS)
        for (const device of [alice, bob]) await device.unregisters()
        continue
      }
      const before = await hearingEachOther(call.caller, call.callee, clock)
      precondition(before.first && before.second, `before the loss: ${inWords(before)}`, 'no-audio')
      const unchanged = await within(call.caller.reinvite(), ANSWERS_MS)
      precondition(unchanged?.status === 200, 'the call cannot be changed before the loss, either')
      await losesServer(begun.remote.address)
      for (const device of [alice, bob]) device.goesTo(other)
      const heard = await hearingEachOther(call.caller, call.callee, clock)
      expect('audio', inWords(heard)).toBe(inWords({ ...heard, first: true, second: true }))
      const changed = await within(call.caller.reinvite(), ANSWERS_MS)
      expect('changes', changed?.status ?? 'no answer', {
        seen: alice.hears(undefined, { to: 'INVITE' }).last,
      }).toBe(200)
      await within(call.caller.hangUp(), ANSWERS_MS)
      const ended = await within(call.callee.ended, 2_000)
      expect('ends', ended ? 'it is ended for both' : 'it goes on for the other side', {
        seen: alice.hears(undefined, { to: 'BYE' }).last,
      }).toBe('it is ended for both')
      return
    }
    notApplicable('Record-Route leads to one server alone: its calls are lost with it, as RFC 3261 §16.6 has it')
  },
})
