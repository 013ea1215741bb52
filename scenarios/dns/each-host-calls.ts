import {
  type EstablishedCall,
  formatEndpoint,
  must,
  notApplicable,
  precondition,
  scenario,
  serversOf,
  serversOfRoute,
  whereReached,
} from 'ringproof'

const ANSWERS_MS = 8_000
const QUESTION_MS = 5_000
/** Of more servers than these the others are left out. */
const MOST_SERVERS = 2

export default scenario({
  id: 'dns/each-host-calls',
  title: 'A call goes on, and ends, at each of the servers that its Record-Route leads to',
  area: 'dns',
  purposes: ['DNS-HOSTS-CALLS'],
  provider: ['EP-8'],
  rules: {
    changes: whereReached(
      must(
        'RFC 3261 §16.6',
        'a call is changed (hold, transfer, session timer) by way of each server that its Record-Route leads to',
        {
          gravity: 'harm',
          cause: 'hosts-share-no-calls',
          harm: 'Calls that began at one server cannot be changed at the other that their route leads to: they drop when a telephone goes over to it.',
        },
      ),
    ),
    ends: must('RFC 3261 §16.6', 'a call is ended by way of each server that its Record-Route leads to', {
      gravity: 'harm',
      cause: 'hosts-share-no-calls',
      follows: ['hang-up-lost', 'route-lost'],
      harm: 'Calls that began at one server cannot be ended at the other that their route leads to: they stay on for the other side, and are charged.',
    }),
  },
  devices: { alice: {}, bob: {} },
  needs: ['dns'],
  transports: ['udp', 'tcp'],
  families: ['ipv4'],
  seconds: 30,
  reliesOn: 'call',
  step: 'hang up',
  harm: 'Calls are known to one server alone, though their route leads to others, too.',
  advice:
    'Where Record-Route names several servers, each must know the calls of all, or find their way without knowing them. Otherwise let each name itself by its own address. Kamailio: record_route_preset with the name, and topology that does not depend on one server; OpenSIPS: replicate dialogs in the cluster.',
  async run({ alice, bob, target, random, expect, within }) {
    const servers = await serversOf(alice, { target, random })
    const { transport, family } = alice.variant
    if (servers.length === 1)
      notApplicable(`DNS names one server for ${transport} over ${family}: ${formatEndpoint(alice.hop.remote)}`)

    const untaken = { changes: [] as string[], ends: [] as string[] }
    let tried = 0
    for (const begun of servers.slice(0, MOST_SERVERS)) {
      for (const device of [alice, bob]) device.goesTo(begun)
      // A server that takes nobody in is for dns/each-host to tell.
      const question = await within(alice.asksRegistrar(), QUESTION_MS)
      if (!question?.final) continue
      const outcomes = await Promise.all([alice, bob].map((device) => within(device.asksToRegister(), ANSWERS_MS)))
      if (!outcomes.every((outcome) => outcome?.ok)) continue
      for (const [ender, which] of [
        [alice, 'caller'],
        [bob, 'callee'],
      ] as const) {
        const call = await alice.calls(bob)
        const route = await serversOfRoute(call[which], { servers, variant: alice.variant, target, random })
        const other = route.includes(begun) ? route.find((one) => one !== begun) : undefined
        if (other === undefined) {
          await within(call.caller.hangUp(), ANSWERS_MS)
          continue
        }
        const unchanged = await within(call[which].reinvite(), ANSWERS_MS)
        precondition(unchanged?.status === 200, 'the call cannot be changed at the server where it began, either')
        tried += 1
        ender.goesTo(other)
        const words = `${formatEndpoint(begun.remote)} to ${formatEndpoint(other.remote)}`
        const changed = await within(call[which].reinvite(), ANSWERS_MS)
        if (changed?.status !== 200) untaken.changes.push(`${words}: ${changed?.status ?? 'no answer'}`)
        const why = await ends(call, which)
        if (why !== undefined) untaken.ends.push(`${words}: ${why}`)
        ender.goesTo(begun)
      }
      for (const device of [alice, bob]) await device.unregisters()
    }
    if (tried === 0)
      notApplicable('Record-Route leads to one server alone: what becomes of its calls when it is lost shows only then')
    expect('changes', untaken.changes, { seen: alice.hears(undefined, { to: 'INVITE' }).last }).toBeEmpty('all take it')
    expect('ends', untaken.ends, { seen: alice.hears(undefined, { to: 'BYE' }).last }).toBeEmpty('all take it')

    /** Ends a call from one side: undefined, or what came instead. */
    async function ends(call: EstablishedCall, which: 'caller' | 'callee'): Promise<string | undefined> {
      const far = which === 'caller' ? call.callee : call.caller
      const bye = await within(call[which].hangUp(), ANSWERS_MS)
      if (await within(far.ended, 2_000)) return undefined
      await within(far.hangUp(), ANSWERS_MS)
      return `${bye?.status ?? 'no answer'}`
    }
  },
})
