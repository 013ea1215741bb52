import { describe, expect, it } from 'vitest'
import type { IncomingCall, OutgoingCall } from '../../../src/agent/call.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { called, Town } from './town.js'

interface Ringing {
  readonly town: Town
  readonly out: OutgoingCall
  readonly inc: IncomingCall
}

/** A call that has not been answered. */
async function ringing(town: Town, fault: FaultName | undefined): Promise<Ringing> {
  await town.open({ faults: fault === undefined ? [] : [fault] })
  const [alice, bob] = [await town.phone(1), await town.phone(2)]
  await bob.register()
  const arriving = called(bob)
  const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
  return { town, out, inc: await arriving }
}

/** Status and whether it describes audio, of all that the caller got before the answer. */
const told = ({ town }: Ringing): string[] =>
  town.parcels.flatMap(({ to, message }) =>
    to.address === '192.0.2.1' && message?.kind === 'response' && message.status > 100 && message.status < 200
      ? [`${message.status}${message.body.length > 0 ? ' with a description' : ''}`]
      : [],
  )

const hearsNow = ({ town, out }: Ringing): Promise<boolean> =>
  out.media!.hears(1002, 3_000, { since: town.clock.now() + 1_000 })

async function progress(fault: FaultName | undefined, sdp: boolean): Promise<string[]> {
  const town = new Town()
  let seen: string[] = []
  await town.run(async () => {
    const call = await ringing(town, fault)
    await call.inc.progress183({ sdp })
    await town.clock.sleep(100)
    seen = told(call)
  })
  return seen
}

/** What the caller hears after a 183, after a 180, and after the answer. */
async function heard(fault: FaultName | undefined): Promise<boolean[]> {
  const town = new Town()
  const heardThen: boolean[] = []
  await town.run(async () => {
    const call = await ringing(town, fault)
    await call.inc.progress183({ sdp: true })
    heardThen.push(await hearsNow(call))
    await call.inc.ring()
    await town.clock.sleep(200)
    heardThen.push(await hearsNow(call))
    await call.inc.answer()
    heardThen.push(await hearsNow(call))
  })
  return heardThen
}

/** Two telephones of an account ring and one answers: whether the caller hears it once the other has been called off. */
async function winnerHeard(fault: FaultName | undefined): Promise<boolean> {
  const town = new Town()
  let isHeard = false
  await town.run(async () => {
    await town.open({ faults: fault === undefined ? [] : [fault], policy: { sharedCredentials: 'fork' } })
    const alice = await town.phone(1)
    const desk = await town.phone(2)
    const kitchen = await town.phone(2, { agent: { localPort: 5070, contactUser: 'kitchen' }, media: { patternId: 1 } })
    for (const phone of [desk, kitchen]) await phone.register()
    const [atDesk, atKitchen] = [called(desk), called(kitchen)]
    const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
    const inc = await atDesk
    await (await atKitchen).progress183({ sdp: true })
    await inc.answer()
    await town.clock.sleep(500)
    isHeard = await hearsNow({ town, out, inc })
  })
  return isHeard
}

describe('what a caller is told before the answer', () => {
  it.each([
    [undefined, true, ['183 with a description']],
    [undefined, false, ['183']],
    ['progress-becomes-ringing', true, ['180']],
    ['progress-loses-description', true, ['183']],
    ['progress-described-in-vain', false, ['183 with a description']],
    ['provisionals-dropped', true, []],
  ] as const)('with %s, where the callee describes its audio: %s', async (fault, sdp, seen) => {
    expect(await progress(fault, sdp)).toEqual(seen)
  })
})

describe('what a caller hears after a 183, a 180 and the answer', () => {
  it.each([
    [undefined, [true, true, true]],
    ['early-media-not-led', [false, false, true]],
    ['ringing-ends-early-media', [true, false, true]],
  ] as const)('with %s', async (fault, seen) => {
    expect(await heard(fault)).toEqual(seen)
  })
})

describe('a call to two telephones', () => {
  it.each([
    [undefined, true],
    ['branches-share-relay', false],
  ] as const)('with %s', async (fault, seen) => {
    expect(await winnerHeard(fault)).toBe(seen)
  })
})
