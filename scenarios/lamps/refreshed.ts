import { LAMPS, must, scenario, whereReached } from 'ringproof'

const AT_ONCE_MS = 3_000
/** So long a story waits for the end that the first answer has named; a longer one is not waited for. */
const LONGEST_S = 20
const MARGIN_MS = 1_500

export default LAMPS.map(({ id, event, what, watched }) =>
  scenario({
    id: `lamps/${id}-refreshed`,
    title: `A subscription for the ${what} that is refreshed in time goes on, and its state is told again`,
    area: 'lamps',
    purposes: ['EVT-REFRESH'],
    rules: {
      taken: must('RFC 6665 §4.2.1.4', 'a refresh in the dialog of the subscription is accepted', {
        gravity: 'harm',
        cause: 'subscription-forgotten',
        follows: ['lamp-outside-subscription'],
        harm: 'Lamps and mailbox lights are wrong: telephones cannot renew their subscriptions, and what changes then is not shown.',
      }),
      told: whereReached(
        must('RFC 6665 §4.2.1.2', 'a refresh is followed at once by a NOTIFY with the present state', {
          gravity: 'harm',
          cause: 'lamp-not-told',
          follows: ['lamp-outside-subscription'],
          harm: 'Lamps and mailbox lights that have missed something stay wrong, whatever telephones ask.',
        }),
      ),
      kept: whereReached(
        must('RFC 6665 §4.2.1.4', 'a subscription that was refreshed lives longer than it would have without', {
          gravity: 'harm',
          cause: 'subscription-forgotten',
          follows: ['lamp-outside-subscription'],
          harm: 'Lamps and mailbox lights are right at first and stop changing after {granted|some time}: refreshes are answered and do nothing.',
        }),
      ),
    },
    devices: { alice: { audio: false } },
    seconds: 30,
    harm: `The ${what} of telephones stops working some time after they were switched on.`,
    advice:
      'Look whether the refresh (SUBSCRIBE with a To tag) reaches the server that holds the subscription, and which expiry that stores. Several servers need one database of subscriptions, or calls of one dialog at one server.',
    async run({ alice, expect, figure, waits, services }) {
      const whom = watched(alice, services)
      await alice.registers()
      const subscription = await alice.subscribes(event, whom, { expires: 10, keep: false })
      await subscription.notified(() => true, AT_ONCE_MS)
      const { granted = 0 } = subscription
      const isBrief = granted > 0 && granted <= LONGEST_S
      figure('granted', `${granted} s`)
      if (isBrief) await waits(granted * 500)
      const refreshes = async () => {
        const before = subscription.notifications.length
        const { status } = await subscription.refresh(granted)
        const told = await subscription.notified((one) => subscription.notifications.indexOf(one) >= before, AT_ONCE_MS)
        return { status, told, seen: alice.hears(undefined, { to: 'SUBSCRIBE' }).last }
      }
      const first = await refreshes()
      const isTaken = (status: number | string) => typeof status === 'number' && status < 300
      if (!expect('taken', first.status ?? 'no answer', { seen: first.seen }).toSatisfy('a 2xx', isTaken)) return
      expect('told', first.told ? 'a NOTIFY' : 'no NOTIFY', { seen: first.seen }).toBe('a NOTIFY')
      if (!isBrief) return
      await waits(granted * 500 + MARGIN_MS)
      const ended = subscription.notifications.find((one) => one.subscription?.state === 'terminated')
      const second = ended ? undefined : await refreshes()
      const outcome = ended
        ? `terminated (${ended.subscription?.reason ?? 'no reason'})`
        : second?.status === undefined
          ? 'no answer'
          : second.status >= 300
            ? second.status
            : 'alive'
      expect('kept', outcome, { seen: second?.seen ?? alice.hears('NOTIFY').last }).toBe('alive')
    },
  }),
)
