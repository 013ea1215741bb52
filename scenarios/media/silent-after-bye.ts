import { finding, notApplicable, precondition, sameEndpoint, scenario } from 'ringproof'

export default scenario({
  id: 'media/silent-after-bye',
  title: 'After a call has ended the relay forwards nothing, even if one side goes on sending',
  area: 'media',
  purposes: ['MED-SILENT'],
  provider: ['BH-4'],
  rules: {
    // No standard says when a relay ends; §15.1.1 and §15.1.2 of RFC 3261 bind the devices, and here those talk on.
    silent: finding('BH-4', 'neither device gets audio once the call has ended', {
      gravity: 'harm',
      cause: 'audio-after-hang-up',
      follows: ['route-lost'],
    }),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  reliesOn: 'audio',
  step: 'hang up',
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Audio is forwarded after the call has ended: it can be heard in the next call, and loads lines.',
  advice:
    'Look whether the BYE reaches what controls the relay, so that the ports are closed at once (Kamailio, OpenSIPS: rtpengine_delete or rtpengine_manage for BYE; rtpengine: delete-delay).',
  async run({ alice, bob, random, expect, waits, within, clock }) {
    await alice.registers()
    await bob.registers()
    const [ours, theirs] = [await alice.speaksByHand(), await bob.speaksByHand()]
    bob.answers({ sdp: theirs.describes({ formats: [8] }) })
    const { caller, callee } = await alice.calls(bob, { sdp: ours.describes({ formats: [8] }) })
    ours.follows(caller.remoteSdp)
    theirs.follows(callee.remoteSdp)
    if (ours.to && sameEndpoint(ours.to, theirs.local))
      notApplicable('the target does not relay media: audio goes from device to device', 'relays-no-media')
    await Promise.all([ours.speaks(random.int(2 ** 24), 1_000), theirs.speaks(random.int(2 ** 24), 1_000)])
    precondition(ours.heard.length > 0 && theirs.heard.length > 0, 'the devices did not hear each other', 'no-audio')
    const bye = await within(caller.hangUp(), 4_000)
    precondition(bye?.status === 200, `the BYE was answered with ${bye?.status ?? 'nothing'}`)
    const endedAt = clock.now()
    await Promise.all([ours.speaks(random.int(2 ** 24), 2_000), theirs.speaks(random.int(2 ** 24), 2_000)])
    await waits(500)
    // What was on its way when the call ended may still arrive.
    const late = [...ours.heard, ...theirs.heard].filter((packet) => packet.at > endedAt + 800)
    expect('silent', `${late.length} packets`).toBe('0 packets')
  },
})
