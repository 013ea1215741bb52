import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { called, Town } from './town.js'

interface Outcome {
  readonly namedInSecond: boolean
  /** The first call is on, and heard, after the second was answered; and on after the second was hung up. */
  readonly isOn: boolean
  readonly isHeard: boolean
  readonly outlives: boolean
}

/** Alice is in a call with Bob, Carol calls Bob, he answers, she hangs up. */
async function twoCalls(fault: FaultName | undefined): Promise<Outcome> {
  const town = new Town()
  let outcome: Outcome | undefined
  await town.run(async () => {
    await town.open({ faults: fault === undefined ? [] : [fault] })
    const [alice, bob, carol] = [await town.phone(1), await town.phone(2), await town.phone(3)]
    await bob.register()
    const number = town.provider.accounts[1]!.numbers[0]!
    const ringing = called(bob)
    const first = alice.invite(number)
    await (await ringing).answer()
    await first.answered
    const waiting = called(bob)
    const second = carol.invite(number)
    const inc = await waiting
    await inc.answer()
    await second.answered
    await town.clock.sleep(500)
    const isOn = first.state === 'established'
    const isHeard = await first.media!.hears(1002, 3_000, { since: town.clock.now() + 1_000 })
    await second.hangUp()
    await town.clock.sleep(500)
    outcome = {
      namedInSecond: inc.invite.from.uri.includes(town.provider.accounts[2]!.user),
      isOn,
      isHeard,
      outlives: first.state === 'established',
    }
  })
  return outcome!
}

const RIGHT: Outcome = { namedInSecond: true, isOn: true, isHeard: true, outlives: true }

describe('two calls of a device', () => {
  it.each([
    [undefined, {}],
    ['second-call-ends-first', { isOn: false, isHeard: false, outlives: false }],
    ['calls-of-a-device-end-together', { outlives: false }],
    ['second-call-takes-relay', { isHeard: false }],
    ['second-caller-not-named', { namedInSecond: false }],
  ] as const)('with %s', async (fault, seen) => {
    expect(await twoCalls(fault)).toEqual({ ...RIGHT, ...seen })
  })
})
