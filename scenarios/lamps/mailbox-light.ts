import {
  deletesMessage,
  isHeardFrom,
  leavesMessage,
  must,
  type Notification,
  parseMessageSummary,
  playsMessages,
  precondition,
  scenario,
  should,
  type Subscription,
  whereReached,
} from 'ringproof'

const AT_ONCE_MS = 3_000
/** Mailboxes that a server looks into now and then are told a little later. */
const SOON_MS = 8_000
const HEARD_MS = 8_000

export default scenario({
  id: 'lamps/mailbox-light',
  title: 'The mailbox light goes on when a message was left, and off when it was listened to and deleted',
  area: 'lamps',
  purposes: ['MWI'],
  provider: ['SC-1'],
  rules: {
    on: should('RFC 3842 §3.8', 'a new message is told to the telephones that have subscribed', {
      gravity: 'harm',
      cause: 'mailbox-light-wrong',
      follows: [
        'lamp-not-told',
        'lamp-outside-subscription',
        'lamp-state-missing',
        'mailbox-message-lost',
        'service-not-reachable',
        'announcement-not-spoken',
      ],
      harm: 'The mailbox light is wrong: it stays dark although a message waits.',
    }),
    known: must('RFC 6665 §4.2.1.2', 'a telephone that asks is told that a message waits', {
      gravity: 'harm',
      cause: 'mailbox-light-wrong',
      follows: [
        'lamp-not-told',
        'lamp-outside-subscription',
        'lamp-state-missing',
        'mailbox-message-lost',
        'service-not-reachable',
        'announcement-not-spoken',
      ],
      harm: 'The mailbox light is wrong: whatever telephones ask, they are not told that a message waits.',
    }),
    off: whereReached(
      should('RFC 3842 §3.8', 'a message that was listened to and deleted is told as gone', {
        gravity: 'harm',
        cause: 'mailbox-light-wrong',
        follows: ['mailbox-message-stays', 'announcement-not-spoken'],
        harm: 'The mailbox light is wrong: it stays on although no message waits any more.',
      }),
    ),
    dark: whereReached(
      must('RFC 6665 §4.2.1.2', 'a telephone that asks is told that no message waits any more', {
        gravity: 'harm',
        cause: 'mailbox-light-wrong',
        follows: ['mailbox-message-stays', 'announcement-not-spoken'],
        harm: 'The mailbox light is wrong: whatever telephones ask, they are told of a message that was deleted.',
      }),
    ),
  },
  devices: { alice: {}, bob: {} },
  reliesOn: 'call',
  needs: ['mailbox'],
  seconds: 34,
  harm: 'The mailbox light of telephones is wrong.',
  advice:
    'Look whether the mailbox tells the notifier of every change, and whether both mean the same account. Asterisk: mailboxes at the AOR names the mailbox of voicemail.conf; Kamailio: presence_mwi needs a PUBLISH or NOTIFY from the mailbox.',
  async run(stage) {
    const { alice, bob, expect, services, within } = stage
    await alice.registers()
    await bob.registers()
    const light = await alice.subscribes('message-summary', services.mailbox?.light ?? alice, { expires: 600 })
    const first = await light.notified(() => true, AT_ONCE_MS)
    const start = first && parseMessageSummary(first.body)
    precondition(
      start?.waiting !== true,
      'a message waits in the mailbox already: the light is on before the story begins',
    )
    const message = await leavesMessage(stage, bob, alice)
    alice.answers()
    const seenOn = () => ({ seen: alice.hears('NOTIFY').last ?? alice.hears('2xx', { to: 'SUBSCRIBE' }).last })
    const on = await light.notified(shows(true), SOON_MS)
    expect('on', on ? 'on' : 'dark', seenOn()).toBe('on')
    const asked = on ?? (await asks(light, true))
    expect('known', asked ? 'on' : 'dark', seenOn()).toBe('on')
    const { delete: key } = services.mailbox?.keys ?? {}
    if (asked === undefined || key === undefined) return
    const call = await playsMessages(stage, alice)
    const heard = await isHeardFrom(call, message.voice, HEARD_MS)
    // What is not ours is not deleted.
    precondition(heard, 'the message was not heard, so that it could not be deleted', 'no-audio')
    await deletesMessage(stage, call)
    const isOff = (one: Notification) =>
      light.notifications.indexOf(one) > light.notifications.indexOf(asked) && shows(false)(one)
    const off = await light.notified(isOff, SOON_MS)
    await within(call.hangUp(), 4_000)
    const offLater = off ?? (await light.notified(isOff, AT_ONCE_MS))
    expect('off', offLater ? 'dark' : 'still on', seenOn()).toBe('dark')
    const isDark = (offLater ?? (await asks(light, false))) !== undefined
    if (expect('dark', isDark ? 'dark' : 'still on', seenOn()).toBe('dark')) alice.hasDeleted(message.voice)
  },
})

const shows =
  (isOn: boolean) =>
  ({ body }: Notification): boolean =>
    parseMessageSummary(body).waiting === isOn

/** What a refresh brings. */
async function asks(light: Subscription, isOn: boolean): Promise<Notification | undefined> {
  const before = light.notifications.length
  await light.refresh()
  return light.notified((one) => light.notifications.indexOf(one) >= before && shows(isOn)(one), AT_ONCE_MS)
}
