import { describe, expect, it } from 'vitest'
import type { IncomingCall, InviteOptions } from '../../../src/agent/call.js'
import type { UserAgentOptions } from '../../../src/agent/options.js'
import { MediaSession } from '../../../src/media/media-session.js'
import { createRequest } from '../../../src/message/build.js'
import type { SipRequest, SipResponse } from '../../../src/message/message.js'
import type { ServerTransaction } from '../../../src/transaction/transaction.js'
import { Line, respond, SDP, Server } from './line.js'

const PEER = { address: '10.0.0.9', port: 5060 }
const TO_ALICE = { transport: 'udp', remote: { address: '10.0.0.1', port: 5060 } } as const
const CONTACT = '<sip:bob@10.0.0.9>'

const withSdp = (body: string | undefined) => (body === undefined ? {} : { body, contentType: 'application/sdp' })
const answer = (port: number) => ({ ...withSdp(SDP('10.0.0.9', port)), contact: CONTACT })

const audio = (line: Line) => () =>
  MediaSession.open({
    clock: line.clock,
    network: line.network,
    random: line.random.fork('audio'),
    localAddress: '10.0.0.1',
    codecs: ['PCMA'],
    patternId: 11,
  })

/** Sends a request to Alice and gives its final response. */
function ask(server: Server, request: SipRequest): Promise<SipResponse> {
  return new Promise((resolve) => {
    server.transactions.request(request, TO_ALICE, {
      onResponse: (response) => {
        if (response.status >= 200) resolve(response)
      },
    })
  })
}

/** Alice calls a peer that answers her INVITE as the test says, and everything else with 200. */
async function outgoing(
  line: Line,
  answers: (tx: ServerTransaction) => void,
  o: { invite?: InviteOptions; alice?: Partial<UserAgentOptions> } = {},
) {
  const server = await new Server(line, PEER, (tx) => {
    if (tx.request.method === 'INVITE') answers(tx)
    else respond(tx, 200)
  }).start()
  const alice = await line.phone('alice', 1, 9, o.alice)
  const call = alice.invite('bob', o.invite ?? { sdp: SDP('10.0.0.1', 4000) })
  await line.clock.sleep(50)
  /** The callee's request in the dialog. */
  const asks = (method: string, cseq: number, body?: string) => {
    const { callId, from, to } = server.requests[0]!
    return ask(
      server,
      createRequest({
        method,
        uri: 'sip:alice@10.0.0.1',
        from: { uri: to.uri, tag: 'srv' },
        to: from,
        callId,
        cseq,
        contact: CONTACT,
        ...withSdp(body),
      }),
    )
  }
  return { call, server, asks }
}

/** Alice has answered a peer that keeps back its ACK. `offer`: that of the INVITE. */
async function answeredAndUnacknowledged(line: Line, offer?: string) {
  const server = await new Server(line, PEER, (tx) => respond(tx, 200)).start()
  const alice = await line.phone('alice', 1, 9)
  const rung = new Promise<IncomingCall>((resolve) => {
    alice.onCall = resolve
  })
  const compose = (method: string, cseq: number, o: { tag?: string; body?: string | undefined } = {}) =>
    createRequest({
      method,
      uri: 'sip:alice@10.0.0.1',
      from: { uri: 'sip:bob@example.net', tag: 'bob' },
      to: { uri: 'sip:alice@example.net', ...(o.tag === undefined ? {} : { tag: o.tag }) },
      callId: 'race',
      cseq,
      contact: CONTACT,
      ...withSdp(o.body),
    })
  const success = ask(server, compose('INVITE', 1, { body: offer }))
  const call = await rung
  await call.answer({ sdp: SDP('10.0.0.1', 4000) })
  const { tag } = (await success).to
  const inside = (method: string, cseq: number, body?: string) =>
    compose(method, cseq, { body, ...(tag === undefined ? {} : { tag }) })
  return {
    call,
    asks: (method: string, cseq: number, body?: string) => ask(server, inside(method, cseq, body)),
    acks: (cseq: number, body?: string) => server.transactions.sendStateless(inside('ACK', cseq, body), TO_ALICE),
  }
}

describe('a request that meets an INVITE of ours', () => {
  it('UPDATE and INVITE in an early dialog get 491 while our offer has no answer, and are taken after it', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call, asks } = await outgoing(line, (tx) => {
        respond(tx, 180, { contact: CONTACT })
        line.clock.after(3000, () => respond(tx, 200, answer(5000)))
      })
      expect(call.state).toBe('early')
      // RFC 3311 §5.2, RFC 3261 §14.2
      expect((await asks('UPDATE', 1, SDP('10.0.0.9', 5002))).status).toBe(491)
      expect((await asks('INVITE', 2, SDP('10.0.0.9', 5002))).status).toBe(491)
      // A refresh without offer disturbs nobody.
      expect((await asks('UPDATE', 3)).status).toBe(200)
      expect((await call.answered)?.status).toBe(200)
      await line.clock.sleep(50)
      expect((await asks('INVITE', 4, SDP('10.0.0.9', 5002))).status).toBe(200)
      expect(call.state).toBe('established')
    })
  })

  it('UPDATE in an early dialog is served once the offer is answered', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call, asks } = await outgoing(line, (tx) => {
        respond(tx, 183, {
          ...answer(5000),
          headers: [
            ['Require', '100rel'],
            ['RSeq', '1'],
          ],
        })
        line.clock.after(3000, () => respond(tx, 200, { contact: CONTACT }))
      })
      expect(line.requests('PRACK')).toHaveLength(1)
      expect((await asks('UPDATE', 1, SDP('10.0.0.9', 5002))).status).toBe(200)
      await call.answered
    })
  })
})

describe('a re-INVITE that crosses another message', () => {
  it('gets 481 after our BYE (RFC 5407 §3.2.2), and the BYE that crosses ours its 200', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call, asks } = await outgoing(line, (tx) => respond(tx, 200, answer(5000)), {
        invite: {},
        alice: { media: audio(line) },
      })
      await call.answered
      line.lose = ({ message }) =>
        message.kind === 'response' && message.cseq.method === 'BYE' && message.to.tag === 'srv'
      const bye = call.hangUp()
      expect((await asks('INVITE', 1, SDP('10.0.0.9', 5002))).status).toBe(481)
      expect((await asks('BYE', 2)).status).toBe(200)
      line.lose = undefined
      expect((await bye)?.status).toBe(200)
    })
  })

  it('is served where it overtakes the ACK, which counts when it comes, and the callee may hang up (RFC 5407 §3.1.4)', async () => {
    for (const acknowledged of [true, false]) {
      const line = new Line()
      await line.run(async () => {
        const { call, asks, acks } = await answeredAndUnacknowledged(line, SDP('10.0.0.9', 5000))
        expect((await asks('INVITE', 2, SDP('10.0.0.9', 5002))).status).toBe(200)
        if (acknowledged) await acks(1)
        await acks(2)
        await line.clock.sleep(50)
        if (acknowledged) expect((await call.acknowledged)?.cseq.number).toBe(1)
        const repeats = line.of(200, 'INVITE').length
        await line.clock.sleep(40_000)
        expect(line.of(200, 'INVITE')).toHaveLength(repeats)
        expect(call.state).toBe('established')
        expect((await call.hangUp())?.status).toBe(200)
        if (!acknowledged) expect(await call.acknowledged).toBeUndefined()
      })
    }
  })

  it('a late ACK of the INVITE before does not stand for the one that is still due', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call, asks, acks } = await answeredAndUnacknowledged(line, SDP('10.0.0.9', 5000))
      await asks('INVITE', 2, SDP('10.0.0.9', 5002))
      await acks(1)
      await line.clock.sleep(50)
      // RFC 3261 §14.1: an INVITE of ours waits for that ACK.
      const change = call.reinvite({ sdp: SDP('10.0.0.1', 4002) })
      await line.clock.sleep(2000)
      expect(line.of('INVITE').filter(({ from }) => from === '10.0.0.1')).toHaveLength(0)
      await acks(2)
      expect((await change).status).toBe(200)
    })
  })

  it('gets 491 where the ACK that it overtook is to bring the answer (RFC 5407 §3.1.5)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call, asks, acks } = await answeredAndUnacknowledged(line)
      expect((await asks('INVITE', 2, SDP('10.0.0.9', 5002))).status).toBe(491)
      await acks(1, SDP('10.0.0.9', 5000))
      await line.clock.sleep(50)
      expect(call.remoteSdp).toBe(SDP('10.0.0.9', 5000))
      expect((await asks('INVITE', 3, SDP('10.0.0.9', 5002))).status).toBe(200)
      await acks(3)
    })
  })
})

describe('descriptions from several sides', () => {
  it('a ringback server answers early, the callee in the 2xx: audio goes to the callee', async () => {
    const line = new Line()
    await line.run(async () => {
      const { call } = await outgoing(
        line,
        (tx) => {
          respond(tx, 183, { ...answer(6000), toTag: 'ringback' })
          line.clock.after(1000, () => respond(tx, 200, answer(7000)))
        },
        { invite: {}, alice: { media: audio(line) } },
      )
      expect(call.media?.negotiated?.remote?.port).toBe(6000)
      await call.answered
      expect(call.dialog?.remoteTag).toBe('srv')
      expect(call.media?.negotiated?.remote?.port).toBe(7000)
      expect(call.state).toBe('established')
    })
  })

  it('is found in a body of several parts, in a response and in an INVITE (RFC 5621 §4.2)', async () => {
    const parts = (sdp: string, handling: string) => ({
      contentType: 'multipart/mixed;boundary="b 1"',
      body: [
        '--b 1',
        'Content-Type: application/vnd.etsi.aoc+xml',
        `Content-Disposition: render;handling=${handling}`,
        '',
        '<aoc/>',
        '--b 1',
        'Content-Type: application/sdp',
        '',
        `${sdp}\r\n--b 1--\r\n`,
      ].join('\r\n'),
    })
    const line = new Line()
    await line.run(async () => {
      const { call, server } = await outgoing(
        line,
        (tx) => respond(tx, 200, { ...parts(SDP('10.0.0.9', 7000), 'required'), contact: CONTACT }),
        { invite: {}, alice: { media: audio(line) } },
      )
      await call.answered
      expect(call.remoteSdp).toBe(SDP('10.0.0.9', 7000))
      expect(call.state).toBe('established')
      await call.hangUp()
      line.agents[0]!.onCall = (incoming) => void incoming.answer()
      const invite = (callId: string, handling: string) =>
        ask(
          server,
          createRequest({
            method: 'INVITE',
            uri: 'sip:alice@10.0.0.1',
            from: { uri: 'sip:bob@example.net', tag: 'bob' },
            to: { uri: 'sip:alice@example.net' },
            callId,
            cseq: 1,
            contact: CONTACT,
            ...parts(SDP('10.0.0.9', 7002), handling),
          }),
        )
      const taken = await invite('optional', 'optional')
      expect([taken.status, taken.body.toString()]).toEqual([200, expect.stringContaining('m=audio')])
      // RFC 5621 §8.1: what is required and not understood.
      const refused = await invite('required', 'required')
      expect([refused.status, refused.headers.get('Accept')]).toEqual([415, expect.stringContaining('multipart/mixed')])
    })
  })
})
