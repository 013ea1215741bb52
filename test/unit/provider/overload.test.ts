import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { Town } from './town.js'

/** Accounts of the provider of these tests: one of them may begin two calls a second. */
const ACCOUNTS = 16

/** Bob refuses calls with a status; Alice, of two calls a second, calls him three times, hangs up a call that is on, and calls again later. */
async function paced(fault?: FaultName) {
  const town = new Town()
  const heard = { statuses: [] as unknown[], wait: '', others: 0, bye: 0, registered: 0, again: 0 }
  await town.run(async () => {
    await town.open({ accounts: ACCOUNTS, faults: fault === undefined ? [] : [fault] })
    const nth = town.provider.accounts.findIndex(({ callsPerSecond }) => callsPerSecond === 2) + 1
    const [alice, bob, carol, dave] = [
      await town.phone(nth),
      await town.phone(1),
      await town.phone(2),
      await town.phone(3),
    ]
    for (const phone of [alice, bob, carol, dave]) await phone.register()
    const number = (account: number) => town.provider.accounts[account - 1]!.numbers[0]!
    bob.onCall = (call) => void call.reject(486)
    carol.onCall = (call) => void call.answer()
    const on = alice.invite(number(2))
    await on.answered
    await town.clock.sleep(1_500)
    const calls = [1, 2, 3].map(() => alice.invite(number(1)))
    const finals = await Promise.all(
      calls.slice(0, 3).map((call) => Promise.race([call.answered, town.clock.sleep(400)])),
    )
    heard.statuses = finals.map((final) => final?.status)
    heard.wait = finals.map((final) => final?.headers.get('Retry-After') ?? '').join('')
    heard.others = (await dave.invite(number(1)).answered)?.status ?? 0
    const bye = await on.hangUp()
    heard.bye = bye?.status ?? 0
    heard.registered = (await alice.register()).status
    for (const call of calls) if (call.state !== 'ended') await call.cancel()
    await town.clock.sleep(2_000)
    heard.again = (await alice.invite(number(1)).answered)?.status ?? 0
  })
  return heard
}

const right = { statuses: [486, 486, 503] as unknown[], wait: '2', others: 486, bye: 200, registered: 200, again: 486 }

describe('an account that may begin two calls a second', () => {
  it('is refused the third with 503 and Retry-After, and nobody else notices', async () => {
    expect(await paced()).toEqual(right)
  })

  it.each<[FaultName, Partial<typeof right>]>([
    ['overload-harms-others', { others: 503 }],
    ['overload-without-retry-after', { wait: '' }],
    ['overload-for-an-hour', { wait: '3600' }],
    ['overload-as-404', { statuses: [486, 486, 404], wait: '' }],
    ['overload-unanswered', { statuses: [486, 486, undefined], wait: '' }],
    ['overload-refuses-hang-up', { bye: 503 }],
    ['overload-refuses-registration', { registered: 503 }],
    ['overload-locks-account', { again: 503 }],
    ['call-rate-not-kept', { statuses: [486, 486, 486], wait: '' }],
  ])('%s', async (fault, wrong) => {
    expect(await paced(fault)).toEqual({ ...right, ...wrong })
  })
})

/** Bob answers 503; then Alice calls him again, and Carol, who is at the same address. */
async function afterOverload(fault?: FaultName) {
  const town = new Town()
  let heard: (number | undefined)[] = []
  await town.run(async () => {
    await town.open({ accounts: ACCOUNTS, faults: fault === undefined ? [] : [fault] })
    const [alice, bob, carol] = [
      await town.phone(1),
      await town.phone(2),
      await town.phone(3, { agent: { localAddress: '192.0.2.2', localPort: 5064 } }),
    ]
    for (const phone of [alice, bob, carol]) await phone.register()
    const calls = async (account: number) =>
      (await alice.invite(town.provider.accounts[account - 1]!.numbers[0]!).answered)?.status
    bob.onCall = (call) => void call.reject(503, undefined, { headers: { 'Retry-After': '3' } })
    carol.onCall = (call) => void call.reject(486)
    const first = await calls(2)
    bob.onCall = (call) => void call.reject(486)
    await town.clock.sleep(4_000)
    heard = [first, await calls(2), await calls(3)]
  })
  return heard
}

describe('a telephone that answers 503', () => {
  it('is called again, and so are others', async () => {
    expect(await afterOverload()).toEqual([500, 486, 486])
  })
  it.each<[FaultName, number[]]>([
    ['phone-503-blocks-account', [500, 480, 486]],
    ['phone-503-blocks-address', [500, 480, 480]],
  ])('%s', async (fault, statuses) => {
    expect(await afterOverload(fault)).toEqual(statuses)
  })
})
