import { describe, expect, it } from 'vitest'
import type { Subscription } from '../../../src/agent/subscription.js'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import { parseDialogInfo } from '../../../src/message/dialog-info.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { shownAfter } from '../../../src/scenario/lamp.js'
import { called, Town } from './town.js'

interface Story {
  readonly town: Town
  readonly alice: UserAgent
  readonly bob: UserAgent
  readonly carol: UserAgent
  /** Alice's, of the line of Bob. */
  readonly lamp: Subscription
  readonly bobsUser: string
}

/** Alice watches Bob, whom Carol may call. */
async function inTown(story: (s: Story) => Promise<void>, faults: FaultName[] = []): Promise<void> {
  const town = new Town()
  await town.run(async () => {
    await town.open({ faults })
    const [alice, bob, carol] = [await town.phone(1), await town.phone(2), await town.phone(3)]
    for (const phone of [alice, bob, carol]) await phone.register()
    const bobsUser = town.provider.accounts[1]!.user
    const lamp = alice.watches('dialog', bobsUser)
    expect((await lamp.subscribe()).status).toBe(200)
    await town.clock.sleep(1_500)
    await story({ town, alice, bob, carol, lamp, bobsUser })
  })
}

/** Version, extent and calls of each document: `0 full`, `1 partial recipient early`. */
const told = (lamp: Subscription): string[] =>
  lamp.notifications.map(({ body }) => {
    const { version, extent, dialogs = [] } = parseDialogInfo(body) ?? {}
    return [version, extent, ...dialogs.map(({ direction, state }) => `${direction} ${state}`)].join(' ')
  })

describe('busy lamps', () => {
  it('follow a call that comes in: the whole state first, then what changes, at most once a second', () =>
    inTown(async ({ town, bob, carol, lamp, bobsUser }) => {
      const ringing = called(bob)
      const call = carol.invite(bobsUser)
      const incoming = await ringing
      await incoming.ring()
      await town.clock.sleep(1_500)
      await incoming.answer()
      await town.clock.sleep(100)
      await call.hangUp()
      await town.clock.sleep(1_500)
      expect(told(lamp)).toEqual([
        '0 full',
        '1 partial recipient early',
        '2 partial recipient confirmed',
        '3 partial recipient terminated',
      ])
      const ids = lamp.notifications.flatMap(({ body }) => parseDialogInfo(body)?.dialogs.map(({ id }) => id) ?? [])
      expect(new Set(ids).size).toBe(1)
      const gaps = lamp.notifications.map(({ at }, index) => at - (lamp.notifications[index - 1]?.at ?? 0)).slice(1)
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000)
    }))

  it('follow calls that are made, and calls to services', () =>
    inTown(async ({ town, bob, carol, lamp }) => {
      carol.onCall = (call) => void call.answer()
      const call = bob.invite(town.provider.accounts[2]!.user)
      await call.answered
      await town.clock.sleep(1_500)
      expect(told(lamp).slice(1)).toEqual(['1 partial initiator confirmed'])
      await call.hangUp()
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('dark')
      const echo = bob.invite('00038799999')
      await echo.answered
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('busy')
      await echo.hangUp()
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('dark')
    }))

  it('show a call that the mailbox has taken at its caller, for as long as it lasts', () =>
    inTown(async ({ town, alice, bob, carol, lamp }) => {
      await carol.invite('*11').ended
      carol.onCall = (call) => void call.reject(486)
      const call = bob.invite(town.provider.accounts[2]!.user)
      expect((await call.answered)?.status).toBe(200)
      const other = alice.watches('dialog', town.provider.accounts[2]!.user)
      await other.subscribe()
      await town.clock.sleep(1_500)
      expect([shownAfter(lamp.notifications), shownAfter(other.notifications)]).toEqual(['busy', 'dark'])
      await call.hangUp()
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('dark')
      await carol.invite('*11').ended
    }))

  it.each(['cancelled', 'rejected'] as const)('go out when a call is %s', (how) =>
    inTown(async ({ town, bob, carol, lamp, bobsUser }) => {
      const ringing = called(bob)
      const call = carol.invite(bobsUser)
      const incoming = await ringing
      await incoming.ring()
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('ringing')
      if (how === 'cancelled') await call.hangUp()
      else await incoming.reject(486)
      await town.clock.sleep(1_500)
      expect(shownAfter(lamp.notifications)).toBe('dark')
    }),
  )

  it('begin with the calls that are on, without what it takes to take them over, and end when asked', () =>
    inTown(async ({ town, bob, carol, lamp, bobsUser }) => {
      bob.onCall = (call) => void call.answer()
      const call = carol.invite(bobsUser)
      await call.answered
      await town.clock.sleep(1_500)
      await lamp.refresh()
      await town.clock.sleep(100)
      expect(told(lamp).at(-1)).toBe('2 full recipient confirmed')
      expect(lamp.notifications.at(-1)?.body).not.toContain(call.id)
      const own = bob.watches('dialog', bobsUser)
      await own.subscribe()
      await town.clock.sleep(100)
      expect(parseDialogInfo(own.notifications.at(-1)?.body ?? '')?.dialogs[0]?.callId).toBe(call.id)
      await lamp.unsubscribe()
      await town.clock.sleep(100)
      expect(lamp.state).toBe('terminated')
      const before = lamp.notifications.length
      await call.hangUp()
      await town.clock.sleep(1_500)
      expect(lamp.notifications.length).toBe(before)
    }))

  it('hide who withholds the number, and name who does not', () =>
    inTown(async ({ town, bob, carol, lamp, bobsUser }) => {
      bob.onCall = (call) => void call.answer()
      const number = town.provider.accounts[2]!.numbers[0]!
      for (const headers of [{}, { Privacy: 'id' }]) {
        const call = carol.invite(bobsUser, { headers })
        await call.answered
        await town.clock.sleep(1_500)
        const [dialog] = parseDialogInfo(lamp.notifications.at(-1)?.body ?? '')?.dialogs ?? []
        const hidden = { uri: 'sip:anonymous@anonymous.invalid', display: 'Anonymous' }
        const shown = { uri: `sip:${number}@proxy.ringproof.test`, display: undefined }
        expect(dialog?.remote.identities).toEqual(['Privacy' in headers ? hidden : shown])
        await call.hangUp()
        await town.clock.sleep(1_500)
      }
    }))
})
