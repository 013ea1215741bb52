import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/clock/random.js'
import { VirtualClock } from '../../../src/clock/virtual-clock.js'
import { makeIdentity } from '../../../src/media/dtls/certificate.js'
import type { DtlsMediaOptions } from '../../../src/media/dtls-keying.js'
import { isRejection, MediaSession } from '../../../src/media/media-session.js'
import { MemoryNetwork } from '../../../src/transport/memory-network.js'

const [IDENTITY, OTHER] = [makeIdentity({ unixMs: 1e12 }), makeIdentity({ unixMs: 1e12, kind: 'rsa' })]

interface Stage {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly a: MediaSession
  readonly b: MediaSession
}

function onStage(
  o: { readonly a?: Partial<DtlsMediaOptions>; readonly b?: Partial<DtlsMediaOptions> },
  play: (stage: Stage) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock()
  const random = new SeededRandom('dtls media')
  const network = new MemoryNetwork({ clock, random, link: { delayMs: 10 } })
  return clock.run(async () => {
    const open = (name: 'a' | 'b') =>
      MediaSession.open({
        clock,
        network,
        random: random.fork(name),
        localAddress: name === 'a' ? '192.0.2.1' : '192.0.2.2',
        codecs: ['PCMA'],
        rtcpMux: true,
        patternId: name === 'a' ? 1 : 2,
        dtls: { identity: name === 'a' ? IDENTITY : OTHER, ...o[name] },
        lingerMs: 5_000,
      })
    const [a, b] = [await open('a'), await open('b')]
    await play({ clock, network, a, b })
    await a.close()
    await b.close()
  })
}

/** Offer and answer, `lateMs` between. */
async function connect({ clock, a, b }: Stage, lateMs = 0): Promise<string> {
  const answer = b.answer(a.offer())
  if (isRejection(answer)) throw new Error(answer.rejected)
  await clock.sleep(lateMs)
  const refused = a.accept(answer)
  if (refused !== undefined) throw new Error(refused.rejected)
  return answer.toString()
}

describe('a media session with DTLS-SRTP', () => {
  it.each([
    [{ offers: 'actpass' }, {}, 'active'],
    [{ offers: 'actpass' }, { answers: 'passive' }, 'passive'],
    [{ offers: 'active', protocol: 'UDP/TLS/RTP/SAVPF' }, {}, 'passive'],
    [{ offers: 'passive', hash: 'sha-512' }, { answers: 'passive' }, 'active'],
    [{ hash: 'SHA-256' }, { hash: 'sha-1' }, 'active'],
  ] as const)('talks both ways: %o answered by %o', async (own, theirs, setup) => {
    await onStage({ a: own, b: theirs }, async (stage) => {
      const answer = await connect(stage)
      expect(answer).toContain(`a=setup:${setup}\r\n`)
      expect(answer).toMatch(/^a=tls-id:/m)
      expect(answer).toMatch(/^a=rtcp-mux/m)
      expect(await stage.a.hears(2, 3_000)).toBe(true)
      expect(await stage.b.hears(1, 3_000)).toBe(true)
      expect(stage.a.negotiated?.crypto?.send.suite).toBe('AES_CM_128_HMAC_SHA1_80')
      await stage.clock.sleep(6_000)
      expect(stage.a.report().rtcp.received).toBeGreaterThan(0)
    })
  })

  it('takes a handshake that comes before the answer, and gives keys after it', async () => {
    await onStage({}, async (stage) => {
      const { a, b } = stage
      await connect(stage, 500)
      expect(a.dtls?.state).toBe('connected')
      expect(a.dtls?.associations).toBe(1)
      expect(await a.hears(2, 3_000)).toBe(true)
      expect(await b.hears(1, 3_000)).toBe(true)
    })
  })

  it('keeps silent where the certificate is another one', async () => {
    await onStage({ b: { told: makeIdentity({ unixMs: 1e12 }) } }, async (stage) => {
      await connect(stage)
      expect(await stage.a.hears(2, 3_000)).toBe(false)
      expect(stage.a.dtls?.failure?.code).toBe('fingerprint')
      expect([stage.a.report().sent.packets, stage.b.report().sent.packets]).toEqual([0, 0])
    })
  })

  it('goes on with its association over hold and resume, and begins another where the place is another', async () => {
    await onStage({}, async (stage) => {
      const { a, b, clock } = stage
      await connect(stage)
      expect(await a.hears(2, 3_000)).toBe(true)
      for (const on of [true, false]) {
        a.hold(on)
        await connect(stage)
        await clock.sleep(500)
      }
      expect([a.dtls?.associations, b.dtls?.associations]).toEqual([1, 1])
      expect(await a.hears(2, 3_000, { since: clock.now() + 100 })).toBe(true)
    })
  })

  it('refuses answers that do not say who begins, or whose certificate it is', async () => {
    await onStage({}, ({ a, b }) => {
      const answer = b.answer(a.offer())
      if (isRejection(answer)) throw new Error(answer.rejected)
      const text = answer.toString()
      expect(a.accept(text.replace('a=setup:active', 'a=setup:actpass'))?.rejected).toContain('a=setup:actpass')
      expect(a.accept(text.replace(/a=setup:active\r\n/, ''))?.rejected).toContain('missing')
      expect(a.accept(text.replace(/a=fingerprint:.*\r\n/, ''))?.rejected).toContain('without a fingerprint')
      expect(a.accept(text.replace('UDP/TLS/RTP/SAVP', 'RTP/AVP'))?.rejected).toContain('RTP/AVP answers')
      expect(a.accept(text)).toBeUndefined()
      return Promise.resolve()
    })
  })

  it('refuses offers of holdconn, and such without a fingerprint; without setup the offerer begins', async () => {
    await onStage({}, ({ a, b }) => {
      const offer = a.offer().toString()
      const answerTo = (text: string) => {
        const answer = b.answer(text)
        return isRejection(answer) ? answer.rejected : answer.toString()
      }
      expect(answerTo(offer.replace('actpass', 'holdconn'))).toContain('a=setup:holdconn')
      expect(answerTo(offer.replace(/a=fingerprint:.*\r\n/, ''))).toContain('without a fingerprint')
      const answer = answerTo(offer.replace(/a=(?:setup|tls-id):.*\r\n/g, ''))
      expect(answer).toContain('a=setup:passive')
      // RFC 8842 §5.3: not where the offer has none.
      expect(answer).not.toContain('tls-id')
      return Promise.resolve()
    })
  })
})

describe('a side that waits for the handshake', () => {
  it('begins nothing once it is closed: a late ClientHello is passed over', async () => {
    await onStage({}, async ({ clock, network, a, b }) => {
      const answer = b.answer(a.offer())
      expect(isRejection(answer)).toBe(false)
      // The ClientHello is on its way, and the call is over before it comes.
      await a.close()
      let fromA = 0
      network.filter = ({ from }) => {
        if (from.address === '192.0.2.1') fromA++
        return true
      }
      await clock.sleep(2_000)
      expect([a.dtls?.associations, a.dtls?.state, fromA]).toEqual([0, 'new', 0])
    })
  })

  it('opens the path, until the other side has begun', async () => {
    await onStage({ b: { answers: 'active', begins: false } }, async (stage) => {
      const opened: number[] = []
      const began = stage.clock.now()
      stage.network.filter = ({ data, from }) => {
        if (from.address === '192.0.2.1' && data.length === 0) opened.push(stage.clock.now() - began)
        return true
      }
      await connect(stage)
      await stage.clock.sleep(10_000)
      expect(opened).toEqual([0, 900, 1_800, 2_700])
      expect(stage.a.dtls?.state).toBe('new')
    })
    await onStage({}, async (stage) => {
      let opened = 0
      stage.network.filter = ({ data }) => {
        if (data.length === 0) opened++
        return true
      }
      await connect(stage)
      await stage.clock.sleep(10_000)
      expect([opened, stage.a.dtls?.state]).toEqual([1, 'connected'])
    })
  })
})
