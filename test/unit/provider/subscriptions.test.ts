import { describe, expect, it } from 'vitest'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { MailboxBook, MOST_FRAMES } from '../../../src/provider/services/mailbox-book.js'
import { Town } from './town.js'

const MWI = 'message-summary'

async function inTown(
  story: (town: Town, alice: UserAgent, bob: UserAgent) => Promise<void>,
  faults: FaultName[] = [],
) {
  const town = new Town()
  await town.run(async () => {
    await town.open({ faults })
    const [alice, bob] = [await town.phone(1), await town.phone(2)]
    await alice.register()
    await bob.register()
    await story(town, alice, bob)
  })
}

/** Leaves a message of so many milliseconds in the mailbox of the first account, which is switched on. */
async function leaves(town: Town, alice: UserAgent, bob: UserAgent, ms = 2_000): Promise<void> {
  alice.onCall = (call) => void call.reject(486)
  const call = bob.invite(town.provider.accounts[0]!.user)
  expect((await call.answered)?.status).toBe(200)
  await town.clock.sleep(6_000 + ms)
  await call.hangUp()
}

async function switchesOn(alice: UserAgent): Promise<void> {
  const call = alice.invite('*11')
  await call.ended
}

describe('mailbox lights', () => {
  it('follow the mailbox: new, heard, deleted; and its audio is the one that was left', () =>
    inTown(async (town, alice, bob) => {
      await switchesOn(alice)
      const light = alice.watches(MWI, town.provider.accounts[0]!.user)
      expect((await light.subscribe()).status).toBe(200)
      await leaves(town, alice, bob)
      const call = alice.invite('*01')
      await call.answered
      await call.sendDigits('1')
      expect(await call.media?.hears(1002, 4_000)).toBe(true)
      await town.clock.sleep(500)
      await call.sendDigits('3')
      await town.clock.sleep(500)
      await call.hangUp()
      expect(light.notifications.map(({ body }) => body.replaceAll(/Message-Account.*\r\n/g, ''))).toEqual([
        'Messages-Waiting: no\r\nVoice-Message: 0/0\r\n',
        'Messages-Waiting: yes\r\nVoice-Message: 1/0\r\n',
        'Messages-Waiting: no\r\nVoice-Message: 0/1\r\n',
        'Messages-Waiting: no\r\nVoice-Message: 0/0\r\n',
      ])
      // Who has subscribed is not told twice.
      expect(alice.subscriptions.unasked).toEqual([])
    }))

  it('are told to devices that did not ask, at once and when they register', () =>
    inTown(async (town, alice, bob) => {
      await switchesOn(alice)
      await leaves(town, alice, bob)
      await town.clock.sleep(100)
      expect(alice.subscriptions.unasked.map(({ body }) => body.split('\r\n')[0])).toEqual(['Messages-Waiting: yes'])
      await alice.register()
      await town.clock.sleep(100)
      expect(alice.subscriptions.unasked.length).toBe(2)
    }))

  it('are for owners, by their log-in', () =>
    inTown(async (town, alice, bob) => {
      const strange = bob.watches(MWI, town.provider.accounts[0]!.user)
      expect((await strange.subscribe()).status).toBe(403)
      const unsaid = alice.watches(MWI, 'nobody')
      expect((await unsaid.subscribe()).status).toBe(404)
      const anonymous = alice.watches(MWI, town.provider.accounts[0]!.user, { authenticate: false })
      expect((await anonymous.subscribe()).final?.status).toBe(401)
      const other = alice.watches(MWI, town.provider.accounts[0]!.user, { accept: 'text/html' })
      expect((await other.subscribe()).status).toBe(406)
    }))

  it('a hang-up during the greeting leaves nothing', () =>
    inTown(async (town, alice, bob) => {
      await switchesOn(alice)
      const light = alice.watches(MWI, town.provider.accounts[0]!.user)
      await light.subscribe()
      await leaves(town, alice, bob, -5_500)
      await town.clock.sleep(500)
      expect(light.notifications.length).toBe(1)
    }))
})

describe('subscriptions', () => {
  it('end when nobody refreshes them, and say so', () =>
    inTown(async (town, alice) => {
      const light = alice.watches(MWI, town.provider.accounts[0]!.user, { expires: 10, keep: false })
      await light.subscribe()
      await town.clock.sleep(10_100)
      expect(light.notifications.at(-1)?.subscription).toMatchObject({ state: 'terminated', reason: 'timeout' })
      expect(light.state).toBe('terminated')
    }))

  it('of devices that are gone are given up after 64·T1', () =>
    inTown(async (town, alice, bob) => {
      await switchesOn(alice)
      const light = alice.watches(MWI, town.provider.accounts[0]!.user)
      await light.subscribe()
      await town.clock.sleep(100)
      light.forget()
      alice.automatic.listen = false
      await leavesWithout(town, bob)
      await town.clock.sleep(40_000)
      alice.automatic.listen = true
      const notifies = () =>
        town.parcels.filter(({ data, to }) => to.address === '192.0.2.1' && data.toString('latin1', 0, 7) === 'NOTIFY ')
      const before = notifies().length
      expect(before).toBeGreaterThan(5)
      await town.clock.sleep(40_000)
      expect(notifies().length).toBe(before)
    }))

  it('a refresh is told the state again', () =>
    inTown(async (town, alice) => {
      const light = alice.watches(MWI, town.provider.accounts[0]!.user)
      await light.subscribe()
      await town.clock.sleep(50)
      expect((await light.refresh()).status).toBe(200)
      await town.clock.sleep(50)
      expect(light.notifications.length).toBe(2)
    }))
})

/** A message while nobody is there: the call is given up by its caller, the mailbox takes what rings for too long. */
async function leavesWithout(town: Town, bob: UserAgent): Promise<void> {
  const call = bob.invite(town.provider.accounts[0]!.user)
  expect((await call.answered)?.status).toBe(200)
  await town.clock.sleep(8_000)
  await call.hangUp()
}

describe('what mailboxes keep', () => {
  const frame = { codec: 'PCMA' as const, payload: Buffer.alloc(160) }

  it('is bounded: each message, each mailbox, all together', () => {
    const book = new MailboxBook()
    book.leave(
      '1',
      Array.from({ length: MOST_FRAMES + 100 }, () => frame),
    )
    expect(book.of('1')[0]?.frames.length).toBe(MOST_FRAMES)
    for (let n = 0; n < 30; n += 1) book.leave('1', [frame])
    expect(book.of('1').length).toBe(20)
    for (let user = 2; user < 300; user += 1) book.leave(String(user), [frame])
    expect(book.size).toBe(100)
    expect(book.of('299').length).toBe(1)
    expect(book.of('1')).toEqual([])
  })

  it('new messages come first; deleting one that is gone changes nothing', () => {
    const book = new MailboxBook()
    const told: string[] = []
    book.onChange = (user, change) => told.push(`${user} ${change}`)
    book.leave('1', [frame])
    book.leave('1', [frame, frame])
    const [first, second] = book.of('1')
    book.hear('1', first!)
    book.hear('1', first!)
    expect(book.of('1')).toEqual([second, first])
    expect(book.count('1')).toEqual({ fresh: 1, old: 1 })
    book.delete('1', first!)
    book.delete('2', first!)
    expect(book.count('1')).toEqual({ fresh: 1, old: 0 })
    expect(told).toEqual(['1 left', '1 left', '1 heard', '1 deleted', '2 deleted'])
  })
})
