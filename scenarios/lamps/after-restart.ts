import { LAMPS, must, precondition, scenario, whereReached } from 'ringproof'

const AT_ONCE_MS = 3_000
/** Answers to a refresh that tell a telephone to subscribe anew (RFC 6665 §4.1.2.2). */
const SUBSCRIBE_ANEW = [404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]

export default LAMPS.map(({ id, event, what, watched }) =>
  scenario({
    id: `lamps/${id}-after-restart`,
    title: `The ${what} works again after the telephone, or the server, was restarted`,
    area: 'lamps',
    purposes: ['EVT-RESTART'],
    rules: {
      telephone: must(
        'RFC 6665 §4.2.1.2',
        'a telephone that was restarted subscribes anew and is told the present state',
        {
          gravity: 'harm',
          cause: 'lamp-not-told',
          follows: ['lamp-outside-subscription'],
          harm: 'Lamps and mailbox lights stay dark when a telephone is switched on again.',
        },
      ),
      kept: whereReached(
        must(
          'RFC 6665 §4.2.1.4',
          'the subscription of a telephone that was restarted lives beside the one it has lost',
          {
            gravity: 'harm',
            cause: 'subscription-lost-in-restart',
            harm: 'Lamps and mailbox lights are right once after a telephone was switched on again, and then stop changing.',
          },
        ),
      ),
      server: must(
        'RFC 3261 §12.2.2',
        'a refresh of a subscription that the server does not know is refused, so that the telephone subscribes anew',
        {
          gravity: 'harm',
          cause: 'subscription-lost-in-restart',
          harm: 'After a restart of the server lamps and mailbox lights stop changing: telephones refresh what is no longer there, are told that all is well, and never subscribe anew.',
        },
      ),
    },
    devices: { alice: { audio: false } },
    seconds: 20,
    harm: `The ${what} does not come back after a restart.`,
    advice:
      'Answer 481 to a SUBSCRIBE with a To tag that belongs to no subscription. A SUBSCRIBE without one is a new subscription, whatever others the same device has left behind.',
    async run({ alice, expect, services }) {
      const whom = watched(alice, services)
      await alice.registers()
      const lost = await alice.subscribes(event, whom, { expires: 600, keep: false })
      const { dialog } = lost
      await lost.notified(() => true, AT_ONCE_MS)
      precondition(dialog, 'the subscription made no dialog')
      // Switched off without a word, and on again.
      lost.forget()
      const again = await alice.subscribes(event, whom, { expires: 600, keep: false })
      const told = await again.notified(() => true, AT_ONCE_MS)
      const seen = alice.hears(undefined, { to: 'SUBSCRIBE' }).last
      expect('telephone', told ? 'a NOTIFY' : 'no NOTIFY', { seen }).toBe('a NOTIFY')
      if (told !== undefined) {
        const { status } = await again.refresh()
        expect('kept', status ?? 'no answer', { seen: alice.hears(undefined, { to: 'SUBSCRIBE' }).last }).toSatisfy(
          'a 2xx',
          (one) => typeof one === 'number' && one < 300,
        )
      }
      // As a telephone asks that knows nothing of the server's restart: in a dialog that the server has never heard of.
      const callId = `lost-${again.callId}`
      const contact = `<${alice.contactUri}>`
      const { final, status } = await alice.sends('SUBSCRIBE', dialog.remoteTarget, {
        callId,
        from: `<${alice.aor}>;tag=${again.localTag}`,
        to: `<${lost.resource}>;tag=lost-${dialog.remoteTag ?? ''}`,
        route: dialog.routeSet,
        headers: { Event: event, Expires: '600', Contact: contact },
      })
      const refused = alice.hears(undefined, { to: 'SUBSCRIBE', callId }).last
      const renewed = final !== undefined && final.status < 300
      const isTold = renewed && (await alice.hears('NOTIFY', { callId }).reaches(1, AT_ONCE_MS))
      const outcome = isTold
        ? 'a new subscription, with its NOTIFY'
        : renewed
          ? `${status}, and no NOTIFY`
          : (status ?? 'no answer')
      expect('server', outcome, { seen: refused }).toSatisfy(
        '481, or a new subscription with its NOTIFY',
        (one) => isTold || (typeof one === 'number' && SUBSCRIBE_ANEW.includes(one)),
      )
    },
  }),
)
