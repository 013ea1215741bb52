import { describe, expect, it } from 'vitest'
import { createResponse, type ResponseOptions } from '../../../src/message/build.js'
import type { SipResponse } from '../../../src/message/message.js'
import type { ProviderOptions } from '../../../src/provider/embedded-provider.js'
import type { ServerTransaction } from '../../../src/transaction/transaction-layer.js'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { Town } from './town.js'

const SDP = (address: string, port: number) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`

/** Alice at .1 asks, Bob at .2 is registered. */
async function withPair(
  o: Partial<ProviderOptions>,
  story: (about: { alice: Probe; bob: Probe; town: Town }) => Promise<void>,
): Promise<void> {
  const town = new Town()
  await town.run(async () => {
    await town.open(o)
    const alice = await new Probe(town, 1).start()
    const bob = await new Probe(town, 2).start()
    expect((await bob.ask({ contact: bob.contact }))?.status).toBe(200)
    await story({ alice, bob, town })
  })
}

const toBob = (bob: Probe, method = 'INVITE') => ({
  method,
  uri: `sip:${bob.account.user}@${DOMAIN}`,
  to: `<sip:${bob.account.user}@${DOMAIN}>`,
})

const answer = (tx: ServerTransaction, status: number, o: ResponseOptions = {}) =>
  tx.respond(createResponse(tx.request, status, undefined, { toTag: 'callee', ...o }))

/** Contact, Record-Route of the request, and a description. */
const accepting = (tx: ServerTransaction, bob: Probe, tag = 'callee'): ResponseOptions => ({
  toTag: tag,
  contact: bob.contact,
  headers: tx.request.headers.all('Record-Route').map((value) => ['Record-Route', value] as const),
  body: SDP(bob.address, 4000),
  contentType: 'application/sdp',
})

describe('forwarding', () => {
  it('changes only what it must', async () => {
    await withPair({}, async ({ alice, bob }) => {
      bob.onRequest = (tx) => answer(tx, 200)
      const sent = {
        ...toBob(bob, 'LEVITATE'),
        maxForwards: null,
        headers: [
          ['X-Odd', 'a,  b;c="d, e"'],
          ['Subject', 'x'],
        ] as [string, string][],
        body: 'hello',
        contentType: 'text/odd',
      }
      expect((await alice.ask(sent))?.status).toBe(200)
      const got = bob.requests.at(-1)!
      expect(got.uri).toBe(`sip:${bob.account.user}@203.0.113.2:5060`)
      expect(got.maxForwards).toBe(70)
      expect(got.headers.get('Max-Breadth')).toBe('60')
      expect(got.headers.get('X-Odd')).toBe('a,  b;c="d, e"')
      expect(got.body.toString()).toBe('hello')
      expect(got.headers.get('Proxy-Authorization')).toBeUndefined()
      expect(got.headers.get('Record-Route')).toBe('<sip:rr@127.0.0.71:5060;lr>')
      await alice.ask({ ...toBob(bob, 'MESSAGE'), maxForwards: 7 })
      expect(bob.requests.at(-1)!.maxForwards).toBe(6)
      expect(bob.requests.at(-1)!.headers.has('Record-Route')).toBe(false)
    })
  })

  it('refuses what it cannot forward', async () => {
    await withPair({}, async ({ alice, bob }) => {
      expect((await alice.ask({ ...toBob(bob), maxForwards: 0 }))?.status).toBe(483)
      const required = await alice.ask({ ...toBob(bob), headers: [['Proxy-Require', 'levitation']] })
      expect([required?.status, required?.headers.get('Unsupported')]).toEqual([420, 'levitation'])
      expect((await alice.ask({ method: 'OPTIONS' }))?.status).toBe(200)
      expect((await alice.ask({ ...toBob(bob), uri: 'urn:service:sos' }))?.status).toBe(416)
      expect((await alice.ask({ ...toBob(bob), uri: `sip:nobody@${DOMAIN}` }))?.status).toBe(404)
      expect((await alice.ask({ ...toBob(bob), uri: `sips:${bob.account.user}@${DOMAIN}` }))?.status).toBe(480)
      expect(bob.requests).toEqual([])
    })
  })

  it('sees a request that comes back unchanged', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      // Bob's device sends everything back to where it came from, as a proxy of its own would.
      bob.onRequest = (tx) => {
        const back = tx.request.clone()
        back.uri = `sip:${bob.account.user}@${DOMAIN}`
        back.headers.set('Max-Forwards', String((back.maxForwards ?? 70) - 1))
        bob.layer.request(back, PROVIDER, {
          onResponse: (response) => {
            response.headers.removeFirstValue('Via')
            if (response.status > 100) tx.respond(response)
          },
        })
      }
      expect((await alice.ask(toBob(bob, 'MESSAGE')))?.status).toBe(482)
      expect(town.parcels.filter(({ message }) => message?.kind === 'request').length).toBeLessThan(10)
    })
  })

  it('goes through strict routers', async () => {
    await withPair({}, async ({ alice, bob }) => {
      bob.onRequest = (tx) => answer(tx, 200)
      await alice.ask({ ...toBob(bob, 'MESSAGE'), headers: [['Route', '<sip:127.0.0.71;lr>, <sip:203.0.113.2:5060>']] })
      const got = bob.requests.at(-1)!
      expect(got.uri).toBe('sip:203.0.113.2:5060')
      expect(got.headers.get('Route')).toBe(`<sip:${bob.account.user}@${DOMAIN}>`)
      // A strict router in front of us puts our Record-Route value into the Request-URI.
      await alice.ask({
        ...toBob(bob, 'MESSAGE'),
        uri: 'sip:rr@127.0.0.71:5060;lr',
        headers: [['Route', `<sip:${bob.account.user}@${DOMAIN}>`]],
      })
      expect(bob.requests.at(-1)!.uri).toBe(`sip:${bob.account.user}@203.0.113.2:5060`)
    })
  })
})

describe('answers', () => {
  it('passes on failures, a lone 503 as 500, silence as 408', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      for (const [status, expected] of [
        [486, 486],
        [480, 480],
        [600, 600],
        [603, 603],
        [503, 500],
        // It leads nowhere.
        [302, 480],
      ] as const) {
        bob.onRequest = (tx) => answer(tx, status)
        expect((await alice.ask(toBob(bob)))?.status).toBe(expected)
      }
      // Not even a 100.
      town.lose = ({ from, message }) => from.address === bob.address && message?.kind === 'response'
      const before = town.clock.now()
      expect((await alice.ask(toBob(bob)))?.status).toBe(408)
      expect(Math.round((town.clock.now() - before) / 1000)).toBe(32)
      const at = town.parcels
        .filter(
          ({ to, message }) => to.address === bob.address && message?.kind === 'request' && message.method === 'INVITE',
        )
        .slice(-7)
        .map((parcel, _, [first]) => Math.round((parcel.at - first!.at) / 100) / 10)
      expect(at).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5])
      // RFC 4320 §4.2: no final answer rather than 408.
      expect((await alice.ask(toBob(bob, 'MESSAGE')))?.status).toBe(100)
    })
  })

  it('cancels the callee and answers 487', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      bob.onRequest = (tx) => {
        if (tx.request.method !== 'INVITE') return
        tx.onCancel = (cancel) => {
          answer(cancel, 200)
          answer(tx, 487)
        }
        answer(tx, 180)
      }
      const request = alice.make({ ...toBob(bob), contact: alice.contact })
      const challenge = (await alice.send(request.clone())).at(-1)!
      request.headers.set(...alice.credentials(challenge, request))
      const statuses: number[] = []
      const tx = alice.layer.request(request, PROVIDER, { onResponse: ({ status }) => statuses.push(status) })
      await town.clock.sleep(1000)
      tx.cancel()
      await town.clock.sleep(1000)
      expect(statuses).toEqual([100, 180, 487])
    })
  })

  it('forwards every 2xx of a fork beyond, and its repetitions', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      bob.onRequest = (tx) => {
        for (const tag of ['one', 'two', 'one'])
          tx.respond(createResponse(tx.request, 200, undefined, accepting(tx, bob, tag)))
      }
      const request = alice.make({
        ...toBob(bob),
        contact: alice.contact,
        body: SDP(alice.address, 5000),
        contentType: 'application/sdp',
      })
      const challenge = (await alice.send(request.clone())).at(-1)!
      request.headers.set(...alice.credentials(challenge, request))
      const got: SipResponse[] = []
      alice.layer.request(request, PROVIDER, { onResponse: (response) => got.push(response) })
      await town.clock.sleep(1000)
      expect(got.map(({ status, to }) => `${status} ${to.tag ?? ''}`)).toEqual([
        '100 ',
        '200 one',
        '200 two',
        '200 one',
      ])
      expect(got.at(-1)?.body.toString()).toMatch(/c=IN IP4 127\.0\.0\.1(5[6-9]|60)/)
    })
  })

  it('forks: losers are cancelled, 6xx wins over the rest', async () => {
    await withPair({ policy: { sharedCredentials: 'fork' } }, async ({ alice, bob, town }) => {
      const second = await new Probe(town, 3, 2).start()
      await second.ask({ contact: second.contact })
      const cancelled: string[] = []
      const ringing = (probe: Probe, final: number | undefined) => (tx: ServerTransaction) => {
        if (tx.request.method !== 'INVITE') return
        tx.onCancel = (cancel) => {
          cancelled.push(probe.address)
          answer(cancel, 200)
          answer(tx, 487)
        }
        answer(tx, 180)
        if (final === 200) tx.respond(createResponse(tx.request, 200, undefined, accepting(tx, probe)))
        else if (final !== undefined) answer(tx, final)
      }
      bob.onRequest = ringing(bob, 486)
      second.onRequest = ringing(second, 404)
      expect((await alice.ask(toBob(bob)))?.status).toBe(486)
      second.onRequest = ringing(second, 603)
      expect((await alice.ask(toBob(bob)))?.status).toBe(603)
      bob.onRequest = ringing(bob, undefined)
      expect((await alice.ask(toBob(bob)))?.status).toBe(603)
      second.onRequest = ringing(second, 200)
      expect((await alice.ask(toBob(bob)))?.status).toBe(200)
      await town.clock.sleep(100)
      expect(cancelled).toEqual(['203.0.113.2', '203.0.113.2'])
    })
  })

  it('gives up a call that rings for more than three minutes', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      bob.onRequest = (tx) => {
        tx.onCancel = (cancel) => {
          answer(cancel, 200)
          answer(tx, 487)
        }
        answer(tx, 180)
      }
      const before = town.clock.now()
      expect((await alice.ask(toBob(bob)))?.status).toBe(487)
      expect(Math.round((town.clock.now() - before) / 1000)).toBe(181)
    })
  })
})

describe('identity', () => {
  it('asserts the account, whatever it says of itself', async () => {
    await withPair({}, async ({ alice, bob, town }) => {
      bob.onRequest = (tx) => answer(tx, 200)
      const headers: [string, string][] = [
        ['P-Asserted-Identity', '<sip:112@example.org>'],
        ['P-Preferred-Identity', '<sip:112@example.org>'],
      ]
      await alice.ask({ ...toBob(bob, 'MESSAGE'), headers })
      const got = bob.requests.at(-1)!
      expect(got.headers.all('P-Asserted-Identity')).toEqual([`<sip:0211550001@${DOMAIN}>`])
      expect(got.headers.has('P-Preferred-Identity')).toBe(false)
      await alice.ask({ ...toBob(bob, 'MESSAGE'), headers: [['Privacy', 'id']] })
      expect(bob.requests.at(-1)!.headers.has('P-Asserted-Identity')).toBe(false)
      const count = bob.requests.length
      const others = town.provider.accounts[4]!
      expect((await alice.ask({ ...toBob(bob, 'MESSAGE'), from: `<sip:${others.user}@${DOMAIN}>` }))?.status).toBe(403)
      expect(bob.requests).toHaveLength(count)
    })
  })

  it('lets nobody through without credentials', async () => {
    await withPair({}, async ({ alice, bob }) => {
      const attempts = [
        toBob(bob),
        { ...toBob(bob), headers: [['Route', '<sip:rr@127.0.0.71:5060;lr>']] as [string, string][] },
        { ...toBob(bob), to: `<sip:${bob.account.user}@${DOMAIN}>;tag=forged` },
        { ...toBob(bob), uri: `sip:${bob.account.user}@203.0.113.2:5060`, to: '<sip:x@y.example>;tag=forged' },
        { ...toBob(bob), headers: [['Route', '<sip:127.0.0.71;lr>, <sip:203.0.113.2:5060;lr>']] as [string, string][] },
      ]
      for (const attempt of attempts) expect((await alice.send(alice.make(attempt))).at(-1)?.status).toBe(407)

      expect(bob.requests).toEqual([])
    })
  })
})
