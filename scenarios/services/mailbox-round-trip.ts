import {
  deletesMessage,
  isHeardFrom,
  leavesMessage,
  playsMessages,
  precondition,
  promised,
  scenario,
  voiceAt,
  whereReached,
} from 'ringproof'

/** Messages are announced first, some with the time and the caller's number. */
const HEARD_MS = 10_000

export default scenario({
  id: 'services/mailbox-round-trip',
  title: 'A message that a caller leaves is heard by its owner, by nobody else, and gone when it was deleted',
  area: 'services',
  purposes: ['MAILBOX'],
  provider: ['SC-1', 'SC-5'],
  rules: {
    heard: promised('SC-1', 'the owner of the mailbox hears what the caller has said', {
      gravity: 'harm',
      cause: 'mailbox-message-lost',
      follows: ['payload-type-wrong', 'no-audio', 'announcement-silent'],
      harm: 'Messages that callers leave in the mailbox are lost: their owners hear nothing of them.',
    }),
    private: promised('SC-1', 'nobody else hears the message in a mailbox of their own', {
      gravity: 'exposure',
      cause: 'mailbox-of-others',
      harm: 'Customers hear the messages of others in their mailbox.',
    }),
    gone: whereReached(
      promised('SC-5', 'a message that was deleted is not played any more', {
        gravity: 'harm',
        cause: 'mailbox-message-stays',
        harm: 'Messages that were deleted from the mailbox are still there.',
      }),
    ),
  },
  devices: { alice: {}, bob: {}, carol: {} },
  reliesOn: 'audio',
  step: 'talk',
  needs: ['mailbox', 'mailbox-keys'],
  seconds: 40,
  harm: 'The mailbox does not keep messages, or plays the wrong ones.',
  advice:
    'Call the mailbox by hand, leave a message, and look where it is stored: in which account’s folder, with which length. Then follow the keys of the menu in the capture.',
  async run(stage) {
    const { alice, bob, carol, expect, waits, within } = stage
    for (const device of [alice, bob, carol]) await device.registers()
    const { voice } = await leavesMessage(stage, bob, alice)
    alice.answers()
    const stranger = await playsMessages(stage, carol)
    const overheard = isHeardFrom(stranger, voice, 4_000)
    const call = await playsMessages(stage, alice)
    const began = stage.clock.now()
    const heard = await isHeardFrom(call, voice, HEARD_MS)
    const took = stage.clock.now() - began
    const sound = voiceAt(alice, call.media, voice, began)
    // Some mailboxes keep messages in a form that spoils melodies, and say so where there is none.
    precondition(heard || !(sound.unrecognised || sound.altered), `alice heard ${sound.words}`, 'sound-not-recognised')
    expect('heard', heard ? 'the voice of the caller' : sound.words, {
      seen: alice.hears(200, { to: 'INVITE' }).last,
    }).toBe('the voice of the caller')
    const isOverheard = await overheard
    expect('private', isOverheard ? 'the voice of a caller of somebody else' : 'no message', {
      seen: carol.hears(200, { to: 'INVITE' }).last,
    }).toBe('no message')
    await within(stranger.hangUp(), 4_000)
    const isDeleted = heard && (await deletesMessage(stage, call))
    if (isDeleted) await waits(1_500)
    await within(call.hangUp(), 4_000)
    if (!isDeleted) return
    const again = await playsMessages(stage, alice)
    const still = await isHeardFrom(again, voice, Math.max(4_000, took + 2_000))
    const isGone = expect('gone', still ? 'the voice of the caller, again' : 'no message', {
      seen: alice.hears(200, { to: 'INVITE' }).last,
    }).toBe('no message')
    if (isGone) alice.hasDeleted(voice)
    await within(again.hangUp(), 4_000)
  },
})
