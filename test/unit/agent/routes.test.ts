import { describe, expect, it } from 'vitest'
import { SharedStack } from '../../../src/agent/stack.js'
import type { IncomingCall } from '../../../src/agent/call.js'
import type { SipRequest } from '../../../src/message/message.js'
import { createResponse } from '../../../src/message/build.js'
import type { ServerTransaction } from '../../../src/transaction/transaction.js'
import { timerTable } from '../../../src/transaction/timers.js'
import { Line, respond, SDP, Server } from './line.js'

const ok = (tag: string, contact: string) => ({
  toTag: tag,
  contact: `<${contact}>`,
  body: SDP('10.0.0.9', 5000),
  contentType: 'application/sdp',
})

describe('forks (RFC 3261 §13.2.2.4)', () => {
  it('keeps early dialogs apart, takes the first 2xx, acknowledges and ends the others', async () => {
    const line = new Line()
    await line.run(async () => {
      let hops = 0
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        if (tx.request.method !== 'INVITE') {
          respond(tx, 200)
          return
        }
        respond(tx, 180, { toTag: 'one', contact: '<sip:one@10.0.0.9>' })
        respond(tx, 183, { ...ok('two', 'sip:two@10.0.0.9'), headers: [['Record-Route', '<sip:10.0.0.9;lr;fork=2>']] })
        respond(tx, 200, { ...ok('two', 'sip:two@10.0.0.9'), headers: [['Record-Route', '<sip:10.0.0.9;lr;fork=2>']] })
        respond(tx, 200, ok('three', 'sip:three@10.0.0.9'))
        respond(tx, 200, ok('three', 'sip:three@10.0.0.9'))
        hops += 1
      }).start()
      const alice = await line.phone('alice', 1, 9)
      const call = alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) })
      expect((await call.answered)?.to.tag).toBe('two')
      await line.clock.sleep(10)
      expect(call.dialogs.map((dialog) => [dialog.remoteTag, dialog.state])).toEqual([
        ['one', 'early'],
        ['two', 'confirmed'],
        ['three', 'confirmed'],
      ])
      expect(call.dialog?.remoteTag).toBe('two')
      await line.clock.sleep(1000)
      const tags = (requests: SipRequest[]) => requests.map((request) => request.to.tag)
      expect(tags(server.acks)).toEqual(expect.arrayContaining(['three', 'three', 'two']))
      expect(server.acks).toHaveLength(3)
      expect(tags(server.requests.filter((request) => request.method === 'BYE'))).toEqual(['three'])
      expect(server.acks.find((ack) => ack.to.tag === 'two')!.headers.get('Route')).toBe('<sip:10.0.0.9;lr;fork=2>')
      expect(call.state).toBe('established')
      await call.hangUp()
      expect(hops).toBe(1)
    })
    expect(line.requests('BYE').map((bye) => bye.uri)).toEqual(['sip:three@10.0.0.9', 'sip:two@10.0.0.9'])
  })

  it('answers for a call that is over: repeats with the same ACK, other forks with ACK and BYE', async () => {
    const line = new Line()
    await line.run(async () => {
      let invite: ServerTransaction | undefined
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        respond(tx, 200, ok('one', 'sip:one@10.0.0.9'))
        if (tx.request.method === 'INVITE') invite = tx
      }).start()
      const alice = await line.phone('alice', 1, 9)
      const call = alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) })
      await call.answered
      await call.hangUp()
      const before = server.acks.length
      respond(invite!, 200, ok('one', 'sip:one@10.0.0.9'))
      respond(invite!, 200, ok('two', 'sip:two@10.0.0.9'))
      await line.clock.sleep(1000)
      respond(invite!, 200, ok('two', 'sip:two@10.0.0.9'))
      await line.clock.sleep(1000)
      expect(before).toBe(1)
      expect(server.acks.slice(1).map((ack) => ack.to.tag)).toEqual(['one', 'two', 'two'])
      expect(server.acks.map((ack) => ack.via.branch).slice(0, 2)).toEqual([
        server.acks[0]!.via.branch,
        server.acks[0]!.via.branch,
      ])
      expect(server.acks[2]!.via.branch).toBe(server.acks[3]!.via.branch)
      const byes = server.requests.filter((request) => request.method === 'BYE')
      expect(byes.map((bye) => [bye.uri, bye.to.tag])).toEqual([
        ['sip:one@10.0.0.9', 'one'],
        ['sip:two@10.0.0.9', 'two'],
      ])
    })
  })
})

describe('routes (RFC 3261 §12.2.1.1)', () => {
  it('loose: reversed for the caller, in order for the callee', async () => {
    const line = new Line()
    await line.run(async () => {
      await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        respond(tx, 200, {
          ...ok('x', 'sip:bob@10.0.0.77'),
          headers: [
            ['Record-Route', '<sip:10.0.0.8;lr>, <sip:10.0.0.9;lr;x=1>'],
            ['Record-Route', '<sip:10.0.0.9:5060;lr>'],
          ],
        })
      }).start()
      const alice = await line.phone('alice', 1, 9)
      const call = alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) })
      await call.answered
      expect(call.dialog?.routeSet).toEqual(['sip:10.0.0.9:5060;lr', 'sip:10.0.0.9;lr;x=1', 'sip:10.0.0.8;lr'])
      await call.hangUp()
    })
    const [bye] = line.requests('BYE')
    expect(bye!.uri).toBe('sip:bob@10.0.0.77')
    expect(bye!.headers.values('Route')).toEqual([
      '<sip:10.0.0.9:5060;lr>',
      '<sip:10.0.0.9;lr;x=1>',
      '<sip:10.0.0.8;lr>',
    ])
    expect(line.of('BYE')[0]!.to).toBe('10.0.0.9')
  })

  it('the callee copies Record-Route and follows it in the order in which it came', async () => {
    const line = new Line()
    const routes = ['<sip:10.0.0.1:5060;lr;near>, <sip:10.0.0.8;lr>', '<sip:10.0.0.7;lr;far>']
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = new Promise<IncomingCall>((resolve) => {
        bob.onCall = resolve
      })
      const out = alice.invite('sip:bob@10.0.0.2', {
        sdp: SDP('10.0.0.1', 4000),
        headers: { 'Record-Route': routes },
      })
      const inc = await ringing
      await inc.ring()
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      await out.answered
      expect(inc.dialog?.routeSet).toEqual(['sip:10.0.0.1:5060;lr;near', 'sip:10.0.0.8;lr', 'sip:10.0.0.7;lr;far'])
      await inc.hangUp({ impatient: true })
    })
    for (const status of [180, 200])
      expect(line.of(status, 'INVITE')[0]!.message.headers.all('Record-Route')).toEqual(routes)

    expect(line.requests('BYE')[0]!.headers.values('Route')).toEqual(routes.flatMap((route) => route.split(', ')))
  })

  it('strict: the router stands in the Request-URI, the target last in Route', async () => {
    const line = new Line()
    await line.run(async () => {
      await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        respond(tx, 200, {
          ...ok('x', 'sip:bob@10.0.0.77'),
          headers: [['Record-Route', '<sip:10.0.0.8;lr>, <sip:p@10.0.0.9?Subject=x>']],
        })
      }).start()
      const alice = await line.phone('alice', 1, 9)
      const call = alice.invite('bob', { sdp: SDP('10.0.0.1', 4000) })
      await call.answered
      await call.hangUp()
    })
    const [bye] = line.requests('BYE')
    expect(bye!.uri).toBe('sip:p@10.0.0.9')
    expect(bye!.headers.values('Route')).toEqual(['<sip:10.0.0.8;lr>', '<sip:bob@10.0.0.77>'])
    expect(line.of('BYE')[0]!.to).toBe('10.0.0.9')
  })

  it('a re-INVITE moves the remote target, an INFO does not (RFC 3261 §12.2.2)', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await line.pair()
      const ringing = new Promise<IncomingCall>((resolve) => {
        bob.onCall = resolve
      })
      const out = alice.invite('sip:bob@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      await inc.acknowledged
      const moved = (contact: string) => ({ headers: { Contact: contact } })
      await out.request('INFO', moved('<sip:nobody@10.0.0.1>'))
      expect(inc.dialog?.remoteTarget).toBe('sip:alice@10.0.0.1:5060')
      inc.onOffer = () => ({ status: 488 })
      await out.reinvite({ sdp: SDP('10.0.0.1', 4001), ...moved('<sip:failed@10.0.0.1>') })
      expect(inc.dialog?.remoteTarget).toBe('sip:alice@10.0.0.1:5060')
      inc.onOffer = undefined
      await out.reinvite({ sdp: SDP('10.0.0.1', 4001), ...moved('<sip:moved@10.0.0.1>') })
      expect(inc.dialog?.remoteTarget).toBe('sip:moved@10.0.0.1')
      await inc.hangUp()
    })
    expect(line.requests('BYE')[0]!.uri).toBe('sip:moved@10.0.0.1')
  })
})

describe('connections', () => {
  it('a TCP connection that the peer closed mid-dialog: the next request opens a new one', async () => {
    const line = new Line()
    await line.run(async () => {
      const tcp = { transport: 'tcp' } as const
      const alice = await line.phone('alice', 1, 2, {
        outbound: { ...tcp, remote: { address: '10.0.0.2', port: 5060 } },
      })
      const bob = await line.phone('bob', 2, 1)
      const ringing = new Promise<IncomingCall>((resolve) => {
        bob.onCall = resolve
      })
      const out = alice.invite('sip:bob@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
      const inc = await ringing
      await inc.answer({ sdp: SDP('10.0.0.2', 5000) })
      await inc.acknowledged
      expect(out.dialog?.remoteTarget).toBe('sip:bob@10.0.0.2:5060;transport=tcp')
      const before = alice.stack.transport.flows()
      for (const flow of bob.stack.transport.flows()) flow.close()

      await line.clock.sleep(1000)
      expect(alice.stack.transport.flows().filter((flow) => flow.transport === 'tcp')).toEqual([])
      const info = await out.request('INFO')
      expect(info.status).toBe(200)
      expect(info.flow?.id).not.toBe(before[0]?.id)
      expect((await inc.hangUp())?.status).toBe(200)
    })
  })

  it('without a listener Contact names the connection, and a closed one is replaced by registering anew', async () => {
    const line = new Line()
    await line.run(async () => {
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        const [contact] = tx.request.headers.all('Contact')
        tx.respond(
          createResponse(tx.request, 200, undefined, { toTag: 'r', headers: [['Contact', `${contact};expires=600`]] }),
        )
      }).start(['tcp'])
      const alice = await line.phone('alice', 1, 9, {
        outbound: { transport: 'tcp', remote: { address: '10.0.0.9', port: 5060 } },
        listen: ['udp'],
      })
      const first = await alice.register()
      expect(first.own?.uri).toBe(`sip:alice@10.0.0.1:${first.exchange.flow?.local.port};transport=tcp`)
      server.transport.flows()[0]!.close()
      await line.clock.sleep(1000)
      expect(server.requests).toHaveLength(2)
      expect(server.requests[1]!.headers.all('Contact')).toHaveLength(2)
      expect(server.requests[1]!.headers.all('Contact')[1]).toBe(`<${first.own?.uri}>;expires=0`)
    })
  })

  it('refused: 503 in the exchange (RFC 3261 §8.1.3.1)', async () => {
    const line = new Line()
    await line.run(async () => {
      const alice = await line.phone('alice', 1, 9, {
        outbound: { transport: 'tcp', remote: { address: '10.0.0.9', port: 5060 } },
      })
      expect(await alice.request('OPTIONS', 'bob')).toMatchObject({ status: 503, final: undefined })
      expect((await alice.invite('bob').ended).cause).toBe('error')
    })
  })
})

describe('a shared stack', () => {
  it('carries many agents on one socket, each gets its own calls', async () => {
    const line = new Line()
    await line.run(async () => {
      const stack = new SharedStack({
        network: line.network,
        clock: line.clock,
        random: line.random.fork('stack'),
        timers: timerTable(),
        parseMode: 'fast',
        localAddress: '10.0.0.2',
        localPort: 5060,
      })
      const many = await Promise.all(
        Array.from({ length: 20 }, (_, n) => line.phone(`phone${n}`, 2, 1, { stack, contactUser: `c${n}` })),
      )
      const alice = await line.phone('alice', 1, 2)
      const rung: string[] = []
      for (const phone of many) {
        phone.onCall = (call) => {
          rung.push(phone.name)
          void call.answer({ sdp: SDP('10.0.0.2', 5000) })
        }
      }
      const byContact = alice.invite('sip:c7@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
      const byName = alice.invite('sip:phone3@10.0.0.2', { sdp: SDP('10.0.0.1', 4000) })
      expect((await byContact.answered)?.status).toBe(200)
      expect((await byName.answered)?.status).toBe(200)
      expect(new Set(rung)).toEqual(new Set(['phone3', 'phone7']))
      expect(byContact.dialog?.remoteTarget).toBe('sip:c7@10.0.0.2:5060')
      expect((await alice.invite('sip:nobody@10.0.0.2').answered)?.status).toBe(404)
      many[5]!.automatic.listen = false
      const deaf = alice.invite('sip:c5@10.0.0.2')
      await line.clock.sleep(2000)
      expect(deaf.exchange.provisionals).toHaveLength(0)
      many[5]!.automatic.listen = true
      expect((await byContact.hangUp())?.status).toBe(200)
      await many[3]!.stop()
      expect((await byName.ended).cause).toBe('bye')
      expect((await alice.invite('sip:c3@10.0.0.2').answered)?.status).toBe(404)
    })
  })
})
