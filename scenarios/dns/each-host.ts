import {
  type Device,
  type DeviceOptions,
  finding,
  formatEndpoint,
  notApplicable,
  owed,
  precondition,
  scenario,
  serversOf,
  whereReached,
} from 'ringproof'

/** Of more servers than these the others are left out. */
const MOST_OTHERS = 2
const ANSWERS_MS = 10_000
const QUESTION_MS = 5_000
/** Servers that tell each other by a database do so a moment later: it is called again after these times. */
const PATIENCE_MS = [0, 2_000, 4_000]

const kinds = [
  { id: 'dns/each-host', nat: false, where: '' },
  { id: 'dns/each-host-behind-nat', nat: true, where: ' behind NAT' },
] as const

/** A router that lets in what comes from where something was sent to, and nothing else (RFC 4787 §5). */
const ROUTER = { mappingTimeoutMs: 120_000, filtering: 'address-and-port-dependent' } as const

export default kinds.map(({ id, nat, where }) => {
  const device: DeviceOptions = nat ? { nat: ROUTER } : {}
  const sharing = nat
    ? ({ cause: 'calls-from-other-host', follows: ['hosts-share-no-bindings'] } as const)
    : ({ cause: 'hosts-share-no-bindings' } as const)
  return scenario({
    id,
    title: `Telephones${where} that have registered with different servers of the domain reach each other`,
    area: 'dns',
    purposes: ['DNS-HOSTS'],
    provider: ['EP-8'],
    rules: {
      takes: finding('EP-8', 'each server that DNS names takes registrations', {
        gravity: 'harm',
        cause: 'second-host-refuses',
        follows: ['dns-dead-record'],
        harm: 'Telephones that come by another of the servers that DNS names cannot register there ({refused|refused}): when the first one is lost, nobody can call or be called.',
      }),
      called: whereReached(
        owed('RFC 3263 §4.2', `a telephone${where} that has registered with another server is called`, {
          gravity: 'outage',
          ...sharing,
          harm: nat
            ? 'Telephones behind a router that come by the second server cannot be called from the first: the call does not come from the server that they know.'
            : 'Telephones that come by the second server cannot be called from the first.',
        }),
      ),
      calls: whereReached(
        owed(
          'RFC 3263 §4.2',
          `who comes by another server calls a telephone${where} that has registered with the first`,
          {
            gravity: 'outage',
            ...sharing,
            harm: nat
              ? 'Who comes by the second server cannot call telephones behind a router that have registered with the first: the call does not come from the server that they know.'
              : 'Who comes by the second server cannot call telephones that have registered with the first.',
          },
        ),
      ),
    },
    devices: { alice: device, bob: device, carol: {} },
    needs: ['dns'],
    transports: nat ? ['udp'] : ['udp', 'tcp', 'tls'],
    families: ['ipv4'],
    seconds: 20,
    reliesOn: 'call',
    step: 'call',
    harm: 'Telephones that come by different servers do not reach each other.',
    advice:
      'Let all servers that DNS names keep bindings in one place or tell each other, and call a telephone by way of the server that it has registered with (Path, RFC 3327). Kamailio: usrloc with db_mode 3 or dmq_usrloc, and path; OpenSIPS: usrloc in a cluster, with federation or full sharing; leave servers that take no registrations out of DNS.',
    async run({ alice, bob, carol, target, random, expect, figure, waits, within }) {
      const [first = alice.hop, ...others] = await serversOf(alice, { target, random })
      const { transport, family } = alice.variant
      if (others.length === 0)
        notApplicable(`DNS names one server for ${transport} over ${family}: ${formatEndpoint(alice.hop.remote)}`)
      for (const device of [alice, bob]) device.rejects(486)
      await alice.registers()
      await carol.registers()
      const before = await carol.tries(alice)
      precondition(before.arrived, 'a call by way of the first server alone did not arrive', 'call-not-arrived')

      /** Calls until one arrives: undefined, or what came instead. */
      const missed = async (caller: Device, callee: Device): Promise<string[]> => {
        let last = ''
        for (const ms of PATIENCE_MS) {
          await waits(ms)
          const { call, arrived } = await caller.tries(callee)
          if (arrived) return []
          last = `${call.final?.status ?? 'no answer'}`
        }
        return [last]
      }
      const refused: string[] = []
      const unreached = { there: [] as string[], from: [] as string[] }
      for (const server of others.slice(0, MOST_OTHERS)) {
        const name = formatEndpoint(server.remote)
        bob.goesTo(server)
        // A question first: a registration that nobody answers would hold up the next one.
        const question = await within(bob.asksRegistrar(), QUESTION_MS)
        const outcome = question?.final && (await within(bob.asksToRegister(), ANSWERS_MS))
        if (!outcome?.ok) {
          refused.push(`${name}: ${outcome?.status ?? 'no answer'}`)
          continue
        }
        for (const why of await missed(alice, bob)) unreached.there.push(`at ${name}: ${why}`)
        for (const why of await missed(bob, alice)) unreached.from.push(`from ${name}: ${why}`)
        await bob.unregisters()
      }
      figure('refused', refused.join(', '))
      expect('takes', refused, { seen: bob.hears(undefined, { to: 'REGISTER' }).last }).toBeEmpty('all take them')
      if (refused.length === Math.min(others.length, MOST_OTHERS)) return
      if (unreached.there.length > 0) {
        // Not before: what is sent to the first server opens a way for it through the router.
        bob.goesTo(first)
        const { ok } = await bob.asksToRegister()
        const alone = ok && (await carol.tries(bob)).arrived
        precondition(alone, 'the account is not called at the first server either', 'call-not-arrived')
      }
      const toAlice = alice.hears(undefined, { to: 'INVITE' }).last
      expect('called', unreached.there, { seen: toAlice }).toBeEmpty('all are called')
      const toBob = bob.hears(undefined, { to: 'INVITE' }).last
      expect('calls', unreached.from, { seen: toBob }).toBeEmpty('all calls arrive')
    },
  })
})
