import { describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../../src/agent/call.js'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import { MediaSession } from '../../../src/media/media-session.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'
import { Line, SDP } from './line.js'

const called = (agent: UserAgent) =>
  new Promise<IncomingCall>((resolve) => {
    agent.onCall = resolve
  })

/** Alice plays pattern 11, Bob 22. */
async function talking(line: Line) {
  const media = (localAddress: string, patternId: number) => () =>
    MediaSession.open({
      clock: line.clock,
      network: line.network,
      random: line.random.fork(localAddress),
      localAddress,
      codecs: ['PCMA', 'PCMU'],
      patternId,
    })
  const { alice, bob } = await line.pair({
    alice: { media: media('10.0.0.1', 11) },
    bob: { media: media('10.0.0.2', 22) },
  })
  const ringing = called(bob)
  const out = alice.invite('sip:bob@10.0.0.2')
  const inc = await ringing
  await inc.answer()
  await inc.acknowledged
  return { out, inc }
}

const directionOf = (sdp: string | undefined) => SessionDescription.parse(sdp ?? '').media[0]?.direction
const hearsNow = (line: Line, call: { media: MediaSession | undefined }, pattern: number, ms: number) =>
  call.media?.hears(pattern, ms, { since: line.clock.now() + 1_000 })

describe('hold', () => {
  it.each(['INVITE', 'UPDATE'] as const)(
    'silences both sides by %s, and the call is as before after it',
    async (by) => {
      const line = new Line()
      await line.run(async () => {
        const { out, inc } = await talking(line)
        expect((await out.hold({ by })).status).toBe(200)
        expect([directionOf(inc.remoteSdp), directionOf(inc.localSdp)]).toEqual(['sendonly', 'recvonly'])
        await line.clock.sleep(1_000)
        expect([await hearsNow(line, out, 22, 2_000), await hearsNow(line, inc, 11, 2_000)]).toEqual([false, false])
        expect((await out.resume({ by })).status).toBe(200)
        expect([await hearsNow(line, out, 22, 4_000), await hearsNow(line, inc, 11, 4_000)]).toEqual([true, true])
        expect([directionOf(inc.remoteSdp), directionOf(inc.localSdp)]).toEqual(['sendrecv', 'sendrecv'])
        expect(line.of(by === 'UPDATE' ? 'INVITE' : 'UPDATE')).toHaveLength(by === 'UPDATE' ? 1 : 0)
      })
    },
  )

  it('by address says 0.0.0.0, which nothing is sent to', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await talking(line)
      expect((await out.hold({ how: 'by address' })).status).toBe(200)
      expect(inc.remoteSdp).toContain('c=IN IP4 0.0.0.0')
      expect(inc.media?.remote).toBeUndefined()
      await line.clock.sleep(1_000)
      expect(await hearsNow(line, out, 22, 2_000)).toBe(false)
      await out.resume()
      expect(inc.remoteSdp).toContain('c=IN IP4 10.0.0.1')
      expect(await hearsNow(line, out, 22, 4_000)).toBe(true)
    })
  })

  it('that is refused changes nothing', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await talking(line)
      inc.onOffer = () => ({ status: 488 })
      expect((await out.hold()).status).toBe(488)
      expect((await out.hold({ by: 'UPDATE' })).status).toBe(488)
      expect(out.media?.direction).toBe('sendrecv')
      expect([await hearsNow(line, out, 22, 4_000), await hearsNow(line, inc, 11, 4_000)]).toEqual([true, true])
    })
  })

  it('of both sides at once is asked for again by who was told 491, and still is a hold', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await talking(line)
      const statuses = await Promise.all([out.hold(), inc.hold()])
      expect(statuses.map(({ status }) => status)).toEqual([200, 200])
      expect(line.of(491).length).toBeGreaterThan(0)
      expect([out.media?.direction, inc.media?.direction]).toEqual(['sendonly', 'sendonly'])
      await out.resume()
      await inc.resume()
      expect([await hearsNow(line, out, 22, 4_000), await hearsNow(line, inc, 11, 4_000)]).toEqual([true, true])
    })
  })

  it('whose UPDATE is answered without a description is none', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await talking(line)
      inc.onRequest = (request) => (request.method === 'UPDATE' ? { status: 200 } : undefined)
      expect((await out.hold({ by: 'UPDATE' })).status).toBe(200)
      expect(out.media?.direction).toBe('sendrecv')
      expect(await hearsNow(line, inc, 11, 4_000)).toBe(true)
    })
  })

  it('takes a session with audio', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite('sip:bob@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
      await (await ringing).answer({ sdp: SDP('10.0.0.2', 5000) })
      await out.answered
      await expect(out.hold()).rejects.toThrow(/no media session/)
    })
  })
})

it('a codec is changed by a re-INVITE, and is the old one where that is refused', async () => {
  const line = new Line()
  await line.run(async () => {
    const { out, inc } = await talking(line)
    expect(out.media?.negotiated?.codec).toBe('PCMA')
    const { media } = out
    if (media) media.codecs = ['PCMU']
    expect((await out.reinvite()).status).toBe(200)
    expect([out.media?.negotiated?.codec, inc.media?.negotiated?.codec]).toEqual(['PCMU', 'PCMU'])
    inc.onOffer = () => ({ status: 488 })
    if (media) media.codecs = ['PCMA']
    expect((await out.reinvite()).status).toBe(488)
    expect(SessionDescription.parse(out.media?.offer().toString() ?? '').media[0]?.formats[0]).toBe('0')
    expect(await hearsNow(line, inc, 11, 4_000)).toBe(true)
  })
})
