import { notApplicable, precondition, promised, sameEndpoint, scenario } from 'ringproof'

export default scenario({
  id: 'media/silent-after-bye',
  title: 'After a call has ended the relay sends nothing more, even if one side goes on talking',
  area: 'media',
  purposes: ['MED-SILENT'],
  provider: ['BH-4'],
  rules: {
    silent: promised('BH-4', 'neither device gets audio once the call has ended', { gravity: 'letter' }),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Customers hear the rest of an old call in a new one, and lines are charged with traffic that nobody wants.',
  advice: 'Look at whether BYE reaches the relay controller: ports of ended calls must be closed.',
  async run({ alice, bob, random, expect, waits, within, clock }) {
    await alice.registers()
    await bob.registers()
    const [ours, theirs] = [await alice.speaksByHand(), await bob.speaksByHand()]
    bob.answers({ sdp: theirs.describes({ formats: [8] }) })
    const { caller, callee } = await alice.calls(bob, { sdp: ours.describes({ formats: [8] }) })
    ours.follows(caller.remoteSdp)
    theirs.follows(callee.remoteSdp)
    if (ours.to && sameEndpoint(ours.to, theirs.local)) notApplicable('audio goes from device to device, over no relay')
    await Promise.all([ours.speaks(random.int(2 ** 24), 1_000), theirs.speaks(random.int(2 ** 24), 1_000)])
    precondition(ours.heard.length > 0 && theirs.heard.length > 0, 'the two did not hear each other in the first place')
    const bye = await within(caller.hangUp(), 4_000)
    precondition(bye?.status === 200, 'the BYE was not answered')
    const endedAt = clock.now()
    await Promise.all([ours.speaks(random.int(2 ** 24), 2_000), theirs.speaks(random.int(2 ** 24), 2_000)])
    await waits(500)
    // What was on its way when the call ended may still arrive.
    const late = [...ours.heard, ...theirs.heard].filter((packet) => packet.at > endedAt + 800)
    expect('silent', `${late.length} packets`).toBe('0 packets')
  },
})
