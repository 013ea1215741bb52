import {
  deletesMessage,
  isHeardFrom,
  leavesMessage,
  type Notification,
  must,
  parseMessageSummary,
  playsMessages,
  precondition,
  scenario,
  should,
  unsupported,
  whereReached,
} from 'ringproof'

const SOON_MS = 6_000
const HEARD_MS = 8_000

export default scenario({
  id: 'lamps/mailbox-light-unasked',
  title:
    'A telephone that is told of waiting messages without having subscribed is told right, also that they are gone',
  area: 'lamps',
  purposes: ['MWI-UNASKED'],
  provider: ['SC-1'],
  rules: {
    body: must('RFC 3842 §3.5', 'what is told says whether messages wait', {
      gravity: 'harm',
      cause: 'lamp-state-missing',
      harm: 'The mailbox light is wrong: telephones are told something, but not whether a message waits.',
    }),
    off: whereReached(
      should('RFC 3842 §3.8', 'a telephone that was told of a message is told that it was listened to and deleted', {
        gravity: 'harm',
        cause: 'mailbox-light-wrong',
        follows: ['mailbox-message-stays', 'lamp-state-missing', 'announcement-not-spoken'],
        harm: 'The mailbox light is wrong: it stays on although no message waits any more.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  needs: ['mailbox', 'mailbox-keys'],
  seconds: 34,
  harm: 'The mailbox light of telephones is wrong.',
  advice: 'Look whether the mailbox tells the registrar of every change, and whether NOTIFY has a body.',
  async run(stage) {
    const { alice, bob, clock, expect, waits, within } = stage
    await alice.registers()
    await bob.registers()
    const { voice, at } = await leavesMessage(stage, bob, alice)
    alice.answers()
    const told = async (which: (one: Notification) => boolean) => {
      for (let waited = 0; waited < SOON_MS && !alice.toldUnasked.some(which); waited += 250) await waits(250)
      return alice.toldUnasked.find(which)
    }
    const isNew = (one: Notification) => one.at >= at - 500
    const on = await told((one) => isNew(one) && parseMessageSummary(one.body).waiting !== false)
    const seen = alice.hears('NOTIFY').last
    if (on !== undefined) {
      expect('body', on.contentType === undefined ? 'no body' : on.body.slice(0, 60), { seen }).toMatch(
        /messages-waiting\s*:\s*yes/i,
        'Messages-Waiting: yes',
      )
    }
    // Where nothing was told, too: no message is left behind.
    const call = await playsMessages(stage, alice)
    const heard = await isHeardFrom(call, voice, HEARD_MS)
    const deletedAt = clock.now()
    const isDeleted = heard && (await deletesMessage(stage, call))
    if (isDeleted) await waits(1_000)
    await within(call.hangUp(), 4_000)
    if (on === undefined) unsupported('the target tells telephones of waiting messages only where they have subscribed')
    precondition(heard, 'the message was not heard, so that it could not be deleted', 'no-audio')
    if (!isDeleted) return
    const isOff = (one: Notification) => one.at >= on.at && parseMessageSummary(one.body).waiting === false
    const off = await told(isOff)
    const words = off ? 'dark' : `still on ${Math.round((clock.now() - deletedAt) / 1000)} s later`
    if (expect('off', words, { seen }).toBe('dark')) alice.hasDeleted(voice)
  },
})
