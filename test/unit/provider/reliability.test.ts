import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { called, Town } from './town.js'

interface Outcome {
  /** Whether the called device was told that 100rel is supported, required. */
  readonly told: readonly [supported: boolean, required: boolean]
  /** PRACK requests at the called device. */
  readonly pracks: number
  readonly final: number | undefined
  readonly unsupported: string | undefined
}

/** A call; the callee rings reliably where it is told that it may, and answers. */
async function reliableCall(
  fault: FaultName | undefined,
  o: { wish?: 'supported' | 'required' | 'no'; calleeKnows?: boolean } = {},
): Promise<Outcome> {
  const town = new Town()
  let outcome: Outcome | undefined
  await town.run(async () => {
    await town.open({ faults: fault === undefined ? [] : [fault] })
    const alice = await town.phone(1)
    const bob = await town.phone(2, { agent: { knowsPrack: o.calleeKnows ?? true } })
    await bob.register()
    void called(bob).then(async (inc) => {
      const tags = [...inc.invite.headers.values('Supported'), ...inc.invite.headers.values('Require')]
      await inc.ring({ reliable: tags.includes('100rel') && o.calleeKnows !== false })
      await inc.answer()
    })
    const out = alice.invite(town.provider.accounts[1]!.numbers[0]!, { reliableProvisionals: o.wish ?? 'supported' })
    await out.answered
    await town.clock.sleep(200)
    const atBob = town.parcels.flatMap(({ to, message }) =>
      to.address === '192.0.2.2' && message?.kind === 'request' ? [message] : [],
    )
    const invite = atBob.find(({ method }) => method === 'INVITE')
    outcome = {
      told: [
        invite?.headers.values('Supported').includes('100rel') === true,
        invite?.headers.values('Require').includes('100rel') === true,
      ],
      pracks: atBob.filter(({ method }) => method === 'PRACK').length,
      final: out.final?.status,
      unsupported: out.final?.headers.get('Unsupported'),
    }
    await out.hangUp()
  })
  return outcome!
}

describe('reliable provisional responses between devices', () => {
  it('are confirmed by the caller', async () => {
    expect(await reliableCall(undefined)).toMatchObject({ told: [true, false], pracks: 1, final: 200 })
  })

  it('are not asked of a caller that does not know them', async () => {
    expect(await reliableCall(undefined, { wish: 'no' })).toMatchObject({ told: [false, false], pracks: 0, final: 200 })
  })

  it('are refused by a callee that does not know them', async () => {
    const o = { wish: 'required', calleeKnows: false } as const
    expect(await reliableCall(undefined, o)).toMatchObject({ told: [false, true], final: 420, unsupported: '100rel' })
    expect(await reliableCall('unsupported-removed', o)).toMatchObject({ final: 420, unsupported: undefined })
    expect(await reliableCall('100rel-never-required', o)).toMatchObject({ told: [false, false], final: 200 })
  })

  it('are lost with a PRACK that goes astray', async () => {
    expect(await reliableCall('prack-swallowed')).toMatchObject({ pracks: 0 })
    expect(await reliableCall('prack-refused')).toMatchObject({ pracks: 0 })
    expect(await reliableCall('rseq-removed')).toMatchObject({ pracks: 0 })
  })

  it('are required or claimed by a proxy that meddles', async () => {
    const o = { calleeKnows: false }
    expect(await reliableCall('100rel-made-required', o)).toMatchObject({ told: [true, true], final: 420 })
    expect(await reliableCall('100rel-claimed-for-callers', { ...o, wish: 'no' })).toMatchObject({
      told: [true, false],
    })
  })
})
