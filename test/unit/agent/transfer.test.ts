import { describe, expect, it } from 'vitest'
import type { Call, IncomingCall, OutgoingCall } from '../../../src/agent/call.js'
import { PLAIN, TRANSFERRING } from '../../../src/agent/capabilities.js'
import type { IncomingReferral } from '../../../src/agent/referral.js'
import { replacedBy, replacesValue } from '../../../src/agent/replaces.js'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import type { UserAgentOptions } from '../../../src/agent/options.js'
import { Dialog } from '../../../src/dialog/dialog.js'
import { createRequest } from '../../../src/message/build.js'
import { parseUri } from '../../../src/message/uri.js'
import { Line, SDP } from './line.js'

const toHost: UserAgentOptions['outbound'] = (uri) => ({
  transport: 'udp',
  remote: { address: parseUri(uri).host, port: 5060 },
})
const called = (agent: UserAgent) =>
  new Promise<IncomingCall>((resolve) => {
    agent.onCall = resolve
  })

/** Alice has called Bob; Carol is there, too. */
async function three(line: Line, o: Partial<UserAgentOptions> = { transfers: true }) {
  const phone = (name: string, n: number) => line.phone(name, n, 1, { outbound: toHost, ...o })
  const [alice, bob, carol] = [await phone('alice', 1), await phone('bob', 2), await phone('carol', 3)]
  const { out, inc } = await connect(alice, bob, 2)
  return { alice, bob, carol, out, inc }
}

async function connect(from: UserAgent, to: UserAgent, n: number) {
  const ringing = called(to)
  const out = from.invite(`sip:phone@10.0.0.${n}`, { sdp: SDP('10.0.0.1', 4000) })
  const inc = await ringing
  await inc.answer({ sdp: SDP(`10.0.0.${n}`, 5000) })
  await inc.acknowledged
  return { out, inc }
}

/** Calls whom it is asked to, and tells how it goes. */
function follows(agent: UserAgent): { referral?: IncomingReferral; call?: OutgoingCall } {
  const seen: { referral?: IncomingReferral; call?: OutgoingCall } = {}
  agent.transfers.onRefer = (referral) => {
    referral.accept()
    const call = agent.invite(referral.to, { sdp: SDP('10.0.0.2', 5002), headers: referral.headers })
    Object.assign(seen, { referral, call })
    void call.ringing.then((ringing) => ringing && referral.tells(ringing.status, ringing.reason))
    void call.answered.then((final) => referral.tells(final?.status ?? 408, final?.reason ?? ''))
  }
  return seen
}

describe('REFER within a call', () => {
  it('is carried out by the other side, which tells how it goes', async () => {
    const line = new Line()
    await line.run(async () => {
      const { bob, carol, out } = await three(line)
      const followed = follows(bob)
      carol.onCall = (call) => void call.ring().then(() => call.answer({ sdp: SDP('10.0.0.3', 6000) }))
      const referral = await out.refer('sip:carol@10.0.0.3')
      expect(referral.exchange.status).toBe(202)
      expect(await referral.outcome).toBe(200)
      expect(referral.statuses).toEqual([100, 180, 200])
      expect(referral.notices.map(({ headers }) => headers.get('Subscription-State'))).toEqual([
        'active;expires=180',
        'active;expires=180',
        'terminated;reason=noresource',
      ])
      expect(referral.notices.map(({ headers, contentType }) => [headers.get('Event'), contentType])[0]).toEqual([
        'refer',
        'message/sipfrag',
      ])
      expect(followed.call?.invite?.headers.get('Referred-By')).toBe('<sip:alice@example.net>')
      expect(line.requests('NOTIFY').every(({ headers }) => headers.has('Contact'))).toBe(true)
    })
  })

  it('tells a failure, and the call goes on', async () => {
    const line = new Line()
    await line.run(async () => {
      const { bob, carol, out, inc } = await three(line)
      follows(bob)
      carol.onCall = (call) => void call.reject(486)
      const first = await out.refer('sip:carol@10.0.0.3', { referredBy: false })
      expect(await first.outcome).toBe(486)
      // RFC 3515 §2.4.6: from the second on the NOTIFYs say which REFER they are about.
      const second = await out.refer('sip:carol@10.0.0.3')
      expect(await second.outcome).toBe(486)
      const { number } = second.exchange.requests[0]!.cseq
      expect(second.notices.map(({ headers }) => headers.get('Event'))).toEqual([
        `refer;id=${number}`,
        `refer;id=${number}`,
      ])
      expect([first.statuses, second.statuses]).toEqual([
        [100, 486],
        [100, 486],
      ])
      expect([out.state, inc.state]).toEqual(['established', 'established'])
    })
  })

  it('is refused by who does not take it, declined by who has nobody to decide, and wants one Refer-To', async () => {
    const line = new Line()
    await line.run(async () => {
      const { bob, out } = await three(line)
      const declined = await out.refer('sip:carol@10.0.0.3')
      expect([declined.exchange.status, await declined.outcome]).toEqual([603, undefined])
      bob.transfers.onRefer = () => {}
      const two = await out.request('REFER', { headers: { 'Refer-To': ['<sip:a@10.0.0.3>', '<sip:b@10.0.0.3>'] } })
      expect(two.status).toBe(400)
      expect((await out.request('REFER')).status).toBe(400)
    })
    const plain = new Line()
    await plain.run(async () => {
      const { out } = await three(plain, {})
      const referral = await out.refer('sip:carol@10.0.0.3')
      expect(referral.exchange.status).toBe(405)
      expect(referral.exchange.final?.headers.get('Allow')).not.toContain('REFER')
    })
  })

  it('a NOTIFY of no transfer gets 481', async () => {
    const line = new Line()
    await line.run(async () => {
      const { inc } = await three(line)
      const notice = { Event: 'refer', 'Subscription-State': 'active' }
      const body = { body: 'SIP/2.0 200 OK\r\n', contentType: 'message/sipfrag' }
      expect((await inc.request('NOTIFY', { headers: notice, ...body })).status).toBe(481)
    })
  })

  it('that nobody answers any more ends with the call', async () => {
    const line = new Line()
    await line.run(async () => {
      const { bob, out, inc } = await three(line)
      bob.transfers.onRefer = (referral) => referral.accept()
      const referral = await out.refer('sip:carol@10.0.0.3')
      await inc.hangUp()
      expect(await referral.outcome).toBeUndefined()
      expect(referral.statuses).toEqual([100])
    })
  })
})

describe('Replaces', () => {
  it('puts the new call in the place of the one with the transferor, which is hung up', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob, carol, out } = await three(line)
      const consultation = await connect(alice, carol, 3)
      follows(bob)
      const ringing = called(carol)
      const value = encodeURIComponent(replacesValue(consultation.out.dialog!))
      const asked = out.refer(`sip:carol@10.0.0.3?Replaces=${value}&Require=replaces`)
      const joined = await ringing
      expect(joined.replaces).toBe(consultation.inc)
      await joined.answer({ sdp: SDP('10.0.0.3', 6000) })
      expect(await consultation.out.ended).toMatchObject({ by: 'remote', cause: 'bye' })
      expect(await (await asked).outcome).toBe(200)
      expect(joined.state).toBe('established')
    })
  })

  it('of a call that is not there is refused with 481, and of a phone that does not know it with 420', async () => {
    const line = new Line()
    await line.run(async () => {
      const { alice, bob } = await three(line)
      const replaces = { Replaces: 'x;to-tag=1;from-tag=2', Require: 'replaces' }
      const out = alice.invite('sip:bob@10.0.0.2', { sdp: SDP('10.0.0.1', 4002), headers: replaces })
      expect((await out.answered)?.status).toBe(481)
      expect(bob.calls.size).toBe(1)
    })
    const plain = new Line()
    await plain.run(async () => {
      const { alice } = await three(plain, {})
      const out = alice.invite('sip:bob@10.0.0.2', { headers: { Require: 'replaces' } })
      expect((await out.answered)?.status).toBe(420)
    })
  })

  const inviteWith = (...values: string[]) =>
    createRequest({
      method: 'INVITE',
      uri: 'sip:carol@10.0.0.3',
      from: { uri: 'sip:alice@example.net', tag: 'r' },
      to: { uri: 'sip:carol@example.net' },
      callId: 'a',
      cseq: 1,
      contact: '<sip:alice@10.0.0.1>',
      headers: values.map((value): [string, string] => ['Replaces', value]),
    })
  type Known = Pick<Call, 'dialogs' | 'state' | 'direction'>
  const here: Known = { dialogs: [Dialog.ofCallee(inviteWith(), 'l')], state: 'established', direction: 'incoming' }

  it.each<[string, string[], Partial<Known>, 'taken' | number | undefined]>([
    ['a call that is up', ['a;to-tag=l;from-tag=r'], {}, 'taken'],
    ['parameters in another order, with spaces', ['a ; From-Tag = r ;to-tag=l'], {}, 'taken'],
    ['tags the other way round', ['a;to-tag=r;from-tag=l'], {}, 481],
    ['another Call-ID', ['b;to-tag=l;from-tag=r'], {}, 481],
    ['no from-tag', ['a;to-tag=l'], {}, 400],
    ['two of them', ['a;to-tag=l;from-tag=r', 'b;to-tag=l;from-tag=r'], {}, 400],
    ['one that is to be early and is up', ['a;to-tag=l;from-tag=r;early-only'], {}, 486],
    ['one that rings at its caller', ['a;to-tag=l;from-tag=r'], { state: 'early', direction: 'outgoing' }, 'taken'],
    ['one that rings here', ['a;to-tag=l;from-tag=r'], { state: 'early' }, 481],
    ['none', [], {}, undefined],
  ])('%s', (_, values, o, expected) => {
    const known = { ...here, ...o }
    const found = replacedBy(inviteWith(...values), TRANSFERRING, () => [known])
    expect(found === known ? 'taken' : found).toBe(expected)
    expect(replacedBy(inviteWith(...values), PLAIN, () => [known])).toBeUndefined()
  })
})
