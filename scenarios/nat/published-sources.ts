import { formatEndpoint, precondition, promised, scenario, whereReached } from 'ringproof'

export default scenario({
  id: 'nat/published-sources',
  title:
    'Signalling comes from the published addresses and ports, and no others, also where the server calls or connects',
  area: 'nat',
  purposes: ['FW-SIG'],
  provider: ['EP-3', 'BH-13'],
  rules: {
    messages: promised('BH-13', 'requests and answers come from published addresses and ports'),
    connections: whereReached(promised('EP-3', 'connections that the server opens come from published ports')),
  },
  devices: { alice: {}, bob: {} },
  needs: ['published'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 20,
  harm: 'Customers whose firewall follows the published list miss incoming calls, or lose running ones.',
  advice: 'Publish the address and port, or let the server send from those that are published.',
  async run({ alice, bob, target, record, random, expect, waits, within }) {
    precondition(target.published.listsSignalling, 'the target file publishes no addresses of signalling')
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
    const outside = (
      places: readonly { remote: { address: string; port: number }; transport: 'udp' | 'tcp' | 'tls' }[],
    ) => [
      ...new Set(
        places
          .filter(({ remote, transport }) => !target.published.isPublished(remote.address, remote.port, transport))
          .map(({ remote, transport }) => `${transport} ${formatEndpoint(remote)}`),
      ),
    ]
    // What one device of ours sends straight to the other does not come from the target.
    const own = new Set(record.wire.map(({ local }) => formatEndpoint(local)))
    const isTheirs = ({ remote }: { remote: { address: string; port: number } }) => !own.has(formatEndpoint(remote))
    const heard = record.messages.filter((seen) => seen.direction === 'in' && isTheirs(seen))
    const first = heard.find(
      ({ remote, transport }) => !target.published.isPublished(remote.address, remote.port, transport),
    )
    expect('messages', outside(heard), { seen: first }).toBeEmpty()
    const accepted = record.wire.filter((one) => one.kind === 'accept' && isTheirs(one))
    if (accepted.length > 0) expect('connections', outside(accepted)).toBeEmpty()
  },
})
