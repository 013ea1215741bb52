import { describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../../src/agent/call.js'
import type { SipRequest } from '../../../src/message/message.js'
import { Line, SDP } from './line.js'

const BOB = 'sip:bob@10.0.0.2'

/** The first call that arrives. */
function called(agent: { onCall: ((call: IncomingCall) => void) | undefined }): Promise<IncomingCall> {
  return new Promise((resolve) => {
    agent.onCall = resolve
  })
}

async function established(line: Line, o: Parameters<Line['pair']>[0] = {}) {
  const { alice, bob } = await line.pair(o)
  const ringing = called(bob)
  const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
  const inc = await ringing
  await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
  await out.answered
  await inc.acknowledged
  return { alice, bob, out, inc }
}

describe('a call', () => {
  it('is set up, answered and hung up by the caller', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      expect(out.state).toBe('calling')
      const inc = await ringing
      expect(inc.peer).toBe('sip:alice@example.net')
      await inc.ring()
      expect((await out.ringing)?.status).toBe(180)
      expect(out.state).toBe('early')
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      expect((await out.answered)?.status).toBe(200)
      expect((await inc.acknowledged)?.method).toBe('ACK')
      expect([out.state, inc.state]).toEqual(['established', 'established'])
      expect(out.remoteSdp).toBe(SDP('10.0.0.2', 5000))
      expect(inc.remoteSdp).toBe(SDP('10.0.0.1', 4000))
      const bye = await out.hangUp()
      expect(bye?.status).toBe(200)
      expect(await out.ended).toMatchObject({ by: 'local', cause: 'bye' })
      expect(await inc.ended).toMatchObject({ by: 'remote', cause: 'bye' })
      expect(alice.calls.size + bob.calls.size).toBe(0)
    })
    expect(line.sent.map(({ text }) => text.split('\r\n')[0])).toEqual([
      'INVITE sip:bob@10.0.0.2 SIP/2.0',
      'SIP/2.0 180 Ringing',
      'SIP/2.0 200 OK',
      'ACK sip:bob@10.0.0.2:5060 SIP/2.0',
      'BYE sip:bob@10.0.0.2:5060 SIP/2.0',
      'SIP/2.0 200 OK',
    ])
    const [invite, ack, bye] = ['INVITE', 'ACK', 'BYE'].map((method) => line.requests(method)[0]!)
    expect(ack!.cseq).toEqual({ number: invite!.cseq.number, method: 'ACK' })
    expect(bye!.cseq.number).toBe(invite!.cseq.number + 1)
    expect(bye!.to.tag).toBe(ack!.to.tag)
    expect(new Set([invite, ack, bye].map((request) => request!.via.branch)).size).toBe(3)
    expect(invite!.maxForwards).toBe(70)
    expect(invite!.headers.get('Content-Type')).toBe('application/sdp')
  })

  it('is hung up by the callee, whose CSeq is its own', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await established(line)
      expect((await inc.hangUp())?.status).toBe(200)
      expect(await out.ended).toMatchObject({ by: 'remote', cause: 'bye' })
    })
    const [bye] = line.requests('BYE')
    const [invite] = line.requests('INVITE')
    expect(bye!.uri).toBe('sip:alice@10.0.0.1:5060')
    expect(bye!.from.tag).not.toBe(invite!.from.tag)
    expect(bye!.to.tag).toBe(invite!.from.tag)
  })

  it('survives a third of all datagrams lost, reordered and doubled, both ways', async () => {
    for (const seed of ['a', 'b', 'c', 'd', 'e', 'f']) {
      const line = new Line({ link: { loss: 0.33, jitterMs: 30, duplicate: 0.1 }, seed })
      await line.run(async () => {
        const { alice, bob } = await line.pair()
        const ringing = called(bob)
        const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
        const inc = await ringing
        await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
        expect((await out.answered)?.status).toBe(200)
        expect(await inc.acknowledged).toBeDefined()
        await out.hangUp()
        expect((await inc.ended).cause).toBe('bye')
      })
      expect(bobsDialogs(line)).toBe(1)
    }
  })

  it('is refused with what the callee says', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      bob.onCall = (call) => void call.reject(486)
      const out = alice.invite(BOB)
      expect((await out.answered)?.status).toBe(486)
      expect(await out.ended).toMatchObject({ by: 'remote', cause: 'rejected', status: 486 })
      // Timer H would repeat the 486 if the ACK of the transaction were missing.
      await line.clock.sleep(5000)
    })
    expect(line.of(486)).toHaveLength(1)
    expect(line.requests('ACK')[0]!.via.branch).toBe(line.requests('INVITE')[0]!.via.branch)
  })

  it('gets 480 where nobody takes calls', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      expect((await alice.invite(BOB).answered)?.status).toBe(480)
      expect((await alice.request('OPTIONS', BOB)).status).toBe(480)
      bob.onCall = (call) => void call.ring()
      expect((await alice.request('OPTIONS', BOB)).status).toBe(200)
    })
  })

  it('times out after 64*T1 where nobody is there', async () => {
    const line = new Line()
    await line.run(async () => {
      const alice = await line.phone('alice', 1, 9)
      const begin = line.clock.now()
      const out = alice.invite('sip:nobody@10.0.0.9')
      expect(await out.answered).toBeUndefined()
      expect(await out.ended).toMatchObject({ cause: 'timeout', status: 408 })
      expect(line.clock.now() - begin).toBe(32_000)
      expect(out.exchange).toMatchObject({ error: 'timeout', status: 408 })
    })
  })
})

describe('CANCEL (RFC 3261 §9)', () => {
  it('waits for a provisional response', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB)
      const inc = await ringing
      const cancelled = out.cancel({ headers: { Reason: 'SIP ;cause=200 ;text="enough"' } })
      await line.clock.sleep(100)
      expect(line.of('CANCEL')).toHaveLength(0)
      await inc.ring()
      const exchange = await cancelled
      expect(exchange?.status).toBe(200)
      expect(await out.ended).toMatchObject({ by: 'local', cause: 'cancelled', status: 487 })
      expect(await inc.ended).toMatchObject({
        by: 'remote',
        cause: 'cancelled',
        reason: expect.stringContaining('enough'),
      })
      expect((await inc.cancelled)?.method).toBe('CANCEL')
    })
    const [cancel] = line.requests('CANCEL')
    const [invite] = line.requests('INVITE')
    expect(cancel!.via.branch).toBe(invite!.via.branch)
    expect(cancel!.cseq.number).toBe(invite!.cseq.number)
    expect(line.of(200, 'CANCEL')[0]!.message.to.tag).toBe(line.of(487)[0]!.message.to.tag)
    expect(line.of('ACK')).toHaveLength(1)
  })

  it('goes out at once after 180, and crosses a 2xx harmlessly', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.ring()
      await out.ringing
      const cancelled = out.hangUp()
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      expect((await cancelled)?.status).toBe(200)
      expect(await out.ended).toMatchObject({ by: 'local', cause: 'cancelled' })
      // RFC 3261 §15: ACK, then BYE.
      expect(await inc.ended).toMatchObject({ by: 'remote', cause: 'bye' })
    })
    expect(line.of('ACK')).toHaveLength(1)
    expect(line.of('BYE')).toHaveLength(1)
    expect(line.of(487)).toHaveLength(0)
  })

  it('is answered and not obeyed where the scenario wants it so', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      inc.automatic.obeyCancel = false
      await inc.ring()
      expect((await out.cancel())?.status).toBe(200)
      expect(await inc.cancelled).toBeDefined()
      expect(inc.state).toBe('early')
      await inc.reject(486)
      expect((await out.ended).status).toBe(486)
    })
  })
})

describe('ACK and 2xx (RFC 3261 §13.2.2.4, §13.3.1.4)', () => {
  it('a lost ACK: the 2xx is repeated, the same ACK sent again', async () => {
    const line = new Line()
    let acks = 0
    line.lose = ({ message }) => message.kind === 'request' && message.method === 'ACK' && ++acks <= 3
    await line.run(async () => {
      const { out } = await established(line)
      await line.clock.sleep(20_000)
      expect(out.successes).toHaveLength(4)
    })
    const at = line.of(200, 'INVITE').map((sent) => sent.at)
    expect(at.map((t) => t - at[0]!)).toEqual([0, 500, 1500, 3500])
    expect(new Set(line.of('ACK').map((sent) => sent.text)).size).toBe(1)
    expect(line.of('ACK')).toHaveLength(4)
  })

  it('a lost 2xx is repeated', async () => {
    const line = new Line()
    let lost = 0
    line.lose = ({ message }) => message.kind === 'response' && message.status === 200 && ++lost <= 2
    await line.run(async () => {
      const { inc } = await established(line)
      expect(inc.responses.map((response) => response.status)).toEqual([200, 200, 200])
    })
    expect(line.of('ACK')).toHaveLength(1)
  })

  it('no ACK at all: repeats at T1 doubling to T2, BYE after 64*T1', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair({ alice: { automatic: { acknowledge: false } } })
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      expect(await inc.ended).toMatchObject({ by: 'local', cause: 'no-ack' })
      expect(await inc.acknowledged).toBeUndefined()
      expect(await out.ended).toMatchObject({ by: 'remote', cause: 'bye' })
    })
    const at = line.of(200, 'INVITE').map((sent) => sent.at)
    expect(at.map((t) => t - at[0]!)).toEqual([0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500])
    expect(line.of('BYE')[0]!.at - at[0]!).toBe(32_000)
  })

  it('no repeats where the scenario wants none, and ACK by hand', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair({
        alice: { automatic: { acknowledge: false } },
        bob: { automatic: { repeatSuccess: false } },
      })
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      await line.clock.sleep(10_000)
      expect(line.of(200, 'INVITE')).toHaveLength(1)
      await out.acknowledge()
      expect(await inc.acknowledged).toBeDefined()
    })
    expect(line.of('ACK')).toHaveLength(1)
  })

  it('the callee hangs up only after the ACK (RFC 3261 §15)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      let acks = 0
      line.lose = ({ message }) => message.kind === 'request' && message.method === 'ACK' && ++acks <= 1
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      expect((await inc.hangUp())?.status).toBe(200)
      await out.ended
    })
    expect(line.of('BYE')[0]!.at).toBeGreaterThan(line.of('ACK')[1]!.at)
  })
})

describe('offer and answer', () => {
  it('late offer: the offer comes in the 2xx, the answer in the ACK', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB, { sdp: false, lateAnswer: () => SDP('10.0.0.1', 4000) })
      const inc = await ringing
      expect(inc.remoteSdp).toBeUndefined()
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      const ack = await inc.acknowledged
      expect(ack?.body.toString()).toBe(SDP('10.0.0.1', 4000))
      expect(inc.remoteSdp).toBe(SDP('10.0.0.1', 4000))
      expect(out.remoteSdp).toBe(SDP('10.0.0.2', 5000))
    })
    expect(line.requests('INVITE')[0]!.body).toHaveLength(0)
  })

  it('re-INVITE from both sides, and one that is refused changes nothing', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await established(line)
      inc.onOffer = () => SDP('10.0.0.2', 5002)
      expect((await out.reinvite({ sdp: SDP('10.0.0.1', 4002) })).status).toBe(200)
      expect(out.remoteSdp).toBe(SDP('10.0.0.2', 5002))
      expect((await inc.reinvite({ sdp: SDP('10.0.0.2', 5004) })).status).toBe(200)
      expect(out.remoteSdp).toBe(SDP('10.0.0.2', 5004))
      inc.onOffer = () => ({ status: 488 })
      expect((await out.reinvite({ sdp: SDP('10.0.0.1', 4006) })).status).toBe(488)
      expect(out.localSdp).toBe(SDP('10.0.0.1', 4002))
      expect(out.state).toBe('established')
    })
    expect(line.of('ACK')).toHaveLength(4)
  })

  it('glare: both get 491, back off within their ranges, both succeed (RFC 3261 §14.1)', async () => {
    for (const seed of ['1', '2', '3', '4']) {
      const line = new Line({ seed })
      await line.run(async () => {
        const { out, inc } = await established(line)
        const both = await Promise.all([
          out.reinvite({ sdp: SDP('10.0.0.1', 4002) }),
          inc.reinvite({ sdp: SDP('10.0.0.2', 5002) }),
        ])
        expect(both.map((exchange) => exchange.status)).toEqual([200, 200])
        expect(both.map((exchange) => exchange.challenges.map((response) => response.status))).toEqual([[491], [491]])
      })
      const [refusedAlice] = line.of(491).filter((sent) => sent.to === '10.0.0.1')
      const [refusedBob] = line.of(491).filter((sent) => sent.to === '10.0.0.2')
      const again = (from: string) =>
        line
          .of('INVITE')
          .filter((sent) => sent.from === from)
          .at(-1)!.at
      const owner = again('10.0.0.1') - refusedAlice!.at - 10
      const other = again('10.0.0.2') - refusedBob!.at - 10
      expect(owner).toBeGreaterThanOrEqual(2100)
      expect(owner).toBeLessThanOrEqual(4000)
      expect(other).toBeGreaterThanOrEqual(0)
      expect(other).toBeLessThanOrEqual(2000)
      expect(Math.round(owner) % 10).toBe(0)
    }
  })

  it('a second INVITE before the first is answered gets 500 with Retry-After (RFC 3261 §14.2)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await established(line)
      inc.automatic.answerReinvite = false
      const first = out.request('INVITE', { body: SDP('10.0.0.1', 4002) })
      await line.clock.sleep(50)
      const second = await out.request('INVITE', { body: SDP('10.0.0.1', 4004) })
      expect(second.status).toBe(500)
      expect(Number(second.final?.headers.get('Retry-After'))).toBeLessThanOrEqual(10)
      // RFC 3261 §15.1.2: the first one still gets its answer.
      await out.hangUp()
      expect((await first).status).toBe(487)
    })
  })

  it('requests of one side wait for the INVITE transaction before', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out } = await established(line)
      const both = await Promise.all([
        out.reinvite({ sdp: SDP('10.0.0.1', 4002) }),
        out.reinvite({ sdp: SDP('10.0.0.1', 4004) }),
      ])
      expect(both.map((exchange) => exchange.status)).toEqual([200, 200])
    })
    expect(line.of(500)).toHaveLength(0)
    expect(line.of(491)).toHaveLength(0)
  })
})

describe('in the dialog', () => {
  it('INFO and OPTIONS are answered, lower CSeq gets 500, unknown methods 501 and 405', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await established(line)
      expect((await out.request('INFO', { body: 'Signal=5', contentType: 'application/dtmf-relay' })).status).toBe(200)
      // RFC 3261 §11.2: the same as outside a dialog.
      const inside = (await inc.request('OPTIONS')).final
      const outside = (await line.agents[0]!.request('OPTIONS', 'sip:bob@10.0.0.2')).final
      expect(inside?.headers.get('Allow')).toContain('INVITE')
      for (const name of ['Allow', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Supported'])
        expect([name, inside?.headers.get(name)]).toEqual([name, outside?.headers.get(name)])

      const back = (request: SipRequest) => {
        request.headers.set('CSeq', '1 INFO')
        return request
      }
      await out.request('INFO', { edit: back })
      const stale = await out.request('INFO', { edit: back })
      expect(stale.status).toBe(500)
      expect((await out.request('MESSAGE')).final).toMatchObject({ status: 405 })
      expect((await out.request('JUMP')).status).toBe(501)
      expect((await out.request('PRACK', { headers: { RAck: '1 1 INVITE' } })).status).toBe(481)
      const required = await out.request('INFO', { headers: { Require: 'timer, 100rel' } })
      expect(required.status).toBe(420)
      expect(required.final?.headers.get('Unsupported')).toBe('timer')
      const body = await out.request('INVITE', { body: 'hello', contentType: 'text/html' })
      expect(body.status).toBe(415)
      expect(body.final?.headers.get('Accept')).toBe('application/sdp, multipart/mixed, multipart/alternative')
    })
  })

  it('a lost BYE is repeated; a mute peer ends the call all the same', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, bob } = await established(line)
      bob.automatic.listen = false
      const bye = await out.hangUp()
      expect(bye).toMatchObject({ error: 'timeout', status: 408 })
      expect((await out.ended).cause).toBe('bye')
      bob.automatic.listen = true
    })
    expect(line.of('BYE').length).toBeGreaterThan(5)
  })

  it('481 to a request ends the call (RFC 3261 §12.2.1.2)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { out, inc } = await established(line)
      inc.onRequest = (request) => (request.method === 'INFO' ? { status: 481 } : undefined)
      expect((await out.request('INFO')).status).toBe(481)
      expect(await out.ended).toMatchObject({ cause: 'lost', status: 481 })
      expect((await inc.ended).cause).toBe('bye')
    })
  })

  it('a stranger with wrong tags gets 481 and does no harm', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, out, inc } = await established(line)
      const bye = await alice.request('BYE', BOB, { callId: out.id, to: `<${BOB}>;tag=wrong` })
      expect(bye.status).toBe(481)
      expect((await alice.request('CANCEL', BOB)).status).toBe(481)
      expect(inc.state).toBe('established')
    })
  })

  it('everything can be seen and swallowed', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      bob.onCall = (call) => void call.reject(486)
      // TX-G: the 486 is repeated while its ACK is missing.
      alice.beforeTransmit = (message) => (message.kind === 'request' && message.method === 'ACK' ? undefined : message)
      const out = alice.invite(BOB)
      expect((await out.answered)?.status).toBe(486)
      await line.clock.sleep(4000)
      expect(line.of(486).map((sent) => sent.at - line.of(486)[0]!.at)).toEqual([0, 500, 1500, 3500])
      alice.beforeTransmit = undefined
      // Responses, and repeats of them, too.
      let lost = 0
      bob.beforeTransmit = (message) => {
        if (message.kind === 'request' || lost === 2) return message
        lost += 1
        return undefined
      }
      const from = line.sent.length
      expect((await alice.invite(BOB).answered)?.status).toBe(486)
      expect(lost).toBe(2)
      expect(line.sent.slice(from).filter(({ from: by }) => by === '10.0.0.2')).toMatchObject([
        { message: { status: 486 } },
      ])
      const { length } = line.sent
      const options = await alice.request('OPTIONS', BOB, { edit: () => undefined })
      expect(options).toMatchObject({ error: 'swallowed', final: undefined })
      expect(line.sent).toHaveLength(length)
    })
  })
})

describe('PRACK (RFC 3262)', () => {
  it('a reliable 180 is repeated until its PRACK', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      let pracks = 0
      line.lose = ({ message }) => message.kind === 'request' && message.method === 'PRACK' && ++pracks <= 1
      const out = alice.invite(BOB, { sdp: SDP('10.0.0.1', 4000), reliableProvisionals: 'required' })
      const inc = await ringing
      await inc.ring()
      await inc.progress183({ sdp: SDP('10.0.0.2', 5000) })
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      expect((await out.answered)?.status).toBe(200)
    })
    const [first, second] = [line.of(180)[0]!.message, line.of(183)[0]!.message]
    expect(first.headers.get('Require')).toBe('100rel')
    expect(Number(second.headers.get('RSeq'))).toBe(Number(first.headers.get('RSeq')) + 1)
    expect(line.requests('PRACK').at(-1)!.headers.get('RAck')).toBe(
      `${second.headers.get('RSeq')} ${line.requests('INVITE')[0]!.cseq.number} INVITE`,
    )
  })

  it('no PRACK in 64*T1: 5xx', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair({ alice: { automatic: { acknowledgeReliable: false } } })
      const ringing = called(bob)
      const out = alice.invite(BOB)
      const inc = await ringing
      await inc.ring({ reliable: true })
      expect((await out.answered)?.status).toBe(500)
    })
    const at = line.of(180).map((sent) => sent.at)
    expect(at.map((t) => t - at[0]!)).toEqual([0, 500, 1500, 3500, 7500, 15_500, 31_500])
  })
})

describe('stop()', () => {
  it('hangs up what is up, cancels what rings, refuses what waits', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob, out, inc } = await established(line)
      const second = alice.invite(BOB)
      const ringing = await called(bob)
      await ringing.ring()
      await second.ringing
      await alice.stop()
      expect((await out.ended).cause).toBe('bye')
      expect((await second.ended).cause).toBe('cancelled')
      expect((await inc.ended).cause).toBe('bye')
      expect((await ringing.ended).cause).toBe('cancelled')
    })
  })

  it('is bounded where the peer is mute', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob, out } = await established(line)
      const second = alice.invite(BOB)
      bob.automatic.listen = false
      const begin = line.clock.now()
      await alice.stop({ withinMs: 2000 })
      expect(line.clock.now() - begin).toBeLessThanOrEqual(2000)
      expect((await out.ended).cause).toBe('bye')
      expect(await second.ended).toMatchObject({ by: 'local' })
      bob.automatic.listen = true
    })
  })

  it('of the callee, whose 200 was lost: repeats it, and sends BYE after the ACK', async () => {
    const line = new Line()
    let lost = 0
    line.lose = ({ message }) => message.kind === 'response' && message.status === 200 && lost++ === 0
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = called(bob)
      const out = alice.invite(BOB)
      await (await ringing).answer()
      await bob.stop()
      expect((await out.ended).by).toBe('remote')
    })
    expect(line.of(200, 'INVITE')).toHaveLength(2)
    expect(line.requests('BYE')).toHaveLength(1)
    const at = (method: string) => line.sent.findIndex(({ text }) => text.startsWith(`${method} `))
    expect(at('ACK')).toBeGreaterThan(0)
    expect(at('BYE')).toBeGreaterThan(at('ACK'))
  })

  it('of the callee, where the ACK never comes: sends BYE within its time', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair({ alice: { automatic: { acknowledge: false } } })
      const ringing = called(bob)
      const out = alice.invite(BOB)
      await (await ringing).answer()
      const begin = line.clock.now()
      await bob.stop({ withinMs: 2000 })
      expect(line.clock.now() - begin).toBeLessThan(1000)
      expect((await out.ended).cause).toBe('bye')
    })
    expect(line.requests('BYE')).toHaveLength(1)
  })
})

function bobsDialogs(line: Line): number {
  return new Set(line.of(200, 'INVITE').map((sent) => sent.message.to.tag)).size
}

describe('outside of dialogs (RFC 3261 §8.2)', () => {
  it('405 with Allow, 501, 416, 420 with Unsupported, 415 with Accept, 481, 482', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      bob.onCall = (call) => void call.ring()
      const notAllowed = await alice.request('SUBSCRIBE', BOB)
      expect(notAllowed.status).toBe(405)
      expect(notAllowed.final?.headers.get('Allow')).toContain('BYE')
      expect((await alice.request('JUMP', BOB)).status).toBe(501)
      expect((await alice.request('OPTIONS', 'tel:+4911')).status).toBe(416)
      const extension = await alice.request('OPTIONS', BOB, { headers: { Require: 'foo, bar' } })
      expect([extension.status, extension.final?.headers.get('Unsupported')]).toEqual([420, 'foo, bar'])
      const content = await alice.invite(BOB, { sdp: false, body: '<x/>', contentType: 'text/xml' }).answered
      expect([content?.status, content?.headers.get('Accept')]).toEqual([
        415,
        'application/sdp, multipart/mixed, multipart/alternative',
      ])
      const text = await alice.request('MESSAGE', BOB, { body: 'Hello', contentType: 'text/plain;charset=UTF-8' })
      expect([text.status, text.final?.body.length, text.final?.headers.has('Contact')]).toEqual([200, 0, false])
      const page = await alice.request('MESSAGE', BOB, { body: '<p/>', contentType: 'text/html' })
      expect([page.status, page.final?.headers.get('Accept')]).toEqual([415, 'text/plain'])
      expect((await alice.request('BYE', BOB)).status).toBe(481)
      expect((await alice.request('INFO', BOB, { to: `<${BOB}>;tag=gone` })).status).toBe(481)
      const options = await alice.request('OPTIONS', BOB)
      for (const name of ['Allow', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Supported'])
        expect(options.final?.headers.has(name)).toBe(true)

      const same = { callId: 'same', cseq: 5, from: '<sip:alice@example.net>;tag=same' }
      const first = alice.invite(BOB, same)
      await first.ringing
      const merged = await alice.request('INVITE', BOB, { ...same, headers: { Contact: '<sip:alice@10.0.0.1>' } })
      expect(merged.status).toBe(482)
      expect(bob.calls.size).toBe(1)
      bob.onRequest = (request) => (request.method === 'OPTIONS' ? { status: 299, reason: 'As Told' } : undefined)
      expect((await alice.request('OPTIONS', BOB)).final).toMatchObject({ status: 299, reason: 'As Told' })
      bob.automatic.refuse = false
      expect((await alice.request('OPTIONS', BOB, { headers: { Require: 'foo' } })).status).toBe(299)
    })
  })

  it('an invitation expires (RFC 3261 §13.3.1), a long ringing one is kept alive each minute', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      bob.onCall = (call) => void call.ring()
      const out = alice.invite(BOB, { headers: { Expires: '20' } })
      const begin = line.clock.now()
      expect((await out.ended).status).toBe(487)
      expect(line.clock.now() - begin).toBeGreaterThanOrEqual(20_000)
      const long = alice.invite(BOB)
      expect((await long.ended).cause).toBe('cancelled')
      expect(long.exchange.provisionals.filter((response) => response.status === 180).length).toBeGreaterThanOrEqual(3)
    })
  })
})
