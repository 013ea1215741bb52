import { describe, expect, it } from 'vitest'
import { createResponse } from '../../../src/message/build.js'
import type { SipResponse } from '../../../src/message/message.js'
import { defaultAddresses, type ProviderOptions } from '../../../src/provider/embedded-provider.js'
import { DnsClient } from '../../../src/transport/dns-client.js'
import { DOMAIN, Probe } from './probe.js'
import { called, Town } from './town.js'

/** What telephones of others were seen to need. */
describe('telephones of others', () => {
  it('that stop at an algorithm they do not know are asked for MD5 alone', async () => {
    await inTown({ policy: { digestAlgorithms: ['MD5'] } }, async (probe) => {
      const [asked] = await probe.send(probe.make({}))
      expect(asked?.headers.all('WWW-Authenticate')).toEqual([expect.stringContaining('algorithm=MD5')])
      expect((await probe.ask({ contact: probe.contact }))?.status).toBe(200)
    })
  })

  it('are refused an algorithm that was not offered', async () => {
    await inTown({ policy: { digestAlgorithms: ['SHA-256'] } }, async (probe) => {
      const request = probe.make({})
      const challenged = async () => (await probe.send(request.clone())).at(-1)!
      const answers = async (challenge: SipResponse) => {
        const again = probe.make({})
        again.headers.set(...probe.credentials(challenge, again))
        return (await probe.send(again)).at(-1)?.status
      }
      const other = await challenged()
      other.headers.set('WWW-Authenticate', String(other.headers.get('WWW-Authenticate')).replace('SHA-256', 'MD5'))
      expect(await answers(other)).toBe(401)
      expect(await answers(await challenged())).toBe(200)
    })
  })

  it.each([
    [`sip:${DOMAIN}:5060`, 200],
    [`sip:${DOMAIN}:5062`, 401],
    [`sip:somebody@${DOMAIN}`, 401],
  ])('that name the resource %s in their log-in get %d', async (uri, status) => {
    await inTown({}, async (probe) => {
      const request = probe.make({})
      const challenge = (await probe.send(request.clone())).at(-1)!
      const again = probe.make({})
      again.headers.set(...probe.credentials(challenge, again, undefined, { uri }))
      expect((await probe.send(again)).at(-1)?.status).toBe(status)
    })
  })

  it('may run on the machine of the provider, at another port', async () => {
    await inTown({}, async (probe) => {
      expect((await probe.ask({ contact: '<sip:x@127.0.0.71:6000>' }))?.status).toBe(200)
      for (const taken of ['127.0.0.71', '127.0.0.71:5061', '127.0.0.71:3478', '127.0.0.156:6000', '[::1]:5060'])
        expect((await probe.ask({ contact: `<sip:x@${taken}>` }))?.status, taken).toBe(403)
    })
  })

  it.each(['*#55#', '*%2355%23', '#55*0730#'])('reach a service by %s', async (code) => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      // Not strict: answers repeat its To, with a bare #.
      const probe = await new Probe(town, 1, 1, 'fast').start()
      const uri = `sip:${code}@${DOMAIN}`
      const final = await probe.ask({ method: 'INVITE', uri, to: `"Code #1" <${uri}>`, contact: probe.contact })
      expect(final?.status).toBe(200)
      // What the service says in the dialog is escaped, or strict telephones would not answer its BYE.
      let bye: string | undefined
      probe.onRequest = (tx) => {
        bye ??= tx.request.headers.get('From')
        tx.respond(createResponse(tx.request, 200))
      }
      await town.clock.sleep(20_000)
      expect(bye).toMatch(/^"Code #1" <sip:[*%\d]+@/)
    })
  })

  it.each(['*5#5@5', '*<5', 'bob#', '*%5#'])('do not by %s', async (user) => {
    await inTown({}, async (probe) => {
      const uri = `sip:${user}@${DOMAIN}`
      const final = await probe.ask({ method: 'INVITE', uri, to: `<sip:x@${DOMAIN}>`, contact: probe.contact })
      expect(final?.status).toBe(400)
    })
  })

  it('on TLS get the scheme that they speak', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [alice, bob] = [await town.phone(1, { transport: 'tls' }), await town.phone(2, { transport: 'tls' })]
      await bob.register()
      expect(bob.contactUri).toMatch(/^sip:.*;transport=tls$/)
      const incoming = called(bob)
      const call = alice.invite(bob.aor)
      const there = await incoming
      void there.answer()
      await call.answered
      const own = /^<sip:[^@>]+@127\.0\.0\.71:5061;transport=tls;lr>$/
      expect(there.invite.headers.values('Record-Route')).toEqual([expect.stringMatching(own)])
      await call.hangUp()

      const echo = alice.invite('00038799999')
      const contact = String((await echo.answered)?.headers.get('Contact'))
      expect(contact).toMatch(/^<sip:svc-[^@>]+@127\.0\.0\.71:5061;transport=tls>$/)
      await echo.hangUp()

      const secure = alice.invite(`sips:00038799999@${DOMAIN}`)
      expect(String((await secure.answered)?.headers.get('Contact'))).toMatch(/^<sips:svc-[^@>;]+@127\.0\.0\.71:5061>$/)
      await secure.hangUp()
    })
  })

  it('on UDP that leave Content-Length out reach others on TLS, and are answered by them', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const [probe, bob] = [await new Probe(town, 1).start(), await town.phone(2, { transport: 'tls' })]
      await bob.register()
      const incoming = called(bob)
      const invite = probe.make({ method: 'INVITE', uri: bob.aor, to: `<${bob.aor}>`, contact: probe.contact })
      invite.headers.remove('Content-Length')
      const [challenge] = await probe.send(invite.clone())
      invite.headers.set(...probe.credentials(challenge!, invite))
      invite.headers.set('CSeq', '2 INVITE')
      const answered = probe.send(invite)
      const call = await incoming
      expect(call.invite.headers.get('Content-Length')).toBe('0')
      void call.reject(486)
      expect((await answered).at(-1)?.status).toBe(486)

      expect((await probe.ask({ contact: probe.contact }))?.status).toBe(200)
      probe.onRequest = (tx) => {
        const busy = createResponse(tx.request, 486)
        busy.headers.remove('Content-Length')
        tx.respond(busy)
      }
      const back = bob.invite(probe.account.user)
      const final = await back.answered
      expect([final?.status, final?.headers.get('Content-Length')]).toEqual([486, '0'])
    })
  })

  it('find no address of a family that the provider does not listen on', async () => {
    await inTown({ families: ['ipv4'] }, async (_probe, town) => {
      const { dns } = defaultAddresses()
      const client = new DnsClient({ network: town.network, clock: town.clock, random: town.random, servers: [dns] })
      expect(await client.addresses(DOMAIN, 'ipv4')).toEqual(['127.0.0.71'])
      expect(await client.addresses(DOMAIN, 'ipv6')).toEqual([])
    })
  })
})

async function inTown(o: Partial<ProviderOptions>, story: (probe: Probe, town: Town) => Promise<void>): Promise<void> {
  const town = new Town()
  await town.run(async () => {
    await town.open(o)
    await story(await new Probe(town, 1).start(), town)
  })
}
