import { describe, expect, it } from 'vitest'
import type { Subscription } from '../../../src/agent/subscription.js'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import { Dialog } from '../../../src/dialog/dialog.js'
import type { HeaderList } from '../../../src/message/build.js'
import type { SipRequest } from '../../../src/message/message.js'
import type { ServerTransaction } from '../../../src/transaction/transaction-layer.js'
import { Line, respond, Server } from './line.js'

const AT = { address: '10.0.0.9', port: 5060 }
const CONTACT = '<sip:notifier@10.0.0.9:5060>'

/** A notifier in a few lines, which does what the test says. */
class Notifier {
  readonly line: Line
  readonly server: Server
  dialog: Dialog | undefined
  /** Statuses that NOTIFYs got, in order. */
  readonly answers: number[] = []
  minExpires = 0
  /** Answers SUBSCRIBE otherwise. */
  status: number | undefined
  notifiesFirst = false
  isMute = false

  constructor(line: Line) {
    this.line = line
    this.server = new Server(line, AT, (tx) => this.#subscribe(tx))
  }

  #subscribe(tx: ServerTransaction): void {
    const { request } = tx
    const expires = Number(request.headers.get('Expires'))
    if (this.status !== undefined) {
      respond(tx, this.status)
      return
    }
    if (expires > 0 && expires < this.minExpires) {
      respond(tx, 423, { headers: [['Min-Expires', String(this.minExpires)]] })
      return
    }
    if (this.dialog === undefined || request.to.tag === undefined)
      this.dialog = Dialog.ofCallee(request, this.line.random.token(8), { state: 'confirmed' })
    else this.dialog.refreshTarget(request)
    const accept = () =>
      respond(tx, 200, {
        toTag: this.dialog?.localTag,
        contact: CONTACT,
        headers: [['Expires', String(expires)]],
      })
    if (!this.notifiesFirst) accept()
    if (!this.isMute) this.notify(expires === 0 ? 'terminated;reason=timeout' : `active;expires=${expires}`)
    if (this.notifiesFirst) this.line.clock.after(100, accept)
  }

  notify(state: string | undefined, o: { event?: string; toTag?: string; headers?: HeaderList } = {}): void {
    const { dialog } = this
    if (dialog === undefined) throw new Error('nobody has subscribed')
    const notify = dialog.request('NOTIFY', {
      contact: CONTACT,
      headers: [
        ['Event', o.event ?? 'message-summary'],
        ...(state === undefined ? [] : [['Subscription-State', state] satisfies [string, string]]),
        ...(o.headers ?? []),
      ],
      body: 'Messages-Waiting: no\r\n',
      contentType: 'application/simple-message-summary',
    })
    if (o.toTag !== undefined) notify.headers.set('To', `<sip:alice@example.net>;tag=${o.toTag}`)
    this.server.transactions.request(
      notify,
      { transport: 'udp', remote: { address: '10.0.0.1', port: 5060 } },
      { onResponse: ({ status }) => this.answers.push(status) },
    )
  }

  subscribes(): SipRequest[] {
    return this.server.requests.filter(({ method }) => method === 'SUBSCRIBE')
  }
}

/** Alice, with a subscription to her mailbox at a notifier. */
async function stage(
  story: (o: { line: Line; alice: UserAgent; notifier: Notifier; mailbox: Subscription }) => Promise<void>,
  before: (notifier: Notifier) => void = () => {},
  options: Parameters<UserAgent['watches']>[2] = {},
): Promise<void> {
  const line = new Line()
  await line.run(async () => {
    const alice = await line.phone('alice', 1, 9)
    const notifier = new Notifier(line)
    before(notifier)
    await notifier.server.start()
    await story({ line, alice, notifier, mailbox: alice.watches('message-summary', 'alice', options) })
  })
}

describe('a subscription', () => {
  it('is neutral until its first NOTIFY, then active; unsubscribing ends it', () =>
    stage(async ({ line, notifier, mailbox }) => {
      const asked = mailbox.subscribe()
      expect(mailbox.state).toBe('neutral')
      expect((await asked).status).toBe(200)
      await line.clock.sleep(50)
      expect([mailbox.state, mailbox.granted, mailbox.notifications.length]).toEqual(['active', 3600, 1])
      expect(mailbox.notifications[0]).toMatchObject({
        body: 'Messages-Waiting: no\r\n',
        contentType: 'application/simple-message-summary',
        beforeAnswer: false,
      })
      await mailbox.unsubscribe()
      await line.clock.sleep(50)
      expect([mailbox.state, mailbox.notifications.at(-1)?.subscription?.reason]).toEqual(['terminated', 'timeout'])
      const [first, last] = notifier.subscribes()
      expect(last?.to.tag).toBe(notifier.dialog?.localTag)
      expect(last?.cseq.number).toBe((first?.cseq.number ?? 0) + 1)
      expect(notifier.answers).toEqual([200, 200])
    }))

  it('takes a NOTIFY that comes before the answer (RFC 6665 §4.1.2.4), and the route set from it', () =>
    stage(
      async ({ line, notifier, mailbox }) => {
        await mailbox.subscribe()
        expect(mailbox.notifications[0]?.beforeAnswer).toBe(true)
        notifier.notify('active;expires=60')
        await line.clock.sleep(50)
        expect([notifier.answers, mailbox.granted]).toEqual([[200, 200], 60])
      },
      (notifier) => {
        notifier.notifiesFirst = true
      },
    ))

  it('refreshes itself in its dialog before it ends, and obeys 423', () =>
    stage(
      async ({ line, notifier, mailbox }) => {
        await mailbox.subscribe()
        expect(notifier.subscribes().map(({ expires }) => expires)).toEqual([10, 60])
        await line.clock.sleep(65_000)
        expect([mailbox.state, notifier.subscribes().length]).toEqual(['active', 4])
        expect(new Set(notifier.subscribes().map(({ from }) => from.tag)).size).toBe(1)
      },
      (notifier) => {
        notifier.minExpires = 60
      },
      { expires: 10 },
    ))

  it('ends where a refresh gets 481, and lives on where it gets 503 (RFC 6665 §4.1.2.2)', () =>
    stage(async ({ line, notifier, mailbox }) => {
      await mailbox.subscribe()
      await line.clock.sleep(50)
      notifier.status = 503
      await mailbox.refresh()
      expect(mailbox.state).toBe('active')
      notifier.status = 481
      await mailbox.refresh()
      expect(mailbox.state).toBe('terminated')
      notifier.notify('active;expires=60')
      await line.clock.sleep(50)
      expect(notifier.answers.at(-1)).toBe(481)
    }))

  it('was never one where SUBSCRIBE is refused', () =>
    stage(
      async ({ mailbox }) => {
        expect((await mailbox.subscribe()).status).toBe(489)
        expect([mailbox.state, await mailbox.unsubscribe()]).toEqual(['terminated', undefined])
      },
      (notifier) => {
        notifier.status = 489
      },
    ))

  it('refuses what is of another event (489), without its tag (481), or older than what it had (500)', () =>
    stage(async ({ line, notifier, mailbox }) => {
      await mailbox.subscribe()
      await line.clock.sleep(50)
      notifier.notify('active', { event: 'dialog' })
      notifier.notify('active', { toTag: 'other' })
      const { dialog } = notifier
      if (dialog?.localSequence !== undefined) dialog.localSequence -= 3
      notifier.notify('active')
      await line.clock.sleep(50)
      expect(notifier.answers).toEqual([200, 489, 481, 500])
    }))

  it('is ended by the notifier, with a reason', () =>
    stage(async ({ line, notifier, mailbox }) => {
      await mailbox.subscribe()
      notifier.notify('terminated;reason=noresource')
      const last = await mailbox.notified((one) => one.subscription?.state === 'terminated', 1_000)
      expect([last?.subscription?.reason, mailbox.state]).toEqual(['noresource', 'terminated'])
      expect(await mailbox.notified(() => false, 10)).toBeUndefined()
      await line.clock.sleep(10)
    }))

  it('is asked to end when nothing was ever told, in the dialog of the 200', () =>
    stage(
      async ({ notifier, mailbox }) => {
        await mailbox.subscribe()
        await mailbox.unsubscribe()
        expect(notifier.subscribes().map(({ to, expires }) => [to.tag === undefined, expires])).toEqual([
          [true, 3600],
          [false, 0],
        ])
      },
      (notifier) => {
        notifier.isMute = true
      },
    ))

  it('is forgotten by a telephone that restarts: what still comes gets 481', () =>
    stage(async ({ line, notifier, mailbox }) => {
      await mailbox.subscribe()
      await line.clock.sleep(50)
      mailbox.forget()
      notifier.notify('active;expires=60')
      await line.clock.sleep(50)
      expect(notifier.answers).toEqual([200, 481])
    }))
})

it('waiting messages are taken unasked, other events are not', () =>
  stage(async ({ line, alice, notifier, mailbox }) => {
    await mailbox.subscribe()
    const { dialog } = notifier
    const unasked = (event: string) => {
      const notify = dialog!.request('NOTIFY', { headers: [['Event', event]], body: 'Messages-Waiting: yes\r\n' })
      notify.headers.set('To', '<sip:alice@example.net>')
      notify.headers.set('Call-ID', `unasked-${event}`)
      notifier.server.transactions.request(
        notify,
        { transport: 'udp', remote: { address: '10.0.0.1', port: 5060 } },
        { onResponse: ({ status }) => notifier.answers.push(status) },
      )
    }
    await line.clock.sleep(50)
    unasked('message-summary')
    unasked('dialog')
    await line.clock.sleep(50)
    expect(notifier.answers).toEqual([200, 200, 481])
    expect(alice.subscriptions.unasked.map(({ body }) => body)).toEqual(['Messages-Waiting: yes\r\n'])
  }))
