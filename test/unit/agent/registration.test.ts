import { describe, expect, it } from 'vitest'
import { refreshAfter } from '../../../src/agent/registration.js'
import { formatChallenge, parseAuthorization, verifyDigest, type DigestAlgorithm } from '../../../src/message/digest.js'
import type { SipRequest } from '../../../src/message/message.js'
import type { ServerTransaction } from '../../../src/transaction/transaction-layer.js'
import { Line, respond, Server } from './line.js'

const PASSWORD = 'secret of alice'

/** A registrar in one function: challenges, checks, lists one binding. */
class Registrar {
  readonly algorithms: DigestAlgorithm[]
  nonce = 'n1'
  stale = false
  minExpires = 0
  grant = 3600
  contact: string | undefined
  readonly seen: SipRequest[] = []

  constructor(algorithms: DigestAlgorithm[] = ['MD5']) {
    this.algorithms = algorithms
  }

  readonly answer = (tx: ServerTransaction) => {
    const { request } = tx
    this.seen.push(request)
    const value = request.headers.get('Authorization')
    const authorization = value === undefined ? undefined : parseAuthorization(value)
    const right =
      authorization !== undefined && verifyDigest({ authorization, method: request.method, password: PASSWORD })
    if (!right || authorization.nonce !== this.nonce) {
      respond(tx, 401, {
        headers: this.algorithms.map((algorithm) => [
          'WWW-Authenticate',
          formatChallenge({
            realm: 'example.net',
            nonce: this.nonce,
            algorithm,
            qop: ['auth'],
            stale: right && this.stale,
          }),
        ]),
      })
      return
    }
    const expires = Number(request.headers.get('Expires') ?? 3600)
    if (expires > 0 && expires < this.minExpires) {
      respond(tx, 423, { headers: [['Min-Expires', String(this.minExpires)]] })
      return
    }
    const contacts = request.contacts()
    const own = contacts === '*' ? undefined : contacts[0]
    this.contact = contacts === '*' || expires === 0 ? undefined : (own?.uri ?? this.contact)
    respond(tx, 200, {
      headers:
        this.contact === undefined ? [] : [['Contact', `<${this.contact}>;expires=${Math.min(expires, this.grant)}`]],
    })
  }
}

async function office(line: Line, registrar: Registrar, o: Parameters<Line['phone']>[3] = {}) {
  const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, registrar.answer).start()
  return { server, alice: await line.phone('alice', 1, 9, o) }
}

describe('registration (RFC 3261 §10.2)', () => {
  for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256', 'MD5-sess'] as const) {
    it(`answers a challenge with ${algorithm}`, async () => {
      const line = new Line()
      const registrar = new Registrar([algorithm])
      await line.run(async () => {
        const { alice } = await office(line, registrar)
        const outcome = await alice.register()
        expect(outcome).toMatchObject({ ok: true, status: 200, expires: 3600 })
        expect(outcome.own?.uri).toBe('sip:alice@10.0.0.1:5060')
        expect(outcome.seenAs).toEqual({ address: '10.0.0.1', port: 5060 })
        expect(outcome.exchange.challenges.map((response) => response.status)).toEqual([401])
        expect(alice.registered).toBe(true)
      })
      const [first, second] = registrar.seen
      expect(first!.uri).toBe('sip:example.net')
      expect(second!.callId).toBe(first!.callId)
      // RFC 3261 §8.1.3.5
      expect(second!.headers.get('From')).toBe(first!.headers.get('From'))
      // RFC 3261 §22.2
      expect(second!.cseq.number).toBe(first!.cseq.number + 1)
      expect(second!.via.branch).not.toBe(first!.via.branch)
      expect(second!.headers.get('Authorization')).toContain(algorithm)
    })
  }

  it('takes the topmost challenge that it understands (RFC 8760 §2.4)', async () => {
    const line = new Line()
    const registrar = new Registrar(['SHA-512-256', 'SHA-256', 'MD5'])
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      expect((await alice.register()).ok).toBe(true)
    })
    expect(registrar.seen[1]!.headers.get('Authorization')).toContain('algorithm=SHA-512-256')
  })

  it('stops after two tries with a wrong password', async () => {
    const line = new Line()
    const registrar = new Registrar()
    await line.run(async () => {
      const { alice } = await office(line, registrar, {
        account: { user: 'alice', password: 'wrong', domain: 'example.net' },
      })
      const outcome = await alice.register()
      expect(outcome).toMatchObject({ ok: false, status: 401 })
      await line.clock.sleep(7_200_000)
    })
    expect(registrar.seen).toHaveLength(2)
  })

  it('gives up where no challenge is understood, or the server changes nonces for ever', async () => {
    const line = new Line()
    let nth = 0
    const registrar = new Registrar()
    const restless = (tx: ServerTransaction) => {
      nth += 1
      respond(tx, 401, {
        headers: [
          ['WWW-Authenticate', formatChallenge({ realm: 'r', nonce: `n${nth}`, qop: ['auth'], stale: nth > 1 })],
        ],
      })
    }
    await line.run(async () => {
      await new Server(line, { address: '10.0.0.8', port: 5060 }, restless).start()
      const eve = await line.phone('eve', 2, 8)
      expect((await eve.register()).status).toBe(401)
      expect(nth).toBeLessThan(6)
      await new Server(line, { address: '10.0.0.7', port: 5060 }, (tx) => {
        respond(tx, 401, { headers: [['WWW-Authenticate', 'Digest realm="r", nonce="x", algorithm=AKAv1-MD5']] })
      }).start()
      const dan = await line.phone('dan', 3, 7)
      const outcome = await dan.register()
      expect(outcome.status).toBe(401)
      expect(outcome.exchange.requests).toHaveLength(1)
    })
    expect(registrar.seen).toHaveLength(0)
  })

  it('uses its nonce again, counting, and follows a stale one', async () => {
    const line = new Line()
    const registrar = new Registrar()
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      await alice.register()
      await alice.register()
      expect(registrar.seen).toHaveLength(3)
      expect(registrar.seen[2]!.headers.get('Authorization')).toContain('nc=00000002')
      registrar.nonce = 'n2'
      registrar.stale = true
      expect((await alice.register()).ok).toBe(true)
      expect(registrar.seen).toHaveLength(5)
      expect(registrar.seen[4]!.headers.get('Authorization')).toContain('nc=00000001')
      // A server that forgets the flag is forgiven once.
      registrar.nonce = 'n3'
      registrar.stale = false
      expect((await alice.register()).ok).toBe(true)
    })
    expect(registrar.seen.map((request) => request.cseq.number - registrar.seen[0]!.cseq.number)).toEqual(
      registrar.seen.map((_, index) => index),
    )
    expect(new Set(registrar.seen.map((request) => request.callId)).size).toBe(1)
  })

  it('obeys 423, once', async () => {
    const line = new Line()
    const registrar = new Registrar()
    registrar.minExpires = 120
    await line.run(async () => {
      const { alice } = await office(line, registrar, { expires: 60 })
      expect(await alice.register()).toMatchObject({ ok: true, expires: 120 })
    })
    expect(registrar.seen.map((request) => request.headers.get('Expires')).slice(0, 3)).toEqual(['60', '60', '120'])
  })

  it('refreshes in time and removes its binding in the end', async () => {
    const line = new Line()
    const registrar = new Registrar()
    registrar.grant = 300
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      await alice.register()
      await line.clock.sleep(1000 * 1000)
      expect(registrar.seen).toHaveLength(2 + 3)
      expect(refreshAfter(300)).toBe(260)
      await alice.stop()
    })
    const last = registrar.seen.at(-1)!
    expect(last.headers.get('Expires')).toBe('0')
    expect(registrar.contact).toBeUndefined()
    // Nothing is left running.
    expect(line.clock.pendingTimers).toBeLessThan(3)
  })

  it.each([0, 15, 25, 35])('stopped %i ms after it began to register, it leaves no binding', async (afterMs) => {
    const line = new Line()
    const registrar = new Registrar()
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      const registering = alice.register()
      await line.clock.sleep(afterMs)
      expect(alice.registered).toBe(false)
      await alice.stop()
      expect(await registering).toMatchObject({ ok: true })
    })
    expect(registrar.seen.at(-1)!.headers.get('Expires')).toBe('0')
    expect(registrar.contact).toBeUndefined()
  })

  it('keeps trying with growing pauses when a refresh fails, and comes back', async () => {
    const line = new Line()
    const registrar = new Registrar()
    registrar.grant = 120
    await line.run(async () => {
      const { alice, server } = await office(line, registrar)
      await alice.register()
      server.transport.intercept = () => true
      const answered = registrar.seen.at(-1)!.cseq.number
      await line.clock.sleep(600_000)
      const tried = new Set(
        line
          .requests('REGISTER')
          .map(({ cseq }) => cseq.number)
          .filter((number) => number > answered),
      )
      expect(tried.size).toBeGreaterThan(2)
      server.transport.intercept = undefined
      await line.clock.sleep(900_000)
      expect(registrar.seen.at(-1)!.cseq.number).toBeGreaterThan(answered + tried.size)
      expect(alice.registered).toBe(true)
    })
  })

  it('waits as long as a 503 asks for (RFC 3261 §21.5.4)', async () => {
    const line = new Line()
    await line.run(async () => {
      let overloaded = false
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        const contact = tx.request.headers.get('Contact') ?? ''
        if (overloaded) respond(tx, 503, { headers: [['Retry-After', '300 (maintenance);duration=60']] })
        else respond(tx, 200, { headers: [['Contact', `${contact};expires=100`]] })
      }).start()
      const alice = await line.phone('alice', 1, 9)
      await alice.register()
      overloaded = true
      await line.clock.sleep(50_000 + 299_000)
      expect(server.requests).toHaveLength(2)
      await line.clock.sleep(2000)
      expect(server.requests).toHaveLength(3)
    })
  })

  it('does not register without end at a server that closes each connection soon', async () => {
    const line = new Line()
    const closeAfter = { ms: 20 }
    await line.run(async () => {
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        respond(tx, 200, { headers: [['Contact', `${tx.request.headers.get('Contact')};expires=3600`]] })
        line.clock.after(closeAfter.ms, () => server.transport.flows().forEach((flow) => flow.close()))
      }).start(['tcp'])
      const alice = await line.phone('alice', 1, 9, {
        outbound: { transport: 'tcp', remote: { address: '10.0.0.9', port: 5060 } },
      })
      await alice.register()
      await line.clock.sleep(10_000)
      // RFC 5626 §4.5: the first end is made good at once, the next ones with growing pauses.
      expect(server.requests).toHaveLength(2)
      await line.clock.sleep(300_000)
      expect(server.requests.length).toBeGreaterThan(3)
      expect(server.requests.length).toBeLessThan(7)
      // One that held for a while has its successor at once.
      closeAfter.ms = 100_000
      await line.clock.sleep(1_000_000)
      const before = server.requests.length
      await line.clock.sleep(1_000_000)
      expect(server.requests.length - before).toBeGreaterThan(8)
    })
  })

  it('queries and clears', async () => {
    const line = new Line()
    const registrar = new Registrar()
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      await alice.register({ expires: 90 })
      expect(registrar.seen.at(-1)!.headers.get('Expires')).toBe('90')
      expect(registrar.seen.at(-1)!.headers.get('Contact')).toBe('<sip:alice@10.0.0.1:5060>')
      const query = await alice.register({ contacts: [] })
      expect(registrar.seen.at(-1)!.headers.get('Contact')).toBeUndefined()
      expect(query.own?.uri).toBe('sip:alice@10.0.0.1:5060')
      expect(alice.registered).toBe(true)
      await alice.unregister({ all: true })
      expect(registrar.seen.at(-1)!.headers.get('Contact')).toBe('*')
      expect(alice.registered).toBe(false)
    })
  })

  it('reports silence as 408 and goes on living', async () => {
    const line = new Line()
    await line.run(async () => {
      const alice = await line.phone('alice', 1, 99)
      expect(await alice.register()).toMatchObject({ ok: false, status: 408 })
      expect(alice.registered).toBe(false)
    })
  })
})

describe('digest of calls', () => {
  it('407 to INVITE: answered with CSeq + 1, ACK carries the credentials, BYE gives them unasked', async () => {
    const line = new Line()
    await line.run(async () => {
      const server = await new Server(line, { address: '10.0.0.9', port: 5060 }, (tx) => {
        const { request } = tx
        if (request.headers.get('Proxy-Authorization') === undefined) {
          respond(tx, 407, {
            headers: [
              ['Proxy-Authenticate', formatChallenge({ realm: 'p', nonce: 'n', algorithm: 'SHA-256', qop: ['auth'] })],
              ['WWW-Authenticate', formatChallenge({ realm: 'u', nonce: 'm', qop: ['auth-int', 'auth'] })],
            ],
          })
          return
        }
        respond(tx, 200, { contact: '<sip:bob@10.0.0.9:5060>' })
      }).start()
      const alice = await line.phone('alice', 1, 9)
      const call = alice.invite('bob', { sdp: 'v=0\r\n' })
      expect((await call.answered)?.status).toBe(200)
      await line.clock.sleep(100)
      expect(
        call.exchange.requests.map((request) => request.cseq.number - call.exchange.requests[0]!.cseq.number),
      ).toEqual([0, 1])
      expect(server.acks[0]!.headers.get('Proxy-Authorization')).toBe(call.invite!.headers.get('Proxy-Authorization'))
      expect(server.acks[0]!.headers.get('Authorization')).toBe(call.invite!.headers.get('Authorization'))
      const bye = await call.hangUp()
      expect(bye?.requests).toHaveLength(1)
      expect(bye?.requests[0]!.headers.get('Proxy-Authorization')).toContain('nc=00000002')
      expect(bye?.requests[0]!.cseq.number).toBe(call.invite!.cseq.number + 1)
      // Both realms.
      expect(bye?.requests[0]!.headers.get('Authorization')).toContain('realm="u"')
    })
  })

  it('leaves a challenge alone where the scenario wants it so', async () => {
    const line = new Line()
    const registrar = new Registrar()
    await line.run(async () => {
      const { alice } = await office(line, registrar)
      expect((await alice.request('OPTIONS', 'sip:example.net', { authenticate: false })).status).toBe(401)
      expect(
        (await alice.request('OPTIONS', 'sip:example.net', { credentials: { user: 'alice', password: 'x' } })).requests,
      ).toHaveLength(2)
    })
  })
})
