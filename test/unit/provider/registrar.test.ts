import { describe, expect, it } from 'vitest'
import type { SipResponse } from '../../../src/message/message.js'
import type { ProviderOptions } from '../../../src/provider/embedded-provider.js'
import { DOMAIN, Probe } from './probe.js'
import { Town } from './town.js'

function bindings(response: SipResponse | undefined): string[] {
  expect(response?.status).toBe(200)
  const contacts = response!.contacts()
  return contacts === '*' ? ['*'] : contacts.map(({ uri, params }) => `${uri} ${params.get('expires')}`)
}

async function inTown(o: Partial<ProviderOptions>, story: (probe: Probe, town: Town) => Promise<void>): Promise<void> {
  const town = new Town()
  await town.run(async () => {
    await town.open(o)
    await story(await new Probe(town, 1).start(), town)
  })
}

const A = '<sip:a@203.0.113.1:5060>'
const B = '<sip:b@203.0.113.1:5062>'

describe('registrar', () => {
  it('lists bindings, refreshes them, ends them at the granted time', async () => {
    await inTown({}, async (probe, town) => {
      expect(bindings(await probe.ask({ contact: A, headers: [['Expires', '60']] }))).toEqual([
        'sip:a@203.0.113.1:5060 60',
      ])
      await town.clock.sleep(20_000)
      // The same URI by the rules of comparison, another device.
      expect(bindings(await probe.ask({}))).toEqual(['sip:a@203.0.113.1:5060 40'])
      expect(bindings(await probe.ask({ contact: '<sip:%61@203.0.113.1:5060>;expires=30' }))).toEqual([
        'sip:%61@203.0.113.1:5060 30',
      ])
      await town.clock.sleep(29_000)
      expect(bindings(await probe.ask({}))).toHaveLength(1)
      await town.clock.sleep(1500)
      expect(bindings(await probe.ask({}))).toEqual([])
    })
  })

  it('displaces, forks or refuses a second device', async () => {
    const expected = { displace: [[B], 200], fork: [[A, B], 200], refuse: [[A], 403] } as const
    for (const sharedCredentials of ['displace', 'fork', 'refuse'] as const) {
      await inTown({ policy: { sharedCredentials } }, async (probe) => {
        const [left, status] = expected[sharedCredentials]
        await probe.ask({ contact: A })
        expect((await probe.ask({ contact: B }))?.status).toBe(status)
        const all = bindings(await probe.ask({}))
        expect(all.map((one) => `<${one.split(' ')[0]}>`)).toEqual(left)
      })
    }
  })

  it('keeps the order of one device, starts anew with another Call-ID', async () => {
    await inTown({ policy: { sharedCredentials: 'fork' } }, async (probe) => {
      const callId = 'device'
      expect((await probe.ask({ callId, cseq: 10, contact: A }))?.status).toBe(200)
      expect((await probe.ask({ callId, cseq: 10, contact: `${A};expires=100` }))?.status).toBe(500)
      // None of it happens when a part of it must not.
      expect(
        (
          await probe.ask({
            callId,
            cseq: 9,
            headers: [
              ['Contact', B],
              ['Contact', A],
            ],
          })
        )?.status,
      ).toBe(500)
      expect(bindings(await probe.ask({}))).toEqual(['sip:a@203.0.113.1:5060 3600'])
      expect((await probe.ask({ callId: 'restarted', cseq: 1, contact: `${A};expires=100` }))?.status).toBe(200)
      expect(bindings(await probe.ask({}))).toEqual(['sip:a@203.0.113.1:5060 100'])
    })
  })

  it('removes one contact, or all by *', async () => {
    await inTown({ policy: { sharedCredentials: 'fork' } }, async (probe) => {
      await probe.ask({
        headers: [
          ['Contact', A],
          ['Contact', B],
          ['Expires', '100'],
        ],
      })
      const after = await probe.ask({
        headers: [
          ['Contact', `${A};expires=0`],
          ['Expires', '100'],
        ],
      })
      expect(bindings(after)).toEqual(['sip:b@203.0.113.1:5062 100'])
      expect(
        (
          await probe.ask({
            headers: [
              ['Contact', '*'],
              ['Expires', '10'],
            ],
          })
        )?.status,
      ).toBe(400)
      expect(
        (
          await probe.ask({
            headers: [
              ['Contact', '*'],
              ['Contact', B],
              ['Expires', '0'],
            ],
          })
        )?.status,
      ).toBe(400)
      expect(
        bindings(
          await probe.ask({
            headers: [
              ['Contact', '*'],
              ['Expires', '0'],
            ],
          }),
        ),
      ).toEqual([])
    })
  })

  it('refuses what it must', async () => {
    await inTown({}, async (probe, town) => {
      const brief = await probe.ask({ contact: A, headers: [['Expires', '3']] })
      expect([brief?.status, brief?.headers.get('Min-Expires')]).toEqual([423, '10'])
      const strange = await probe.ask({ contact: A, headers: [['Require', 'path, levitation']] })
      expect([strange?.status, strange?.headers.get('Unsupported')]).toEqual([420, 'levitation'])
      const other = `<sip:${town.provider.accounts[1]!.user}@${DOMAIN}>`
      expect((await probe.ask({ to: other, contact: A }))?.status).toBe(403)
      expect((await probe.ask({ to: '<sip:x@example.org>', contact: A }))?.status).toBe(404)
      expect((await probe.ask({ contact: '<sip:x@127.0.0.71:5060>' }))?.status).toBe(403)
      expect((await probe.ask({ contact: `<sip:x@${DOMAIN}>` }))?.status).toBe(403)
      expect((await probe.ask({ contact: '<sips:x@203.0.113.1>' }))?.status).toBe(400)
      expect(
        (
          await probe.ask({
            headers: [
              ['Contact', A],
              ['Path', '<sip:198.51.100.9;lr>'],
              ['Supported', 'path'],
            ],
          })
        )?.status,
      ).toBe(403)
      expect(bindings(await probe.ask({}))).toEqual([])
    })
  })

  it('takes outbound flows: same instance and number replace, whatever the contact', async () => {
    await inTown({ policy: { sharedCredentials: 'fork' } }, async (probe) => {
      const flow = (n: number, uri: string) => `<${uri}>;reg-id=${n};+sip.instance="<urn:uuid:0>"`
      const headers: [string, string][] = [['Supported', 'path, outbound']]
      const first = await probe.ask({ contact: flow(1, 'sip:a@203.0.113.1'), headers })
      expect([first?.headers.get('Require'), first?.headers.get('Flow-Timer')]).toEqual(['outbound', '120'])
      await probe.ask({ contact: flow(2, 'sip:a@203.0.113.1'), headers })
      expect(bindings(await probe.ask({ contact: flow(1, 'sip:b@203.0.113.1'), headers }))).toHaveLength(2)
    })
  })

  it('lets one device hold two flows where two devices displace each other', async () => {
    await inTown({ policy: { sharedCredentials: 'displace' } }, async (probe) => {
      const flow = (n: number, instance: string) =>
        `<sip:${n}@203.0.113.1>;reg-id=${n};+sip.instance="<urn:uuid:${instance}>"`
      const headers: [string, string][] = [['Supported', 'path, outbound']]
      await probe.ask({ contact: flow(1, 'a'), headers })
      expect(bindings(await probe.ask({ contact: flow(2, 'a'), headers }))).toHaveLength(2)
      expect(bindings(await probe.ask({ contact: flow(1, 'b'), headers }))).toHaveLength(1)
    })
  })

  it('agrees on outbound for flows alone, one at a time, and for those whose first hop keeps them (RFC 5626 §6)', async () => {
    await inTown({ policy: { sharedCredentials: 'fork' } }, async (probe) => {
      const plain = '<sip:a@203.0.113.1>'
      const flow = `${plain};reg-id=1;+sip.instance="<urn:uuid:0>"`
      const supported: [string, string][] = [['Supported', 'path, outbound']]
      await probe.ask({ contact: flow, headers: supported })
      const noFlow = await probe.ask({ contact: '<sip:b@203.0.113.1>;reg-id=1', headers: supported })
      expect([noFlow?.status, noFlow?.headers.get('Require')]).toEqual([200, undefined])
      const two = await probe.ask({ contact: `${flow}, <sip:c@203.0.113.1>`, headers: supported })
      expect(two?.status).toBe(400)
      const beyond: [string, string][] = [...supported, ['Via', 'SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKbeyond']]
      expect((await probe.ask({ contact: flow, headers: beyond }))?.status).toBe(439)
      const path = (uri: string): [string, string][] => [...beyond, ['Path', `<${uri}>`]]
      expect((await probe.ask({ contact: flow, headers: path('sip:203.0.113.1;lr') }))?.status).toBe(439)
      const kept = await probe.ask({ contact: flow, headers: path('sip:203.0.113.1;lr;ob') })
      expect([kept?.status, kept?.headers.get('Require')]).toEqual([200, 'outbound'])
    })
  })
})

describe('digest', () => {
  it('offers the strongest algorithm first, accepts each, and no other password', async () => {
    await inTown({}, async (probe) => {
      const request = probe.make({})
      const challenge = (await probe.send(request.clone())).at(-1)!
      expect(challenge.headers.all('WWW-Authenticate').map((v) => /algorithm=([\w-]+)/.exec(v)?.[1])).toEqual([
        'SHA-512-256',
        'SHA-256',
        'MD5',
      ])
      for (const [index, algorithm] of ['SHA-512-256', 'SHA-256', 'MD5'].entries()) {
        const again = request.clone()
        again.headers.set(...probe.credentials(challenge, request, probe.account, { algorithm, nc: index + 1 }))
        expect((await probe.send(again)).at(-1)?.status).toBe(200)
      }
      const wrong = request.clone()
      wrong.headers.set(...probe.credentials(challenge, request, { ...probe.account, password: 'x' }))
      const answer = (await probe.send(wrong)).at(-1)!
      expect([answer.status, answer.headers.get('WWW-Authenticate')?.includes('stale')]).toEqual([401, false])
      const unknown = request.clone()
      unknown.headers.set(...probe.credentials(challenge, request, { user: 'nobody', password: 'x' }))
      expect((await probe.send(unknown)).at(-1)?.status).toBe(401)
    })
  })

  it('tells stale from wrong, and refuses a replay and another URI', async () => {
    await inTown({ policy: { nonceLifetimeMs: 5000 } }, async (probe, town) => {
      const request = probe.make({ contact: A })
      const challenge = (await probe.send(request.clone())).at(-1)!
      const attempt = async (o: { uri?: string; nc?: number }) => {
        const again = request.clone()
        again.headers.set('Call-ID', town.random.token(9))
        again.headers.set(...probe.credentials(challenge, request, probe.account, o))
        const answer = (await probe.send(again)).at(-1)!
        return `${answer.status}${/stale=true/i.test(answer.headers.get('WWW-Authenticate') ?? '') ? ' stale' : ''}`
      }
      expect(await attempt({ nc: 1 })).toBe('200')
      expect(await attempt({ nc: 1 })).toBe('401 stale')
      expect(await attempt({ nc: 2, uri: 'sip:other@example.org' })).toBe('401')
      expect(await attempt({ nc: 2 })).toBe('200')
      await town.clock.sleep(5001)
      expect(await attempt({ nc: 3 })).toBe('401 stale')
    })
  })

  it('challenges an INVITE once, by no timer again', async () => {
    await inTown({}, async (probe, town) => {
      const invite = probe.make({ method: 'INVITE', uri: `sip:00038799999@${DOMAIN}`, contact: A })
      // No ACK: the transaction of the probe is bypassed.
      const bytes = invite.clone()
      bytes.headers.prepend('Via', 'SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKonce')
      await probe.transport.send(bytes, { transport: 'udp', remote: { address: '127.0.0.71', port: 5060 } })
      await town.clock.sleep(40_000)
      expect(town.heard('203.0.113.1')).toEqual(['SIP/2.0 407 Proxy Authentication Required'])
    })
  })
})
