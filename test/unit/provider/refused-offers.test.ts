import { describe, expect, it } from 'vitest'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import type { TransportName } from '../../../src/transport/flow.js'
import { called, Town } from './town.js'

/** A port of the telephone that nobody listens at: the one that is offered and refused. */
const OFFERED = 33_340

/** Alice and Bob talk; one offers another place and a codec that the other has not. What is sent there once that is refused. */
async function sentToRefused(
  by: 'caller' | 'callee',
  o: { readonly to?: TransportName; readonly faults?: FaultName[] } = {},
) {
  const town = new Town()
  const seen = { statuses: [] as (number | undefined)[], packets: 0, hear: [] as boolean[] }
  await town.run(async () => {
    await town.open({ faults: o.faults ?? [] })
    const [alice, bob] = [await town.phone(1), await town.phone(2, { transport: o.to ?? 'udp' })]
    for (const phone of [alice, bob]) await phone.register()
    const ringing = called(bob)
    const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
    const inc = await ringing
    await inc.answer()
    await out.answered
    await inc.acknowledged
    await town.clock.sleep(2_000)
    const [asker, other] = by === 'caller' ? [out, inc] : [inc, out]
    const sdp = (asker.localSdp ?? '')
      .replace(/^a=(rtpmap|fmtp):.*\r\n/gm, '')
      .replace(/^m=audio \d+ (\S+) .*\r\n/m, `m=audio ${OFFERED} $1 96\r\na=rtpmap:96 X-RINGPROOF/8000\r\n`)
    seen.statuses.push((await asker.reinvite({ sdp })).status)
    const refused = town.clock.now()
    seen.hear.push(await asker.media!.hears(other.media!.patternId, 1_000, { since: refused }))
    seen.hear.push(await other.media!.hears(asker.media!.patternId, 1_000, { since: refused }))
    seen.statuses.push((await asker.reinvite()).status)
    seen.packets = town.parcels.filter(({ at, to }) => at > refused && to.port === OFFERED).length
    await out.hangUp()
  })
  return seen
}

const asBefore = { statuses: [488, 200], packets: 0, hear: [true, true] }

describe('an offer that is refused changes nothing (RFC 3261 §14.1)', () => {
  it.each(['caller', 'callee'] as const)('of the %s: nothing is sent to the place that it named', async (by) => {
    expect(await sentToRefused(by)).toEqual(asBefore)
  })

  it('to a device whose keys end at the relay: it is asked once, and its refusal is passed on', async () => {
    expect(await sentToRefused('caller', { to: 'tls' })).toEqual(asBefore)
  })

  it('but does, with the defect', async () => {
    const { packets } = await sentToRefused('caller', { faults: ['relay-keeps-refused-offer'] })
    expect(packets).toBeGreaterThan(5)
  })
})
