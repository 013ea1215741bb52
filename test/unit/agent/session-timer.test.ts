import { describe, expect, it } from 'vitest'
import type { IncomingCall, OutgoingCall } from '../../../src/agent/call.js'
import type { SessionTimerWish } from '../../../src/agent/session-timer.js'
import { Line, SDP } from './line.js'

interface Pair {
  readonly line: Line
  readonly out: OutgoingCall
  readonly inc: IncomingCall
}

/** A call between two telephones, then so many seconds of it. */
async function during(
  o: {
    readonly alice?: SessionTimerWish
    readonly bob?: SessionTimerWish
    readonly lose?: (method: string) => boolean
  },
  seconds: number,
  look: (pair: Pair) => void | Promise<void>,
): Promise<Line> {
  const line = new Line()
  await line.run(async () => {
    const alice = await line.phone('alice', 1, 2, o.alice ? { sessionTimer: o.alice } : {})
    const bob = await line.phone('bob', 2, 1, o.bob ? { sessionTimer: o.bob } : {})
    const ringing = new Promise<IncomingCall>((resolve) => {
      bob.onCall = resolve
    })
    const out = alice.invite('sip:bob@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
    const inc = await ringing
    await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
    await inc.acknowledged
    const { lose } = o
    if (lose !== undefined) line.lose = ({ message }) => message.kind === 'request' && lose(message.method)
    await line.clock.sleep(seconds * 1000)
    await look({ line, out, inc })
  })
  return line
}

const expiresIn = (line: Line, method: string) =>
  line.requests(method).map(({ headers }) => headers.get('Session-Expires'))

describe('a session timer', () => {
  it('is refreshed by the caller by UPDATE, at half of each interval', async () => {
    const line = await during(
      { alice: { seconds: 90, refresher: 'uac' }, bob: { seconds: 1800 } },
      200,
      ({ out, inc }) => {
        expect([out.state, inc.state]).toEqual(['established', 'established'])
        expect([out.timer?.refresher, inc.timer?.refresher]).toEqual(['we', 'peer'])
        expect(out.timer?.refreshes.map(({ method, status }) => [method, status])).toEqual(
          Array.from({ length: 4 }, () => ['UPDATE', 200]),
        )
      },
    )
    expect(expiresIn(line, 'INVITE')).toEqual(['90;refresher=uac'])
    expect(expiresIn(line, 'UPDATE')).toEqual(Array.from({ length: 4 }, () => '90;refresher=uac'))
  })

  it('is refreshed by the callee by re-INVITE where that is wanted', async () => {
    const wish: SessionTimerWish = { seconds: 90, refresher: 'uas', method: 'INVITE' }
    const line = await during({ alice: wish, bob: wish }, 100, ({ out, inc }) => {
      expect([out.state, inc.state]).toEqual(['established', 'established'])
      expect(inc.timer?.refreshes.map(({ method, status }) => [method, status])).toEqual([
        ['INVITE', 200],
        ['INVITE', 200],
      ])
      expect(out.timer?.refreshes).toEqual([])
    })
    // RFC 4028 §7.4: who refreshes stays the same; seen from the callee's request it is the UAC.
    expect(expiresIn(line, 'INVITE').slice(1)).toEqual(['90;refresher=uac', '90;refresher=uac'])
  })

  it('is asked for again with the interval that a 422 tells', async () => {
    const line = await during(
      { alice: { seconds: 90, refresher: 'uac' }, bob: { seconds: 1800, least: 150 } },
      1,
      ({ out, inc }) => {
        expect([out.timer?.intervalS, inc.timer?.intervalS]).toEqual([150, 150])
      },
    )
    expect(line.requests('INVITE').map(({ headers }) => headers.get('Min-SE'))).toEqual([undefined, '150'])
    expect(expiresIn(line, 'INVITE')).toEqual(['90;refresher=uac', '150;refresher=uac'])
  })

  it('that nobody refreshes ends the call somewhat before its end', async () => {
    await during(
      { alice: { seconds: 90, refresher: 'uac' }, bob: { seconds: 90 }, lose: (method) => method === 'UPDATE' },
      62,
      async ({ inc }) => {
        expect(inc.timer?.expired).toBe(true)
        expect(await inc.ended).toMatchObject({ by: 'local', cause: 'bye' })
      },
    )
  })

  it('is none where the called device does not know it', async () => {
    await during({ alice: { seconds: 90, refresher: 'uac' } }, 200, ({ out, inc }) => {
      expect([out.state, inc.state]).toEqual(['established', 'established'])
      expect([out.timer?.intervalS, inc.timer]).toEqual([undefined, undefined])
    })
  })

  it('is none where the caller does not ask for it', async () => {
    await during({ bob: { seconds: 90 } }, 100, ({ inc }) => {
      expect([inc.state, inc.timer?.intervalS]).toEqual(['established', undefined])
    })
  })
})
