import { onlyWhereRelayed, precondition, promised, RelayCoverage, scenario, SessionDescription } from 'ringproof'

/** So many in any case, and so many at most until every published relay was met. */
const CALLS = 5
const MOST_CALLS = 25

export default scenario({
  id: 'media/relay-addresses',
  title: 'Audio goes to and comes from published relay addresses and ports only',
  area: 'media',
  purposes: ['FW-RTP'],
  provider: ['EP-4', 'EP-5', 'BH-13'],
  rules: {
    announced: promised('BH-13', 'session descriptions name only published relays', {
      gravity: 'outage',
      cause: 'relay-unpublished',
    }),
    used: promised('BH-13', 'every packet of audio comes from a published relay', {
      gravity: 'outage',
      cause: 'relay-unpublished',
    }),
  },
  devices: { alice: {}, bob: {} },
  needs: ['published'],
  reliesOn: 'audio',
  step: 'talk',
  families: ['ipv4', 'ipv6'],
  seconds: 30,
  fitForLoad: true,
  harm: 'Customers whose firewall follows the published list hear nothing in calls over an unpublished relay.',
  advice:
    'Publish the address and port that is named here, or take the relay out of service. rtpengine: compare interface, port-min and port-max with the published list; Asterisk: rtpstart and rtpend in rtp.conf.',
  async run({ alice, bob, target, variant, expect, waits, within }) {
    await alice.registers()
    await bob.registers()
    const announced: { address: string; port: number }[] = []
    const coverage = new RelayCoverage(target, variant.family)
    for (let calls = 0; calls < CALLS || (coverage.missing.length > 0 && calls < MOST_CALLS); calls++) {
      const call = await alice.calls(bob)
      if (calls === 0) onlyWhereRelayed(call)
      const { caller, callee } = call
      await waits(300)
      for (const sdp of [caller.remoteSdp, callee.remoteSdp]) {
        const media = sdp === undefined ? undefined : SessionDescription.parse(sdp).media[0]
        const address = media?.connection?.address
        if (!media || !address) continue
        coverage.meets({ address, port: media.port })
        announced.push({ address, port: media.port })
      }
      await within(caller.hangUp(), 4_000)
    }
    precondition(announced.length > 0, 'no session description names an address', 'no-audio')
    const outside = (place: { address: string; port: number }) =>
      target.published.relayOf(place.address, place.port) === undefined
    const where = (places: { address: string; port: number }[]) => [
      ...new Set(places.filter(outside).map(({ address, port }) => `${address} port ${port}`)),
    ]
    expect('announced', where(announced)).toBeEmpty()
    const sources = [...alice.packets, ...bob.packets].filter((packet) => packet.direction === 'in')
    precondition(
      sources.some(({ kind }) => kind === 'rtp'),
      'no audio came in any of the calls',
      'no-audio',
    )
    expect('used', where(sources.map((packet) => packet.remote))).toBeEmpty()
  },
})
