import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { called, Town } from './town.js'

const FIRST = '127.0.0.71'
const SECOND = '127.0.0.72'

const by = (address: string) =>
  ({ agent: { outbound: { transport: 'udp', remote: { address, port: 5060 } } } }) as const

/** Alice is at the first host, Bob at the second: what comes of calls, and from where they come. */
async function ofTwoHosts(fault?: FaultName) {
  const town = new Town()
  const heard = { registered: 0, toBob: 0, toAlice: 0, bobCalledFrom: '' }
  await town.run(async () => {
    await town.open({ accounts: 3, faults: fault === undefined ? [] : [fault] })
    const [alice, bob] = [await town.phone(1), await town.phone(2, by(SECOND))]
    await alice.register()
    const asked = bob.register()
    const outcome = await Promise.race([asked, town.clock.sleep(2_000)])
    heard.registered = outcome?.status ?? 0
    for (const phone of [alice, bob]) phone.onCall = (call) => void call.reject(486)
    const calls = async (from: typeof alice, to: number) => {
      const call = from.invite(town.provider.accounts[to - 1]!.numbers[0]!)
      const final = await Promise.race([call.answered, town.clock.sleep(2_000)])
      if (call.state !== 'ended') await call.cancel()
      return final?.status ?? 0
    }
    heard.toBob = await calls(alice, 2)
    heard.toAlice = await calls(bob, 1)
    const toBob = town.parcels.findLast(
      ({ to, message }) => to.address === '192.0.2.2' && message?.kind === 'request' && message.method === 'INVITE',
    )
    heard.bobCalledFrom = toBob?.from.address ?? ''
    await asked
  })
  return heard
}

const right = { registered: 200, toBob: 486, toAlice: 486, bobCalledFrom: SECOND }

describe('two hosts', () => {
  it('know each other’s telephones, and call each from where it has registered', async () => {
    expect(await ofTwoHosts()).toEqual(right)
  })

  it.each<[FaultName, Partial<typeof right>]>([
    ['hosts-share-no-bindings', { toBob: 480, toAlice: 480, bobCalledFrom: '' }],
    ['second-host-refuses-registrations', { registered: 403, toBob: 480, bobCalledFrom: '' }],
    ['second-host-silent', { registered: 0, toBob: 480, toAlice: 0, bobCalledFrom: '' }],
    ['calls-from-other-host', { bobCalledFrom: FIRST }],
  ])('%s', async (fault, wrong) => {
    expect(await ofTwoHosts(fault)).toEqual({ ...right, ...wrong })
  })
})

/** A call that began at the second host, and is changed and ended by way of the first. */
async function goesOn(o: { readonly fault?: FaultName; readonly isLost?: boolean }) {
  const town = new Town()
  let heard: (number | undefined)[] = []
  await town.run(async () => {
    await town.open({ accounts: 3, faults: o.fault === undefined ? [] : [o.fault] })
    let address = SECOND
    const goes = { agent: { outbound: () => by(address).agent.outbound } }
    const [alice, bob] = [await town.phone(1, goes), await town.phone(2, goes)]
    for (const phone of [alice, bob]) await phone.register()
    const ringing = called(bob)
    const call = alice.invite(town.provider.accounts[1]!.numbers[0]!)
    const incoming = await ringing
    await incoming.answer()
    await call.answered
    await incoming.acknowledged
    if (o.isLost === true) await town.provider.loses(SECOND)
    address = FIRST
    const changed = await call.reinvite()
    const bye = await incoming.hangUp()
    heard = [changed.status, bye?.status]
    if (o.isLost !== true) return
    await town.provider.regains(SECOND)
    address = SECOND
    heard.push((await alice.register()).status)
  })
  return heard
}

describe('a call that began at the second host', () => {
  it('goes on and ends at the first', async () => {
    expect(await goesOn({})).toEqual([200, 200])
  })
  it('survives the loss of its host, which then answers again', async () => {
    expect(await goesOn({ isLost: true })).toEqual([200, 200, 200])
  })
  it.each<[FaultName, boolean, number[]]>([
    ['hosts-share-no-calls', false, [481, 481]],
    ['lost-host-takes-state', true, [481, 481, 200]],
    // The caller has been heard from by way of the first.
    ['lost-host-takes-calls', true, [500, 200, 200]],
  ])('%s', async (fault, isLost, statuses) => {
    expect(await goesOn({ fault, isLost })).toEqual(statuses)
  })
})

it('does not lose its last host, nor one that it does not have', async () => {
  const town = new Town()
  await town.run(async () => {
    await town.open({ accounts: 1, families: ['ipv4'] })
    await expect(town.provider.loses('127.0.0.99')).rejects.toThrow(RangeError)
    await town.provider.loses(SECOND)
    await expect(town.provider.loses(FIRST)).rejects.toThrow(RangeError)
  })
})
