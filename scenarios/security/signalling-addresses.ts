import { formatEndpoint, precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'security/signalling-addresses',
  title: 'Signalling comes from the published addresses and ports, and no others',
  area: 'security',
  purposes: ['FW-SIG'],
  provider: ['EP-3', 'BH-13'],
  rules: {
    answers: promised('BH-13', 'each answer comes from a published address and port'),
    requests: promised('BH-13', 'each call, and each message within a call, comes from a published address and port'),
  },
  devices: { alice: {}, bob: {} },
  needs: ['published'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 18,
  harm: 'Customers whose firewall follows the published list register and are not called, or cannot hang up.',
  advice: 'A server was added or moved and the list was not, or it sends from another port than it listens on.',
  async run({ alice, bob, target, expect, within }) {
    precondition(target.published.listsSignalling, 'the target file publishes no addresses for signalling')
    await alice.registers()
    await bob.registers()
    // Both ways, and hung up by either side: calls, and messages within calls, reach both.
    const first = await alice.calls(bob)
    await within(first.callee.hangUp(), 4_000)
    const second = await bob.calls(alice)
    await within(second.callee.hangUp(), 4_000)
    const all = [alice, bob].flatMap((device) => [...device.hears().all, ...device.says().all])
    const own = new Set(all.map(({ local }) => formatEndpoint(local)))
    const outside = (kind: 'request' | 'response') => {
      const heard = [alice, bob].flatMap((device) => device.hears().all.filter((seen) => seen.message.kind === kind))
      // A provider that steps aside lets devices talk to each other.
      const theirs = heard.filter(({ remote }) => !own.has(formatEndpoint(remote)))
      precondition(theirs.length > 0, `no ${kind} came from the provider`)
      const stray = theirs.filter(
        ({ remote, transport }) => !target.published.isPublished(remote.address, remote.port, transport),
      )
      return { places: [...new Set(stray.map(({ remote }) => formatEndpoint(remote)))], seen: stray[0] }
    }
    const answers = outside('response')
    expect('answers', answers.places, { seen: answers.seen }).toBeEmpty()
    const requests = outside('request')
    expect('requests', requests.places, { seen: requests.seen }).toBeEmpty()
  },
})
