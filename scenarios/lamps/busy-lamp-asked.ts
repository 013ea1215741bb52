import { must, owed, precondition, scenario, STAYS_LIT_AFTER, watchesLine, whereReached } from 'ringproof'

const SOON_MS = 5_000
/** Longer than a notifier may gather what changes (RFC 4235 §3.10). */
const WOULD_HAVE_COME_MS = 2_500

export default scenario({
  id: 'lamps/busy-lamp-asked',
  title: 'Who begins to watch a line in mid-call is told of the call, and who stops is told nothing more',
  area: 'lamps',
  purposes: ['BLF-ASKED'],
  rules: {
    known: must('RFC 6665 §4.2.1.2', 'who begins to watch a line in mid-call is told that it is in a call', {
      gravity: 'harm',
      cause: 'lamp-dark-at-first',
      follows: ['lamp-not-told', 'lamp-outside-subscription', 'lamp-state-missing', 'lamp-stays-dark'],
      harm: 'Busy lamps are dark after a telephone was switched on, although the colleague is in a call.',
    }),
    again: whereReached(
      must('RFC 6665 §4.2.1.2', 'a telephone that asks again in mid-call is told that the line is in a call', {
        gravity: 'harm',
        cause: 'lamp-dark-at-first',
        follows: ['lamp-not-told', 'lamp-outside-subscription', 'lamp-state-missing', 'lamp-stays-dark'],
        harm: 'Busy lamps go dark in mid-call when telephones renew their subscription.',
      }),
    ),
    free: whereReached(
      owed('RFC 6665 §4.2.2', 'who has begun to watch a line in mid-call is told that the call is over', {
        gravity: 'harm',
        cause: 'lamp-stays-lit',
        follows: STAYS_LIT_AFTER,
        harm: 'Busy lamps stay on after calls: colleagues seem to be busy for ever.',
      }),
    ),
    silent: whereReached(
      owed('RFC 6665 §4.2.1.4', 'a subscription that its telephone has ended is over: nothing further is told in it', {
        gravity: 'letter',
        cause: 'lamp-told-unasked',
        harm: 'Telephones that have ended a subscription are told further of the line: lamps that were taken off a telephone keep its server busy.',
      }),
    ),
  },
  devices: { alice: { audio: false }, bob: {}, carol: {} },
  reliesOn: 'call',
  seconds: 18,
  harm: 'Busy lamps are wrong after a telephone was switched on.',
  advice:
    'The NOTIFY behind the 200 to SUBSCRIBE has to tell all calls of the line that are on (state="full"), not only what changes from then on. A subscription ends with SUBSCRIBE and Expires 0: one last NOTIFY (terminated), then nothing.',
  async run({ alice, bob, carol, expect, waits, within, clock }) {
    for (const device of [alice, bob, carol]) await device.registers()
    const { caller } = await carol.calls(bob)
    const lamp = await watchesLine(alice, bob, { keep: false, mayBeLit: true })
    const seen = () => ({ seen: alice.hears('NOTIFY').last })
    // A server that gathers what it knows from elsewhere tells an empty state first.
    await lamp.becomes('busy', SOON_MS)
    if (!expect('known', lamp.shows(), seen()).toBe('busy')) return
    const before = lamp.documents.length
    await lamp.subscription.refresh()
    const told = await lamp.subscription.notified(
      (one) => lamp.documents.slice(before).some(({ notification }) => notification === one),
      3_000,
    )
    if (told !== undefined) {
      await lamp.becomes('busy', SOON_MS)
      expect('again', lamp.shows(), seen()).toBe('busy')
    }
    await within(caller.hangUp(), 4_000)
    await lamp.becomes('dark', SOON_MS)
    if (!expect('free', lamp.shows(), seen()).toBe('dark')) return

    const { status } = (await lamp.subscription.unsubscribe()) ?? {}
    precondition(status !== undefined && status < 300, 'the subscription could not be ended')
    await waits(WOULD_HAVE_COME_MS)
    const since = clock.now()
    const second = await carol.calls(bob)
    await waits(WOULD_HAVE_COME_MS)
    const further = alice.hears('NOTIFY', {
      since,
      where: ({ message }) => message.callId === lamp.subscription.callId,
    })
    const words = further.last?.message.headers.get('Subscription-State') ?? 'without Subscription-State'
    expect('silent', further.count === 0 ? 'nothing' : `NOTIFY, ${words}`, { seen: further.last }).toBe('nothing')
    await within(second.caller.hangUp(), 4_000)
  },
})
