import { describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../../src/agent/call.js'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import { MediaSession, type MediaSessionOptions } from '../../../src/media/media-session.js'
import { Line } from './line.js'

/** Telephones with audio: Alice plays pattern 11, Bob 22. */
async function talkers(
  line: Line,
  o: { alice?: Partial<MediaSessionOptions>; bob?: Partial<MediaSessionOptions> } = {},
) {
  const media =
    (localAddress: string, patternId: number, more: Partial<MediaSessionOptions> = {}) =>
    () =>
      MediaSession.open({
        clock: line.clock,
        network: line.network,
        random: line.random.fork(localAddress),
        localAddress,
        codecs: ['PCMA'],
        patternId,
        ...more,
      })
  const { alice, bob } = await line.pair({
    alice: { media: media('10.0.0.1', 11, o.alice) },
    bob: { media: media('10.0.0.2', 22, o.bob) },
  })
  return { alice, bob }
}

const called = (agent: UserAgent) =>
  new Promise<IncomingCall>((resolve) => {
    agent.onCall = resolve
  })

describe('a call with media', () => {
  for (const lateOffer of [false, true]) {
    it(`is heard both ways, digits pass, hold stops it (${lateOffer ? 'late' : 'early'} offer)`, async () => {
      const line = new Line()
      await line.run(async () => {
        const { alice, bob } = await talkers(line)
        const ringing = called(bob)
        const out = alice.invite('sip:bob@10.0.0.2', { lateOffer })
        const inc = await ringing
        await inc.answer()
        await inc.acknowledged
        expect(await out.media?.hears(22, 10_000)).toBe(true)
        expect(await inc.media?.hears(11, 10_000)).toBe(true)
        await out.sendDigits('17#')
        expect(await inc.media?.hearsDigits(3, 5000)).toBe('17#')
        out.media?.hold(true)
        expect((await out.reinvite()).status).toBe(200)
        expect(inc.localSdp).toContain('a=recvonly')
        const before = inc.media?.report().sent.packets
        await line.clock.sleep(1000)
        expect(inc.media?.report().sent.packets).toBe(before)
        out.media?.hold(false)
        expect((await inc.reinvite()).status).toBe(200)
        await out.hangUp()
        expect(out.media?.closed).toBe(true)
        await inc.ended
        expect(inc.media?.closed).toBe(true)
      })
    })
  }

  it('early media is heard before the answer, and the 2xx repeats its description', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await talkers(line)
      const ringing = called(bob)
      const out = alice.invite('sip:bob@10.0.0.2')
      const inc = await ringing
      await inc.progress183()
      expect(await out.media?.hears(22, 10_000)).toBe(true)
      expect(out.state).toBe('early')
      await inc.answer()
      expect((await out.answered)?.status).toBe(200)
      await out.hangUp()
    })
    expect(line.of(200, 'INVITE')[0]!.message.body.toString()).toBe(line.of(183)[0]!.message.body.toString())
  })

  it('488 with Warning where no codec is common (RFC 3261 §13.3.1.3)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await talkers(line, { bob: { codecs: ['PCMU'], dtmfPayloadType: false } })
      const ringing = called(bob)
      const out = alice.invite('sip:bob@10.0.0.2')
      await (await ringing).answer()
      expect(await out.ended).toMatchObject({ cause: 'rejected', status: 488 })
      expect(out.final?.headers.get('Warning')).toMatch(/^399 ringproof "/)
    })
  })

  it('an offer in the 2xx that cannot be taken: a valid answer in ACK, then BYE (RFC 3261 §13.2.2.4)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await talkers(line, { bob: { codecs: ['PCMU'], dtmfPayloadType: false } })
      const ringing = called(bob)
      const out = alice.invite('sip:bob@10.0.0.2', { lateOffer: true })
      const inc = await ringing
      await inc.answer()
      expect((await inc.acknowledged)?.body.toString()).toContain('m=audio 0 ')
      expect(await out.ended).toMatchObject({ by: 'local', cause: 'error' })
      expect(await inc.ended).toMatchObject({ by: 'remote', cause: 'bye' })
    })
  })
})

describe('keep-alive', () => {
  it('STUN over UDP and CRLF over TCP while registered; silence ends in a new registration', async () => {
    const line = new Line()
    const { Server } = await import('./line.js')
    const { createResponse } = await import('../../../src/message/build.js')
    const { encodeStun, parseStun } = await import('../../../src/nat/stun.js')
    await line.run(async () => {
      let answering = true
      const asked = { stun: 0, crlf: 0 }
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        const contact = tx.request.headers.get('Contact') ?? ''
        tx.respond(
          createResponse(tx.request, 200, undefined, { toTag: 'r', headers: [['Contact', `${contact};expires=3600`]] }),
        )
      }).start()
      server.transport.onStun = (bytes, flow) => {
        asked.stun += 1
        const request = parseStun(bytes)
        if (answering && request !== undefined) {
          const { transactionId } = request
          flow.sendRaw(encodeStun({ class: 'success', method: 1, transactionId, xorMappedAddress: flow.remote }))
        }
      }
      server.transport.onKeepAlive = () => {
        asked.crlf += 1
      }
      const remote = { address: '10.0.0.9', port: 5060 }
      const udp = await line.phone('udp', 1, 9, { keepAlive: { kind: 'stun', everyMs: 25_000 } })
      const tcp = await line.phone('tcp', 2, 9, {
        keepAlive: { kind: 'crlf', everyMs: 30_000 },
        outbound: { transport: 'tcp', remote },
      })
      await udp.register()
      await tcp.register()
      await line.clock.sleep(101_000)
      expect(asked).toEqual({ stun: 4, crlf: 3 })
      // Answered, or the flow would have been given up and another registration made.
      expect(server.requests).toHaveLength(2)
      answering = false
      await line.clock.sleep(80_000)
      expect(server.requests.length).toBeGreaterThan(2)
    })
  })
})
