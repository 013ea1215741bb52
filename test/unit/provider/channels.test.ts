import { describe, expect, it } from 'vitest'
import { parseDialogInfo } from '../../../src/message/dialog-info.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { called, Town } from './town.js'

interface Outcome {
  /** Status of the call beyond the limit, and how many of the two before it are on after it. */
  readonly beyond: number | undefined
  readonly on: number
  /** Status of a call to the account that is full, and of one between others. */
  readonly inwards: number | undefined
  readonly others: number | undefined
  /** Status of one more call after one was hung up, given up, refused. */
  readonly afterBye: number | undefined
  readonly afterCancel: number | undefined
  readonly afterRefusal: number | undefined
}

/** The account of two calls calls Bob twice, and tries a third; then it has one call, and tries what frees a place. */
async function limited(fault: FaultName | undefined): Promise<Outcome> {
  const town = new Town()
  let outcome: Outcome | undefined
  await town.run(async () => {
    await town.open({ accounts: 13, faults: fault === undefined ? [] : [fault] })
    const nth = town.provider.accounts.findIndex(({ callsAtATime }) => callsAtATime === 2) + 1
    const [alice, bob, carol] = [await town.phone(nth), await town.phone(1), await town.phone(2)]
    for (const phone of [alice, bob]) await phone.register()
    const number = (account: number) => town.provider.accounts[account - 1]!.numbers[0]!
    alice.onCall = (call) => void call.answer()
    const answering = () => {
      bob.onCall = (call) => void call.answer()
    }
    answering()
    const tries = async (from = alice, to = 1) => {
      const call = from.invite(number(to))
      return { call, status: (await call.answered)?.status }
    }
    const oneMore = async () => {
      answering()
      const { call, status } = await tries()
      await call.hangUp()
      return status
    }
    const two = [await tries(), await tries()]
    const beyond = await tries()
    const on = two.filter(({ call }) => call.state === 'established').length
    const inwards = (await tries(carol, nth)).status
    const others = (await tries(carol)).status
    if (beyond.status === 200) await beyond.call.hangUp()
    await two[1]!.call.hangUp()
    const afterBye = await oneMore()
    const ringing = called(bob)
    const givenUp = alice.invite(number(1))
    const incoming = await Promise.race([ringing, givenUp.answered.then(() => undefined)])
    await incoming?.ring()
    await town.clock.sleep(100)
    await givenUp.cancel()
    await givenUp.ended
    const afterCancel = await oneMore()
    bob.onCall = (call) => void call.reject(486)
    await tries()
    outcome = {
      beyond: beyond.status,
      on,
      inwards,
      others,
      afterBye,
      afterCancel,
      afterRefusal: await oneMore(),
    }
  })
  return outcome!
}

it("a call that is refused beyond the limit is on nobody's lamp, and nothing of it stays", async () => {
  const town = new Town()
  await town.run(async () => {
    await town.open({ accounts: 13 })
    const nth = town.provider.accounts.findIndex(({ callsAtATime }) => callsAtATime === 2) + 1
    const [alice, bob] = [await town.phone(nth), await town.phone(1)]
    for (const phone of [alice, bob]) await phone.register()
    bob.onCall = (call) => void call.answer()
    const lamp = bob.watches('dialog', town.provider.accounts[nth - 1]!.user)
    await lamp.subscribe()
    const on = async () => {
      await lamp.refresh()
      await town.clock.sleep(1_500)
      return parseDialogInfo(lamp.notifications.at(-1)?.body ?? '')?.dialogs.map(({ state }) => state)
    }
    const calls = [1, 2, 3].map(() => alice.invite(town.provider.accounts[0]!.numbers[0]!))
    expect(await Promise.all(calls.map(async ({ answered }) => (await answered)?.status))).toEqual([200, 200, 486])
    expect(await on()).toEqual(['confirmed', 'confirmed'])
    for (const call of calls) await call.hangUp()
    expect(await on()).toEqual([])
  })
})

const RIGHT: Outcome = {
  beyond: 486,
  on: 2,
  inwards: 486,
  others: 200,
  afterBye: 200,
  afterCancel: 200,
  afterRefusal: 200,
}

describe('an account that may have two calls at a time', () => {
  it.each([
    [undefined, {}],
    ['channel-kept-after-bye', { afterBye: 486, afterCancel: 486, afterRefusal: 486 }],
    ['channel-kept-after-cancel', { afterCancel: 486, afterRefusal: 486 }],
    ['channel-kept-after-refusal', { afterRefusal: 486 }],
    ['full-account-stops-others', { others: 486 }],
    ['call-beyond-limit-ends-first', { on: 1, inwards: 200 }],
    ['call-limit-not-kept', { beyond: 200 }],
    ['call-limit-as-500', { beyond: 500 }],
  ] as const)('with %s', async (fault, seen) => {
    expect(await limited(fault)).toEqual({ ...RIGHT, ...seen })
  })
})
