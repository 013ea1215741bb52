import { formatEndpoint, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/published-sources',
  title: 'Signalling comes from the published addresses and ports only',
  area: 'nat',
  purposes: ['FW-SIG'],
  provider: ['EP-3', 'BH-13'],
  rules: {
    answers: promised('BH-13', 'answers come from published addresses and ports', {
      gravity: 'outage',
      cause: 'signalling-unpublished',
      harm: 'Answers come from unpublished addresses or ports: firewalls that follow the list drop them.',
    }),
    requests: promised('BH-13', 'calls, and messages within calls, come from published addresses and ports', {
      gravity: 'outage',
      cause: 'signalling-unpublished',
      harm: 'Calls come from unpublished addresses or ports: firewalls that follow the list drop them.',
    }),
    connections: whereReached(
      promised('EP-3', 'connections that the server opens come from published ports', {
        gravity: 'harm',
        cause: 'signalling-unpublished',
        harm: 'The server connects from unpublished ports. Firewalls that follow the list drop large messages.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  needs: ['published'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  reliesOn: 'call',
  step: 'call',
  harm: 'Signalling comes from unpublished addresses or ports.',
  advice:
    'A server was added or moved, or sends from another port than it listens on. Publish the address and port, or send from those that are published.',
  async run({ alice, bob, target, record, random, expect, waits, within }) {
    precondition(target.published.listsSignalling, 'the target file publishes no signalling addresses')
    await alice.registers()
    await bob.registers()
    const { callee } = await alice.calls(bob)
    await waits(200)
    await within(callee.hangUp(), 4_000)
    bob.rejects(486)
    // What is too large for a datagram makes a server connect to a device on UDP (RFC 3261 §18.1.1).
    const filler = Array.from({ length: 20 }, () => random.token(60)).join(' ')
    const large = await alice.invites(bob, { headers: { 'X-Ringproof-Filler': filler }, sdp: false })
    await within(large.answered, 5_000)
    if (large.state !== 'ended') await within(large.hangUp(), 3_000)
    type Place = Pick<(typeof record.messages)[number], 'remote' | 'transport'>
    const isOutside = ({ remote, transport }: Place) =>
      !target.published.isPublished(remote.address, remote.port, transport)
    const name = ({ remote, transport }: Place) => `${transport} ${formatEndpoint(remote)}`
    // What one device of ours sends straight to the other does not come from the target.
    const own = new Set(record.wire.map(({ local }) => formatEndpoint(local)))
    const isTheirs = ({ remote }: Place) => !own.has(formatEndpoint(remote))
    for (const [rule, kind] of [
      ['answers', 'response'],
      ['requests', 'request'],
    ] as const) {
      const heard = record.messages.filter(
        (one) => one.direction === 'in' && isTheirs(one) && one.message.kind === kind,
      )
      precondition(heard.length > 0, `no ${kind} came from the provider`)
      const outside = heard.filter(isOutside)
      expect(rule, [...new Set(outside.map(name))], { seen: outside[0] }).toBeEmpty()
    }
    const accepted = record.wire.filter((one) => one.kind === 'accept' && isTheirs(one))
    if (accepted.length > 0) expect('connections', [...new Set(accepted.filter(isOutside).map(name))]).toBeEmpty()
  },
})
