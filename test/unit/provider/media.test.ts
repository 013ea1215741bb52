import { describe, expect, it } from 'vitest'
import { NatNetwork } from '../../../src/nat/nat-network.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { MediaSession } from '../../../src/media/media-session.js'
import { called, Town } from './town.js'

const ECHO = '00038799999'

/** Alice calls Bob; both hear each other. */
async function talking(town: Town, faults: FaultName[] = []) {
  await town.open({ faults })
  const [alice, bob] = [await town.phone(1), await town.phone(2)]
  await bob.register()
  const ringing = called(bob)
  const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
  const inc = await ringing
  await inc.answer()
  await out.answered
  await inc.acknowledged
  await town.clock.sleep(2000)
  return { alice, bob, out, inc }
}

const packet = (sequenceNumber: number) =>
  serializeRtp({
    payloadType: 8,
    sequenceNumber,
    timestamp: 160 * sequenceNumber,
    ssrc: 1,
    marker: false,
    payload: Buffer.alloc(160),
  })

describe('relays', () => {
  for (const [fault, follows] of [
    [undefined, false],
    ['relay-follows-hijacker', true],
  ] as const) {
    it(`${follows ? 'with the defect follow' : 'follow no'} hijacker and no stranger`, async () => {
      const town = new Town()
      await town.run(async () => {
        const { out, inc } = await talking(town, fault === undefined ? [] : [fault])
        expect(out.media?.report().heard[0]?.patternId).toBe(1002)
        const stranger = await town.network.bindUdp({ address: '198.51.100.66', port: 7000 })
        let stolen = 0
        stranger.onMessage = () => stolen++
        const relay = out.media!.remote!
        for (let n = 0; n < 50; n++) {
          stranger.send(packet(n), relay)
          await town.clock.sleep(20)
        }
        expect(stolen > 0).toBe(follows)
        expect(inc.media!.report().received.sources).toHaveLength(1)
        await out.hangUp()
        await inc.ended
      })
    })
  }

  it('refuse a change that leaves out a stream of the call (RFC 3264 §8)', async () => {
    const town = new Town()
    await town.run(async () => {
      const { out, inc } = await talking(town)
      const one = out.localSdp ?? ''
      const two = `${one}m=image 0 udptl t38\r\n`
      const statuses: (number | undefined)[] = []
      for (const sdp of [one, two, one, two]) statuses.push((await out.reinvite({ sdp })).status)
      statuses.push((await inc.reinvite({ sdp: inc.localSdp?.replace(/m=image.*\r\n/, '') ?? '' })).status)
      expect(statuses).toEqual([200, 200, 488, 200, 488])
      await out.hangUp()
    })
  })

  it('take turns, and say nothing after the BYE', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      const used = new Set<string>()
      for (let n = 0; n < 5; n++) {
        const call = alice.invite(ECHO)
        await call.answered
        used.add(call.media!.remote!.address)
        await town.clock.sleep(500)
        await call.hangUp()
        const ended = town.clock.now()
        await town.clock.sleep(1000)
        const late = town.parcels.filter(({ at, from }) => at > ended && from.address.startsWith('127.0.0.1'))
        expect(late).toEqual([])
      }
      expect(used.size).toBe(5)
    })
  })

  it('find a device behind a NAT, and bring it back its calls', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const home = new NatNetwork({
        inner: town.network,
        clock: town.clock,
        publicAddress: '203.0.113.50',
        insideAddress: '10.0.0.2',
        mappingTimeoutMs: 60_000,
        filtering: 'address-and-port-dependent',
      })
      const alice = await town.phone(1)
      const media = () =>
        MediaSession.open({
          clock: town.clock,
          network: home,
          random: town.random.fork('bob'),
          localAddress: '10.0.0.2',
          codecs: ['PCMA'],
          patternId: 1002,
        })
      const bob = await town.phone(2, { agent: { network: home, localAddress: '10.0.0.2', media } })
      expect((await bob.register()).seenAs?.address).toBe('203.0.113.50')
      const ringing = called(bob)
      const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
      const inc = await ringing
      await inc.answer()
      expect((await out.answered)?.status).toBe(200)
      expect((await inc.acknowledged)?.method).toBe('ACK')
      expect(await out.media!.hears(1002, 5000)).toBe(true)
      expect(await inc.media!.hears(1001, 5000)).toBe(true)
      expect((await out.hangUp())?.status).toBe(200)
      await inc.ended
    })
  })

  it('end SRTP at the echo service, with keys of its own; none on signalling that everybody reads', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1, { transport: 'tls' })
      const call = alice.invite(ECHO)
      expect((await call.answered)?.status).toBe(200)
      expect(await call.media!.hears(1001, 5000)).toBe(true)
      const keys = [call.localSdp, call.remoteSdp].map((sdp) => /inline:([^|\s]+)/.exec(sdp ?? '')?.[1])
      expect(keys[0]).toBeDefined()
      expect(keys[1]).toBeDefined()
      expect(keys[0]).not.toBe(keys[1])
      await call.hangUp()
      const bob = await town.phone(2, { media: { srtp: ['AES_CM_128_HMAC_SHA1_80'] } })
      expect((await bob.invite(ECHO).answered)?.status).toBe(488)
    })
  })

  it('report by RTCP what they really heard', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      // Every tenth packet of audio is lost on its way to the relay.
      let count = 0
      town.lose = ({ from, data }) => from.address === '192.0.2.1' && data.length === 172 && ++count % 10 === 0
      const call = alice.invite(ECHO)
      await call.answered
      await town.clock.sleep(30_000)
      const { rtcp, received } = call.media!.report()
      expect(rtcp.cname).toMatch(/@proxy\.ringproof\.test$/)
      expect(rtcp.remoteLost).toBeGreaterThan(100)
      expect(received.packets + received.lost).toBe(received.expected)
      await call.hangUp()
    })
  })
})
