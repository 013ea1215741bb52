import { finding, inconclusive, loginTaken, owed, precondition, scenario, whereReached } from 'ringproof'

const ANSWERS_MS = 12_000
const SPEAKS_MS = 2_000
/** What was on its way when the change was refused arrives within this. */
const SETTLES_MS = 300
const LISTENS_MS = 1_500
/** A relay that looks for the device anew has found it by then: rtpengine takes three seconds. */
const FOUND_MS = 4_000
/** A payload type for a codec that nobody has. */
const UNKNOWN = 119

export default scenario({
  id: 'dialog/refused-change-between',
  title: 'A re-INVITE that the other device refuses leaves the audio where it was, in both directions',
  area: 'dialog',
  purposes: ['DLG-FAILED'],
  provider: ['BH-1', 'BH-4'],
  rules: {
    goesOn: owed('RFC 3261 §14.1', 'a call goes on when the other device has refused to change it', {
      gravity: 'outage',
      harm: 'Calls are cut off when a device asks for a change (another address, video, fax) and the other refuses it.',
    }),
    listens: whereReached(
      finding(
        'RFC 3261 §14.1',
        'after a change of address was refused, a device that says nothing hears the other where it did before',
        {
          gravity: 'harm',
          follows: ['silent-after-change'],
          harm: 'After a change of address that was refused a device hears nothing until the relay has found it again, and nothing at all while it is muted.',
        },
      ),
    ),
    hears: whereReached(
      owed('RFC 3261 §14.1', 'after a change of address was refused, the device that had asked hears the other', {
        gravity: 'outage',
        cause: 'silent-after-change',
        harm: 'Calls fall silent when a device asks for a change (another address, video, fax) and the other refuses it.',
      }),
    ),
    isHeard: whereReached(
      owed('RFC 3261 §14.1', 'after a change of address was refused, the other hears the device that had asked', {
        gravity: 'outage',
        cause: 'silent-after-change',
        harm: 'Calls fall silent when a device asks for a change (another address, video, fax) and the other refuses it.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: {} },
  transports: ['udp', 'tls'],
  seconds: 26,
  reliesOn: 'audio',
  step: 'talk',
  fitForLoad: true,
  harm: 'Calls are cut off or fall silent when a change is refused.',
  advice:
    'Look what the media relay does with an offer before its answer is there. The session stays as it was when the answer is a failure: the relay has to go back to the addresses, and keys, that were agreed on before. Kamailio, OpenSIPS: rtpengine_offer() of a re-INVITE counts at once; when it fails, give rtpengine the descriptions once more that were agreed on, and do not delete the session.',
  async run({ alice, bob, random, expect, clock, waits, within }) {
    await alice.registers()
    await bob.registers()
    const audio = await alice.speaksByHand()
    const elsewhere = await alice.speaksByHand()
    const ringing = bob.nextCall()
    const call = await alice.invites(bob, { sdp: audio.describes() })
    const final = await within(call.answered, ANSWERS_MS)
    loginTaken(final)
    const callee = await within(ringing, 1_000)
    precondition(final?.status === 200 && callee, 'the call was not answered', 'call-refused')
    audio.follows(call.remoteSdp)
    const [before, after] = [random.int(2 ** 24), random.int(2 ** 24)]
    await audio.speaks(before, SPEAKS_MS)
    const theirs = callee.media
    precondition(
      theirs && audio.secondsOf(theirs.patternId) > 0 && (await theirs.hears(before, 500)),
      'the devices do not hear each other to begin with',
      'no-audio',
    )

    const offer = audio.describes({
      version: 2,
      port: elsewhere.local.port,
      formats: [UNKNOWN],
      lines: [`a=rtpmap:${UNKNOWN} X-RINGPROOF/8000`],
    })
    const change = await within(call.reinvite({ sdp: offer }), ANSWERS_MS)
    loginTaken(change?.final)
    const status = change?.final?.status
    if (status === undefined) inconclusive('the re-INVITE got no answer', 'no-answer')
    if (status < 300) inconclusive('the target accepts a codec that does not exist')
    const seen = alice.hears(status, { to: 'INVITE', callId: call.id }).last
    await waits(SETTLES_MS)
    const heardSince = (since: number) => {
      const [here, there] = [audio, elsewhere].map(({ heard }) => heard.filter(({ at }) => at >= since).length)
      return `${here} packets, and ${there} where it had offered`
    }
    // Three of four, whatever their length up to 60 ms.
    const isMost = (words: string) => Number.parseInt(words, 10) >= (LISTENS_MS / 60) * 0.75
    const refusedAt = clock.now()
    await waits(LISTENS_MS)
    const silently = heardSince(refusedAt)
    const isUp = call.state === 'established' && callee.state === 'established'
    if (!expect('goesOn', isUp, { seen }).toBeTrue('the call is up at both ends')) return
    expect('listens', silently, { seen }).toSatisfy('most of what the other says', isMost)
    const spokenAt = clock.now()
    await audio.speaks(after, FOUND_MS + LISTENS_MS)
    expect('hears', heardSince(spokenAt + FOUND_MS), { seen }).toSatisfy('most of what the other says', isMost)
    expect('isHeard', await theirs.hears(after, 500), { seen }).toBeTrue('its voice')
    await within(call.hangUp(), 4_000)
  },
})
