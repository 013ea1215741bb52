/** Calls to one account that do not arrive: told of the account, not of the transport that it was tried on. */
import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../src/provider/embedded-provider.js'
import { survey } from '../../src/survey/survey.js'
import { allOf } from '../../src/survey/survey-needs.js'
import type { Parcel } from '../../src/transport/memory-network.js'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import { memoryOf } from './memory-of.js'

async function surveyOf(faults: readonly FaultName[], wire?: (parcel: Parcel) => boolean) {
  const { stages, document } = await virtualStages({ seed: 1, faults })
  return stages.on('survey', (world) => {
    if (wire) memoryOf(world.network).filter = wire
    // Enough for a call over each transport and family.
    return survey({ world, startMs: 0, needs: allOf(document) })
  })
}

/** Loses every INVITE, as callees get them, of the first calls over UDP and IPv4. */
function losesCalls(count: number): (parcel: Parcel) => boolean {
  const lost = new Set<string>()
  return ({ data, to }) => {
    const text = data.toString('latin1')
    // Callees get what the provider's Via stands on.
    const isToCallee = text.startsWith('INVITE sip:') && (text.match(/^Via:/gm)?.length ?? 0) > 1
    if (!isToCallee || to.address.includes(':')) return true
    const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? ''
    if (lost.size < count) lost.add(callId)
    return !lost.has(callId)
  }
}

const told = ({ result }: Awaited<ReturnType<typeof surveyOf>>) =>
  result.vitalSigns
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ id, verdict, account, reasonCode }) => [id, verdict, account ?? null, reasonCode])

describe('a call that does not arrive', () => {
  it('is about the account that is called, where calls to others arrive, and no scenario uses that one', async () => {
    const found = await surveyOf(['one-account-uncalled'])
    expect(told(found)).toEqual([['survey/account', 'fail', '00038710002', 'rule-broken']])
    const calls = found.result.vitalSigns.filter(({ id, verdict }) => id === 'survey/call' && verdict === 'pass')
    expect(calls).toHaveLength(6)
    expect(found.accounts).not.toContain('00038710002')
    expect(found.accounts?.length).toBeGreaterThan(5)
    const [sign] = found.result.vitalSigns.filter(({ verdict }) => verdict === 'fail')
    expect(sign?.reason).toBe(
      'Account 00038710002 cannot be called: a call to it is rejected with 480 Temporarily Unavailable, and the callee is not rung; tried from two other accounts',
    )
    expect(sign?.checks).toMatchObject([{ cause: 'account-not-called', gravity: 'outage', verdict: 'fail' }])
  })

  it('once, and arrives the next times, is left open', async () => {
    const found = await surveyOf([], losesCalls(1))
    expect(told(found)).toEqual([['survey/call', 'inconclusive', null, 'unsteady']])
    expect(found.accounts).toHaveLength((await surveyOf([])).accounts?.length ?? 0)
  })

  it('at two pairs of accounts is about the transport', async () => {
    const found = await surveyOf([], losesCalls(Number.POSITIVE_INFINITY))
    expect(told(found)).toEqual([['survey/call', 'fail', null, 'rule-broken']])
  })
})
