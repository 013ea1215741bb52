import { precondition, promised, scenario } from 'ringproof'

export default scenario({
  id: 'nat/keep-alive',
  title: 'A device behind NAT that sends keep-alives is reached right away and after a while without calls',
  area: 'nat',
  purposes: ['NAT-KEEP'],
  provider: ['BH-9'],
  rules: {
    atOnce: promised('BH-9', 'a device behind NAT is reached right after it registered', {
      gravity: 'harm',
      harm: 'Customers behind a router can call, but nobody can call them.',
    }),
    afterIdle: promised(
      'BH-9',
      'a device behind NAT is still reached after a while in which it sent keep-alives only',
      { gravity: 'letter' },
    ),
  },
  devices: {
    alice: { nat: { mappingTimeoutMs: 6_000 }, keepAlive: { kind: 'crlf', everyMs: 2_500 }, audio: false },
    bob: { audio: false },
  },
  families: ['ipv4'],
  seconds: 30,
  harm: 'Customers behind a router can call, but after a minute or so nobody can call them any more.',
  advice: 'Look at whether INVITEs go to the address that the REGISTER came from, and from the port that it went to.',
  async run({ alice, bob, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    alice.rejects(486)
    const isReached = async () => {
      const { call, arrived } = await bob.tries(alice)
      await within(call.ended, 1_500)
      return arrived !== undefined
    }
    const first = await isReached()
    expect('atOnce', first, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
    if (!first) return
    await waits(14_000)
    precondition(alice.nat?.mappings().length, 'the keep-alives did not hold the NAT open: the harness was too slow')
    const later = await isReached()
    expect('afterIdle', later, { seen: bob.says('INVITE').last }).toBeTrue('the call arrives')
  },
})
