import {
  type LampKind,
  LAMPS,
  must,
  type Notification,
  scenario,
  should,
  type Subscription,
  whereReached,
} from 'ringproof'

/** A notification comes at once; over a slow path it may take a little longer. */
const AT_ONCE_MS = 3_000

export default LAMPS.map(({ id, event, what, whose, body, watched }) =>
  scenario({
    id: `lamps/${id}-subscription`,
    title: `A telephone that subscribes for its ${what} is told the present state at once, and the end`,
    area: 'lamps',
    purposes: ['EVT-SUB'],
    rules: {
      granted: must('RFC 6665 §4.2.1.1', 'a subscription is granted for as long as was asked for, or shorter', {
        gravity: 'letter',
        cause: 'granted-more-than-asked',
        harm: 'Subscriptions are granted for longer than telephones have asked for.',
      }),
      time: must('RFC 6665 §3.1.1', 'a 2xx to SUBSCRIBE says in Expires how long the subscription lasts', {
        gravity: 'letter',
        cause: 'subscription-time-not-told',
        harm: 'Telephones are not told how long their subscription lasts: one that renews it too late has dark lamps.',
      }),
      told: must('RFC 6665 §4.2.1.2', 'a subscription that is accepted is told the present state at once', {
        gravity: 'harm',
        cause: 'lamp-not-told',
        harm: `Lamps and mailbox lights are wrong: telephones that subscribe to ${whose} are told nothing.`,
      }),
      inDialog: whereReached(
        must('RFC 6665 §4.2.1.2', 'NOTIFY is sent in the dialog that the SUBSCRIBE made', {
          gravity: 'harm',
          cause: 'lamp-outside-subscription',
          harm: 'Lamps and mailbox lights are wrong: telephones cannot tell which subscription they are told of, and refuse it.',
        }),
      ),
      state: whereReached(
        must('RFC 6665 §4.2.2', 'NOTIFY says whether the subscription is active, pending or terminated', {
          gravity: 'harm',
          cause: 'lamp-state-missing',
          harm: 'Telephones cannot tell whether their subscription lives: lamps and mailbox lights are wrong.',
        }),
      ),
      left: whereReached(
        must('RFC 6665 §4.2.2', 'NOTIFY of an active subscription says how long it still lasts', {
          gravity: 'letter',
          cause: 'subscription-time-not-told',
          harm: 'Telephones are not told by NOTIFY how long their subscription still lasts.',
        }),
      ),
      body: whereReached(
        must(body.source, `NOTIFY says what the ${what} is to show`, {
          gravity: 'harm',
          cause: 'lamp-state-missing',
          harm: `Lamps and mailbox lights are wrong: telephones are not told what the ${what} is to show.`,
        }),
      ),
      minimum: whereReached(
        must('RFC 6665 §4.2.1.1', 'a 423 says which interval is long enough, and that one is taken', {
          gravity: 'harm',
          cause: 'min-expires-missing',
          harm: 'Telephones cannot subscribe: they are not told which interval would do, and lamps stay dark.',
        }),
      ),
      end: whereReached(
        should('RFC 6665 §4.2.1.4', 'a subscription that is ended is told so by a last NOTIFY', {
          gravity: 'letter',
          cause: 'subscription-end-not-told',
          follows: ['lamp-state-missing', 'lamp-told-unasked'],
          harm: 'Telephones that end a subscription are not told that it has ended.',
        }),
      ),
    },
    devices: { alice: { audio: false } },
    transports: ['udp', 'tls'],
    families: ['ipv4', 'ipv6'],
    seconds: 14,
    harm: `The ${what} of telephones does not work.`,
    advice:
      'Look in the ladder for the NOTIFY behind the 200 to SUBSCRIBE: its To tag must be the one of the SUBSCRIBE’s From. Kamailio: presence with presence_mwi or presence_dialoginfo; Asterisk: mailboxes at the AOR, hints in the dial plan.',
    async run({ alice, expect, clock, services }) {
      const whom = watched(alice, services)
      await alice.registers()
      const since = clock.now()
      const subscription = await alice.subscribes(event, whom, { expires: 600, keep: false })
      const answer = alice.hears('2xx', { to: 'SUBSCRIBE' }).last
      const { granted = 0 } = subscription
      expect('granted', granted, { seen: answer, header: 'Expires' }).toBeWithin(0, 600, 's')
      expect('time', answer?.message.headers.get('Expires') ?? 'no Expires', { seen: answer }).toSatisfy(
        'a number of seconds',
        (seconds) => /^\d+$/.test(seconds.trim()),
      )
      const first = await subscription.notified(() => true, AT_ONCE_MS)
      const stray = alice.hears('NOTIFY', {
        since,
        where: ({ message }) => message.callId === subscription.callId && message.to.tag !== subscription.localTag,
      }).first
      if (first === undefined && stray !== undefined) {
        expect('inDialog', stray.message.to.tag ?? 'no tag', { seen: stray, header: 'To' }).toBe(subscription.localTag)
        expect('told', 'a NOTIFY', { seen: stray }).toBe('a NOTIFY')
        return
      }
      if (
        !expect('told', first ? 'a NOTIFY' : `no NOTIFY within ${AT_ONCE_MS / 1000} s`, { seen: answer }).toBe(
          'a NOTIFY',
        )
      )
        return
      if (first === undefined) return
      const seen = alice.hears('NOTIFY').last
      const state = first.subscription?.state ?? 'no Subscription-State'
      expect('state', state, { seen }).toBeOneOf(['active', 'pending', 'terminated'])
      if (state === 'active' || state === 'pending') {
        expect('left', first.subscription?.expires ?? 'not told', { seen, header: 'Subscription-State' }).toSatisfy(
          'a number of seconds',
          (left) => typeof left === 'number',
        )
      }
      expect('body', shown(first), { seen }).toSatisfy(`${body.type} that can be read`, () => tells(subscription, body))
      const before = subscription.notifications.length
      await subscription.unsubscribe()
      const isLast = (one: Notification) =>
        subscription.notifications.indexOf(one) >= before && one.subscription?.state === 'terminated'
      const last = await subscription.notified(isLast, AT_ONCE_MS)
      expect('end', last ? 'terminated' : 'no NOTIFY with terminated', {
        seen: alice.hears('2xx', { to: 'SUBSCRIBE' }).last,
      }).toBe('terminated')
      const brief = await alice.asksToSubscribe(event, whom, { expires: 5, keep: false })
      const tooBrief = alice.hears(423, { to: 'SUBSCRIBE' }).last
      if (tooBrief !== undefined) {
        expect('minimum', brief.exchange.status ?? 'no answer', { seen: tooBrief, header: 'Min-Expires' }).toSatisfy(
          'a 2xx for the interval that the 423 names',
          (status) => typeof status === 'number' && status < 300,
        )
      }
      await brief.subscription.unsubscribe()
    },
  }),
)

/** What a notification holds, in words. */
const shown = ({ contentType, body }: Notification): string =>
  contentType === undefined ? 'no body' : `${contentType}: ${body.slice(0, 60)}`

/** Some notifiers tell an empty body first and the state a moment later; one that is right will do. */
const tells = ({ notifications }: Subscription, body: LampKind['body']): boolean =>
  notifications.some((one) => one.contentType === body.type && body.reads(one.body))
