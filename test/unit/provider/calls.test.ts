import { describe, expect, it } from 'vitest'
import type { TransportName } from '../../../src/transport/flow.js'
import { called, Town } from './town.js'

const ECHO = '00038799999'

describe('the thin walk', () => {
  it('registers with digest, hears itself at the echo service, hangs up', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      const registered = await alice.register()
      expect(registered).toMatchObject({ ok: true, status: 200, expires: 3600 })
      expect(registered.exchange.challenges.map(({ status }) => status)).toEqual([401])
      const call = alice.invite(ECHO)
      expect((await call.answered)?.status).toBe(200)
      expect(await call.media?.hears(1001, 5000)).toBe(true)
      expect(call.media?.remote?.address).toMatch(/^127\.0\.0\.15[6-9]$|^127\.0\.0\.160$/)
      expect((await call.hangUp())?.status).toBe(200)
      expect(town.provider.stats()).toMatchObject({ bindings: 1, serviceCalls: 0 })
    })
    expect(town.heard('192.0.2.1')).toEqual([
      'SIP/2.0 401 Unauthorized',
      'SIP/2.0 200 OK',
      'SIP/2.0 407 Proxy Authentication Required',
      'SIP/2.0 100 Trying',
      'SIP/2.0 180 Ringing',
      // PRACK, INVITE, BYE, and the REGISTER that ends the binding.
      'SIP/2.0 200 OK',
      'SIP/2.0 200 OK',
      'SIP/2.0 200 OK',
      'SIP/2.0 200 OK',
    ])
  })
})

const lines: { transport: TransportName; family: 'ipv4' | 'ipv6' }[] = [
  { transport: 'udp', family: 'ipv4' },
  { transport: 'tcp', family: 'ipv4' },
  { transport: 'tls', family: 'ipv4' },
  { transport: 'udp', family: 'ipv6' },
  { transport: 'tls', family: 'ipv6' },
]

describe('a call between two accounts', () => {
  for (const from of lines) {
    for (const to of lines) {
      it(`from ${from.transport} on ${from.family} to ${to.transport} on ${to.family}`, async () => {
        const town = new Town()
        await town.run(async () => {
          await town.open()
          const alice = await town.phone(1, from)
          const bob = await town.phone(2, to)
          expect((await alice.register()).status).toBe(200)
          expect((await bob.register()).status).toBe(200)
          const ringing = called(bob)
          const out = alice.invite(town.provider.accounts[1]!.numbers[0]!)
          const inc = await ringing
          await inc.ring()
          expect((await out.ringing)?.status).toBe(180)
          await inc.answer()
          expect((await out.answered)?.status).toBe(200)
          expect((await inc.acknowledged)?.method).toBe('ACK')
          expect(await out.media?.hears(1002, 5000)).toBe(true)
          expect(await inc.media?.hears(1001, 5000)).toBe(true)
          await town.clock.sleep(8000)
          expect(out.media?.report().rtcp.cname).toBeDefined()
          expect(out.media?.report().received.lost).toBe(0)
          expect(inc.invite.headers.get('P-Asserted-Identity')).toContain('0211550001@')
          // A re-INVITE from the callee, then the callee hangs up.
          expect((await inc.reinvite()).status).toBe(200)
          expect((await out.reinvite()).status).toBe(200)
          expect((await inc.hangUp())?.status).toBe(200)
          expect(await out.ended).toMatchObject({ by: 'remote', cause: 'bye' })
          await town.clock.sleep(40_000)
          expect(town.provider.stats()).toMatchObject({ proxiedCalls: 0, serviceCalls: 0 })
          expect(town.provider.stats().relays.every(({ ports }) => ports === 0)).toBe(true)
        })
      })
    }
  }
})

describe('what is left behind', () => {
  it('a call whose devices fell silent ends by itself', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open({ policy: { mediaTimeoutMs: 60_000 } })
      const alice = await town.phone(1)
      const bob = await town.phone(2)
      await bob.register()
      const ringing = called(bob)
      const out = alice.invite(bob.account.user)
      await (await ringing).answer()
      await out.answered
      const echo = alice.invite(ECHO)
      await echo.answered
      await town.clock.sleep(100_000)
      expect(town.provider.stats()).toMatchObject({ proxiedCalls: 1, serviceCalls: 1 })
      expect(town.provider.presence()).toEqual({
        registered: [{ user: bob.account.user, transport: 'udp' }],
        served: [{ user: alice.account.user, transport: 'udp' }],
        callsOn: 1,
      })
      // Both are gone without a word.
      town.lose = ({ from, to }) => [from, to].some(({ address }) => address.startsWith('192.0.2.'))
      await town.clock.sleep(200_000)
      expect(town.provider.stats()).toMatchObject({ proxiedCalls: 0, serviceCalls: 0 })
      expect(town.provider.stats().relays.every(({ ports }) => ports === 0)).toBe(true)
      town.lose = undefined
    })
  })
})
