import { loginTaken, owed, precondition, scenario, whereReached } from 'ringproof'

const SPEAKS_MS = 2_000

export default scenario({
  id: 'nat/moved-in-call',
  title:
    'A call goes on when a device changes its network: it hears, is heard, and either side can change and end the call',
  area: 'nat',
  purposes: ['MOVED'],
  provider: ['BH-9', 'EP-4'],
  rules: {
    taken: owed('RFC 3261 §14.1', 're-INVITE of a device from its new network is answered with a 2xx', {
      gravity: 'outage',
      cause: 'moved-signalling-lost',
      follows: ['route-lost', 'ack-lost', 'signalling-unpublished'],
      harm: 'Calls break off when a telephone changes its network (Wi-Fi to mobile): its re-INVITE is not accepted.',
    }),
    hears: whereReached(
      owed('RFC 7362 §4', 'a device in its new network hears the other side', {
        gravity: 'outage',
        cause: 'moved-audio-lost',
        follows: [
          'no-audio',
          'nat-source-ignored',
          'audio-source-differs',
          'silent-after-hold',
          'silent-after-change',
          'route-lost',
        ],
        harm: 'When a telephone changes its network (Wi-Fi to mobile) in a call, it hears nothing any more.',
      }),
    ),
    isHeard: whereReached(
      owed('RFC 7362 §4', 'a device in its new network is heard by the other side', {
        gravity: 'outage',
        cause: 'moved-audio-lost',
        follows: ['no-audio', 'silent-after-hold', 'silent-after-change', 'route-lost'],
        harm: 'When a telephone changes its network (Wi-Fi to mobile) in a call, it is not heard any more.',
      }),
    ),
    changed: whereReached(
      owed('RFC 3261 §12.2.1.1', 're-INVITE of the other side reaches the device in its new network', {
        gravity: 'outage',
        cause: 'moved-signalling-lost',
        follows: ['route-lost', 'ack-lost', 'signalling-unpublished'],
        harm: 'Calls of a telephone that has changed its network (Wi-Fi to mobile) cannot be put on hold, and are not hung up.',
      }),
    ),
    ended: whereReached(
      owed('RFC 3261 §15.1.1', 'a BYE of the other side reaches the device in its new network', {
        gravity: 'outage',
        cause: 'moved-signalling-lost',
        follows: ['route-lost', 'hang-up-lost', 'signalling-unpublished'],
        harm: 'A telephone that has changed its network (Wi-Fi to mobile) is not told when the other side hangs up.',
      }),
    ),
    endsIt: whereReached(
      owed('RFC 3261 §15.1.1', 'a BYE of the device from its new network reaches the other side', {
        gravity: 'outage',
        cause: 'moved-signalling-lost',
        follows: ['route-lost', 'hang-up-lost', 'signalling-unpublished'],
        harm: 'A telephone that has changed its network (Wi-Fi to mobile) cannot hang up: the call stays up, and on the bill.',
      }),
    ),
  },
  devices: { alice: { nat: { mappingTimeoutMs: 60_000 }, audio: false }, bob: {} },
  transports: ['udp', 'tcp', 'tls'],
  seconds: 40,
  reliesOn: 'audio',
  step: 'talk',
  harm: 'Calls do not outlive a change of network, from Wi-Fi to mobile say.',
  advice:
    'Look at what the re-INVITE from the new address changes: requests of the call have to go to where it came from, and the relay has to learn the source of the audio anew. rtpengine: no strict-source, or media-handover; rtpengine_offer() for re-INVITE too. Asterisk: rewrite_contact, strictrtp. Kamailio: set_contact_alias() for re-INVITE and its answer.',
  async run({ alice, bob, random, expect, within, waits }) {
    await alice.registers()
    await bob.registers()

    /** Calls, speaks, and is in another network then. Undefined: the target did not take the re-INVITE. */
    const movesInCall = async () => {
      const before = await alice.speaksByHand()
      const ringing = bob.nextCall()
      const caller = await alice.invites(bob, { sdp: before.describes() })
      const final = await within(caller.answered, 12_000)
      const callee = await ringing
      precondition(final?.status === 200 && callee, 'the call was not answered', 'call-refused')
      before.follows(caller.remoteSdp)
      const first = random.int(2 ** 24)
      await before.speaks(first, SPEAKS_MS)
      const theirs = callee.media
      precondition(
        theirs && before.secondsOf(theirs.patternId) > 0 && (await theirs.hears(first, 500)),
        'the devices do not hear each other to begin with',
        'no-audio',
      )
      await alice.moves()
      const again = await alice.asksToRegister()
      precondition(again.ok, 'the device could not register from its new network', 'login-refused')
      const after = await alice.speaksByHand()
      const changed = await within(caller.reinvite({ sdp: after.describes({ version: 2 }) }), 12_000)
      return { caller, callee, theirs, after, changed }
    }

    const { caller, callee, theirs, after, changed } = await movesInCall()
    const seen = alice.says('INVITE', { callId: caller.id }).last
    // Two servers of one realm that ask one after the other cannot be told from one that refuses the password.
    loginTaken(changed?.final)
    expect('taken', changed?.status ?? 'no answer', { seen }).toBe(200)
    if (changed?.status !== 200) return
    after.follows(caller.remoteSdp)
    const voice = random.int(2 ** 24)
    await after.speaks(voice, SPEAKS_MS)
    await waits(300)
    expect('hears', after.secondsOf(theirs.patternId) > 0).toBeTrue("bob's voice")
    expect('isHeard', await theirs.hears(voice, 500)).toBeTrue("alice's voice")

    const arrivals = alice.hears('INVITE', { callId: caller.id })
    const theirChange = await within(callee.reinvite(), 8_000)
    const reached = theirChange?.status === 200 ? 'answered' : arrivals.count > 0 ? 'it arrives' : 'it does not arrive'
    expect('changed', reached, { seen: bob.says('INVITE').last }).toBe('answered')
    void callee.hangUp({ impatient: true })
    expect('ended', (await within(caller.ended, 6_000)) !== undefined, { seen: bob.says('BYE').last }).toBeTrue(
      'the BYE arrives',
    )

    const second = await movesInCall()
    if (second.changed?.status !== 200) return
    void second.caller.hangUp({ impatient: true })
    expect('endsIt', (await within(second.callee.ended, 6_000)) !== undefined, {
      seen: alice.says('BYE').last,
    }).toBeTrue('the BYE arrives')
  },
})
