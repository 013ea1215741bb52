import { describe, expect, it } from 'vitest'
import { createResponse, type ResponseOptions } from '../../../src/message/build.js'
import type { SipRequest, SipResponse } from '../../../src/message/message.js'
import type { FaultName, ProviderPolicy } from '../../../src/provider/embedded-provider.js'
import type { ClientTransaction, ServerTransaction } from '../../../src/transaction/transaction-layer.js'
import type { Hop } from '../../../src/transport/flow.js'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { Town } from './town.js'

/** What a story sees of a provider without defects, and of one that has this one. */
type Row = [FaultName, (stage: Stage) => Promise<unknown>, clean: unknown, faulty: unknown, Partial<ProviderPolicy>?]

interface Stage {
  readonly town: Town
  readonly a: Probe
  /** Registered. */
  readonly b: Probe
}

const TCP: Hop = { ...PROVIDER, transport: 'tcp' }
const CONTACT = '<sip:a@203.0.113.1:5060>'
const sdp = (address: string) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n`

const status = (response: SipResponse | undefined) => response?.status
const count = (response: SipResponse | undefined) => response?.contacts().length
const toB = ({ b }: Stage, method = 'INVITE') => ({
  method,
  uri: `sip:${b.account.user}@${DOMAIN}`,
  to: `<sip:${b.account.user}@${DOMAIN}>`,
})
const answer = (tx: ServerTransaction, code: number, o: ResponseOptions = {}) =>
  tx.respond(createResponse(tx.request, code, undefined, { toTag: 'callee', ...o }))
const accepts =
  (probe: Probe, tag = 'callee') =>
  (tx: ServerTransaction) =>
    answer(tx, 200, {
      toTag: tag,
      contact: probe.contact,
      headers: tx.request.headers.all('Record-Route').map((value) => ['Record-Route', value] as const),
      body: sdp(probe.address),
      contentType: 'application/sdp',
    })

/** One flow of a device with an instance-id (RFC 5626 §4.2). */
const flow = (regId: number, contact: string) => ({
  callId: 'flows-of-one-device',
  contact: `${contact};reg-id=${regId};+sip.instance="<urn:uuid:0>"`,
  headers: [['Supported', 'path, outbound']] satisfies [string, string][],
})

/** What a request to b comes over. */
async function reachedOver(stage: Stage): Promise<string[]> {
  const over: string[] = []
  stage.b.onRequest = (tx) => {
    over.push(tx.flow.transport)
    answer(tx, 200)
  }
  await stage.a.ask(toB(stage, 'MESSAGE'))
  return over
}

/** Sends an INVITE with credentials; answers are collected. */
async function invites(
  stage: Stage,
  o: { to?: string; headers?: [string, string][]; body?: string; hop?: Hop; prepare?: (r: SipRequest) => void } = {},
) {
  const { a } = stage
  const uri = o.to === undefined ? toB(stage).uri : `sip:${o.to}@${DOMAIN}`
  const request = a.make({
    method: 'INVITE',
    uri,
    to: `<${uri}>`,
    contact: a.contact,
    ...(o.headers === undefined ? {} : { headers: o.headers }),
    body: o.body ?? sdp(a.address),
    contentType: 'application/sdp',
  })
  const challenge = (await a.send(request.clone(), o.hop)).at(-1)!
  request.headers.set('CSeq', `${request.cseq.number + 1} INVITE`)
  request.headers.set(...a.credentials(challenge, request))
  o.prepare?.(request)
  const answers: SipResponse[] = []
  const tx: ClientTransaction = a.layer.request(request, o.hop ?? PROVIDER, {
    onResponse: (response) => answers.push(response),
  })
  return { tx, request, answers, statuses: () => answers.map((response) => response.status) }
}

/** Seconds since the first, of all that the probe received of this kind. */
function times(stage: Stage, at: Probe, kind: (line: string) => boolean): number[] {
  const parcels = stage.town.parcels.filter(
    ({ to, data }) => to.address === at.address && kind(data.toString('latin1').split('\r\n')[0]!),
  )
  return parcels.map((parcel) => Math.round((parcel.at - parcels[0]!.at) / 100) / 10)
}

const isMethod = (method: string) => (line: string) => line.startsWith(`${method} `)
const isStatus = (code: number) => (line: string) => line.startsWith(`SIP/2.0 ${code}`)

/** B never gets a word out. */
function mutes(stage: Stage): void {
  stage.town.lose = ({ from, message }) => from.address === stage.b.address && message?.kind === 'response'
}

const registrar: Row[] = [
  [
    'refresh-adds-binding',
    async ({ a }) => {
      await a.ask({ contact: CONTACT, callId: 'x' })
      return count(await a.ask({ contact: CONTACT, callId: 'x' }))
    },
    1,
    2,
  ],
  [
    'star-ignored',
    async ({ a }) => {
      await a.ask({ contact: CONTACT })
      return count(
        await a.ask({
          headers: [
            ['Contact', '*'],
            ['Expires', '0'],
          ],
        }),
      )
    },
    0,
    1,
  ],
  [
    'bad-star-accepted',
    async ({ a }) =>
      status(
        await a.ask({
          headers: [
            ['Contact', '*'],
            ['Expires', '9'],
          ],
        }),
      ),
    400,
    200,
  ],
  [
    'register-order-ignored',
    async ({ a }) => {
      await a.ask({ contact: CONTACT, callId: 'x', cseq: 5 })
      return status(await a.ask({ contact: CONTACT, callId: 'x', cseq: 4 }))
    },
    500,
    200,
  ],
  [
    'register-not-atomic',
    async ({ a }) => {
      await a.ask({ contact: CONTACT, callId: 'x', cseq: 5 })
      await a.ask({
        headers: [
          ['Contact', '<sip:new@203.0.113.1>'],
          ['Contact', CONTACT],
        ],
        callId: 'x',
        cseq: 4,
      })
      return count(await a.ask({}))
    },
    1,
    2,
  ],
  [
    'no-min-expires',
    async ({ a }) => (await a.ask({ contact: CONTACT, headers: [['Expires', '2']] }))?.headers.get('Min-Expires'),
    '10',
    undefined,
  ],
  [
    'brief-registration-accepted',
    async ({ a }) => status(await a.ask({ contact: CONTACT, headers: [['Expires', '2']] })),
    423,
    200,
  ],
  [
    'binding-ends-early',
    async ({ a, town }) => {
      await a.ask({ contact: CONTACT, headers: [['Expires', '20']] })
      await town.clock.sleep(12_000)
      return count(await a.ask({}))
    },
    1,
    0,
  ],
  [
    'binding-never-ends',
    async ({ a, town }) => {
      await a.ask({ contact: CONTACT, headers: [['Expires', '20']] })
      await town.clock.sleep(22_000)
      return count(await a.ask({}))
    },
    0,
    1,
  ],
  [
    'contact-expires-ignored',
    async ({ a }) =>
      count(
        await a.ask({
          headers: [
            ['Contact', `${CONTACT};expires=0`],
            ['Expires', '60'],
          ],
        }),
      ),
    0,
    1,
  ],
  [
    'contacts-compared-as-text',
    async ({ a }) => {
      await a.ask({ contact: CONTACT, callId: 'x' })
      return count(await a.ask({ contact: '<sip:%61@203.0.113.1:5060>', callId: 'x' }))
    },
    1,
    2,
  ],
  [
    'registers-for-anyone',
    async ({ a, b }) => status(await a.ask({ to: `<sip:${b.account.user}@${DOMAIN}>` })),
    403,
    200,
  ],
  [
    'require-ignored-by-registrar',
    async ({ a }) => status(await a.ask({ headers: [['Require', 'levitation']] })),
    420,
    200,
  ],
  ['own-address-as-contact', async ({ a }) => status(await a.ask({ contact: '<sip:x@127.0.0.71>' })), 403, 200],
  ['sips-contact-mixed', async ({ a }) => status(await a.ask({ contact: '<sips:x@203.0.113.1>' })), 400, 200],
  [
    'keeps-both-devices',
    async ({ a }) => {
      await a.ask({ contact: CONTACT })
      return count(await a.ask({ contact: '<sip:other@203.0.113.1>' }))
    },
    1,
    2,
  ],
  [
    'second-device-refused',
    async ({ a }) => {
      await a.ask({ contact: CONTACT })
      return status(await a.ask({ contact: '<sip:other@203.0.113.1>' }))
    },
    200,
    403,
  ],
  [
    'outbound-ignored',
    async ({ a }) => {
      const first = await a.ask(flow(1, CONTACT))
      const second = await a.ask(flow(1, '<sip:other@203.0.113.1>'))
      return [first?.headers.get('Require'), count(second)]
    },
    ['outbound', 1],
    ['outbound', 2],
  ],
  [
    'old-flow-kept',
    async (stage) => {
      await stage.b.ask(flow(1, stage.b.contact))
      await stage.b.ask({ ...flow(1, stage.b.contact), hop: TCP })
      return reachedOver(stage)
    },
    ['tcp'],
    ['udp'],
  ],
  [
    'all-flows-called',
    async (stage) => {
      await stage.b.ask(flow(1, stage.b.contact))
      await stage.b.ask({ ...flow(2, stage.b.contact), hop: TCP })
      return reachedOver(stage)
    },
    ['tcp'],
    ['udp', 'tcp'],
  ],
  [
    'aor-not-unescaped',
    async ({ a }) => status(await a.ask({ to: `<sip:%30${a.account.user.slice(1)}@${DOMAIN};user=phone>` })),
    200,
    403,
  ],
  ['unknown-aor-accepted', async ({ a }) => status(await a.ask({ to: '<sip:x@example.org>' })), 404, 200],
  [
    'record-route-in-register',
    async ({ a }) => (await a.ask({ headers: [['Record-Route', '<sip:x;lr>']] }))?.headers.has('Record-Route'),
    false,
    true,
  ],
]

const challenged = async ({ a }: Stage, o: Parameters<Probe['make']>[0] = {}) => (await a.send(a.make(o))).at(-1)!
const digest: Row[] = [
  [
    'challenges-in-wrong-order',
    async (stage) =>
      (await challenged(stage)).headers.all('WWW-Authenticate').map((v) => /algorithm=([\w-]+)/.exec(v)?.[1]),
    ['SHA-512-256', 'SHA-256', 'MD5'],
    ['MD5', 'MD5', 'SHA-256'],
  ],
  ['no-qop', async (stage) => (await challenged(stage)).headers.get('WWW-Authenticate')?.includes('qop'), true, false],
  [
    'basic-offered',
    async (stage) => (await challenged(stage)).headers.get('WWW-Authenticate')?.split(' ')[0],
    'Digest',
    'Basic',
  ],
  [
    'challenge-header-swapped',
    async (stage) => (await challenged(stage, toB(stage))).headers.has('Proxy-Authenticate'),
    true,
    false,
  ],
  ...(['stale-unflagged', 'nonce-never-stale'] as const).map(
    (fault): Row => [
      fault,
      async (stage) => {
        const request = stage.a.make({})
        const challenge = (await stage.a.send(request.clone())).at(-1)!
        await stage.town.clock.sleep(31_000)
        request.headers.set(...stage.a.credentials(challenge, request))
        const again = (await stage.a.send(request)).at(-1)!
        return `${again.status} ${/stale=true/i.test(again.headers.get('WWW-Authenticate') ?? '')}`
      },
      '401 true',
      fault === 'stale-unflagged' ? '401 false' : '200 false',
    ],
  ),
  [
    'nonce-count-unchecked',
    async ({ a }) => {
      const request = a.make({})
      const challenge = (await a.send(request.clone())).at(-1)!
      request.headers.set(...a.credentials(challenge, request))
      await a.send(request.clone())
      return status((await a.send(request.clone())).at(-1))
    },
    401,
    200,
  ],
  [
    'digest-uri-unchecked',
    async ({ a }) => {
      const request = a.make({})
      const challenge = (await a.send(request.clone())).at(-1)!
      request.headers.set(...a.credentials(challenge, request, a.account, { uri: 'sip:elsewhere' }))
      return status((await a.send(request)).at(-1))
    },
    401,
    200,
  ],
  ['wrong-password-accepted', async ({ a }) => status(await a.ask({}, { ...a.account, password: 'x' })), 401, 200],
  ['users-enumerable', async ({ a }) => status(await a.ask({}, { user: 'nobody', password: 'x' })), 401, 404],
  [
    'challenge-repeated',
    async (stage) => {
      const request = stage.a.make({ method: 'INVITE', uri: `sip:00038799999@${DOMAIN}` })
      request.headers.prepend('Via', 'SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKonce')
      await stage.a.transport.send(request, PROVIDER)
      await stage.town.clock.sleep(2000)
      return times(stage, stage.a, isStatus(407)).length
    },
    1,
    3,
  ],
]

const silentInvite = async (stage: Stage) => {
  mutes(stage)
  await invites(stage)
  await stage.town.clock.sleep(70_000)
  return times(stage, stage.b, isMethod('INVITE'))
}
const silentMessage = async (stage: Stage) => {
  mutes(stage)
  const answered = status(await stage.a.ask(toB(stage, 'MESSAGE')))
  return [times(stage, stage.b, isMethod('MESSAGE')), answered]
}
const INVITE_TIMES = [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
const REQUEST_TIMES = [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
const unacknowledged = async (stage: Stage) => {
  stage.b.onRequest = (tx) => answer(tx, 486)
  stage.town.lose = ({ from, message }) =>
    from.address === stage.a.address && message?.kind === 'request' && message.method === 'ACK'
  await invites(stage)
  await stage.town.clock.sleep(60_000)
  return times(stage, stage.a, isStatus(486)).length
}
const transaction: Row[] = [
  ['invite-not-resent', silentInvite, INVITE_TIMES, [0]],
  [
    'invite-interval-even',
    async (stage) => (await silentInvite(stage)).slice(0, 5),
    [0, 0.5, 1.5, 3.5, 7.5],
    [0, 0.5, 1, 1.5, 2],
  ],
  ['gives-up-early', silentInvite, INVITE_TIMES, [0, 0.5, 1.5, 3.5]],
  ['never-gives-up', silentInvite, INVITE_TIMES, [...INVITE_TIMES, 63.5]],
  ['request-not-resent', silentMessage, [REQUEST_TIMES, 100], [[0], 100]],
  ['request-interval-unbounded', async (stage) => (await silentMessage(stage))[0], REQUEST_TIMES, INVITE_TIMES],
  [
    'non-invite-408',
    async (stage) => {
      await silentMessage(stage)
      await stage.town.clock.sleep(1000)
      return times(stage, stage.a, isStatus(408)).length
    },
    0,
    1,
  ],
  [
    'early-100-for-non-invite',
    async (stage) => {
      mutes(stage)
      void stage.a.ask(toB(stage, 'MESSAGE'))
      await stage.town.clock.sleep(1000)
      return times(stage, stage.a, isStatus(100)).length
    },
    0,
    2,
  ],
  ['final-not-repeated', unacknowledged, 11, 1],
  ['final-repeated-for-ever', unacknowledged, 11, 18],
  [
    'resends-on-streams',
    async (stage) => {
      await stage.b.ask({ contact: `<sip:b@${stage.b.address};transport=tcp>`, hop: TCP })
      let invited = 0
      stage.b.transport.intercept = (message) => {
        if (message.kind === 'request') invited++
        return true
      }
      await invites(stage)
      await stage.town.clock.sleep(2200)
      return invited
    },
    1,
    5,
  ],
  [
    'answers-not-kept',
    async ({ a, town }) => {
      const request = a.make({})
      request.headers.prepend('Via', 'SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKtwice')
      const nonces = new Set<string | undefined>()
      a.transport.onMessage = (message) => nonces.add(message.headers.get('WWW-Authenticate'))
      for (let n = 0; n < 2; n++) {
        await a.transport.send(request, PROVIDER)
        await town.clock.sleep(100)
      }
      return nonces.size
    },
    1,
    2,
  ],
  [
    'no-trying',
    async (stage) => {
      stage.b.onRequest = () => {}
      const call = await invites(stage)
      await stage.town.clock.sleep(150)
      return call.statuses()
    },
    [100],
    [],
  ],
  [
    'ack-with-new-branch',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 486)
      await invites(stage)
      await stage.town.clock.sleep(100)
      const branch = (method: string) =>
        stage.town.parcels.findLast(
          ({ to, message }) =>
            to.address === stage.b.address && message?.kind === 'request' && message.method === method,
        )?.message?.via.branch
      return branch('INVITE') === branch('ACK')
    },
    true,
    false,
  ],
  [
    'stray-2xx-lost',
    async (stage) => {
      stage.b.onRequest = accepts(stage.b)
      const call = await invites(stage)
      await stage.town.clock.sleep(1000)
      const final = stage.town.parcels.findLast(
        ({ from, message }) => from.address === stage.b.address && message?.kind === 'response',
      )!
      await stage.b.transport.send(final.message!, PROVIDER)
      await stage.town.clock.sleep(100)
      return call.statuses().filter((code) => code === 200).length
    },
    2,
    1,
  ],
]

const ringing =
  (stage: Stage, o: { on?: Probe; final?: number; cancelled?: () => void } = {}) =>
  (tx: ServerTransaction) => {
    if (tx.request.method !== 'INVITE') return
    tx.onCancel = (cancel) => {
      o.cancelled?.()
      answer(cancel, 200)
      answer(tx, 487)
    }
    answer(tx, 180)
    if (o.final === 200) accepts(o.on ?? stage.b)(tx)
    else if (o.final !== undefined) answer(tx, o.final)
  }
const forked = async (stage: Stage, first: number | undefined, second: number | undefined) => {
  const other = await new Probe(stage.town, 3, 2).start()
  await other.ask({ contact: other.contact })
  let cancelled = 0
  stage.b.onRequest = ringing(stage, { ...(first === undefined ? {} : { final: first }), cancelled: () => cancelled++ })
  other.onRequest = ringing(stage, {
    on: other,
    ...(second === undefined ? {} : { final: second }),
    cancelled: () => cancelled++,
  })
  const call = await invites(stage)
  await stage.town.clock.sleep(2000)
  return [call.statuses().at(-1), cancelled]
}
const received = async (stage: Stage, o: Partial<Parameters<Probe['make']>[0]> = {}) => {
  stage.b.onRequest = (tx) => answer(tx, 200)
  await stage.a.ask({ ...toB(stage, 'MESSAGE'), ...o })
  return stage.b.requests.at(-1)!
}
const finalOf = (code: number) => async (stage: Stage) => {
  stage.b.onRequest = (tx) => answer(tx, code)
  return status(await stage.a.ask(toB(stage)))
}
const fork = { sharedCredentials: 'fork' } as const
const proxy: Row[] = [
  [
    'cancel-not-forwarded',
    async (stage) => {
      stage.b.onRequest = ringing(stage)
      const call = await invites(stage)
      await stage.town.clock.sleep(500)
      call.tx.cancel()
      await stage.town.clock.sleep(500)
      return call.statuses()
    },
    [100, 180, 487],
    [100, 180],
  ],
  [
    'stray-cancel-accepted',
    async ({ a }) => status(await a.ask({ method: 'CANCEL', uri: `sip:00038799999@${DOMAIN}` })),
    481,
    200,
  ],
  [
    'max-forwards-0-forwarded',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(await stage.a.ask({ ...toB(stage, 'MESSAGE'), maxForwards: 0 }))
    },
    483,
    200,
  ],
  ['max-forwards-kept', async (stage) => (await received(stage, { maxForwards: 9 })).maxForwards, 8, 9],
  [
    'max-forwards-not-added',
    async (stage) => (await received(stage, { maxForwards: null })).maxForwards,
    70,
    undefined,
  ],
  [
    'proxy-require-ignored',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(await stage.a.ask({ ...toB(stage, 'MESSAGE'), headers: [['Proxy-Require', 'x']] }))
    },
    420,
    200,
  ],
  [
    'no-record-route',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 486)
      await stage.a.ask(toB(stage))
      return stage.b.requests.at(-1)!.headers.has('Record-Route')
    },
    true,
    false,
  ],
  [
    'strict-router-unknown',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(
        await stage.a.ask({
          ...toB(stage, 'MESSAGE'),
          uri: 'sip:rr@127.0.0.71;lr',
          headers: [['Route', `<${toB(stage).uri}>`]],
        }),
      )
    },
    200,
    404,
  ],
  ['losers-not-cancelled', (stage) => forked(stage, undefined, 200), [200, 1], [200, 0], fork],
  ['best-is-first', (stage) => forked(stage, 486, 603), [603, 0], [486, 0], fork],
  [
    'timer-c-short',
    async (stage) => {
      stage.b.onRequest = ringing(stage)
      const call = await invites(stage)
      await stage.town.clock.sleep(70_000)
      return call.statuses().at(-1)
    },
    180,
    487,
  ],
  [
    'unknown-header-dropped',
    async (stage) => (await received(stage, { headers: [['X-Test', '1']] })).headers.get('X-Test'),
    '1',
    undefined,
  ],
  [
    'unknown-methods-refused',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(await stage.a.ask(toB(stage, 'RINGPROOF')))
    },
    200,
    501,
  ],
  [
    'one-2xx-only',
    async (stage) => {
      stage.b.onRequest = (tx) => {
        accepts(stage.b, 'one')(tx)
        accepts(stage.b, 'two')(tx)
      }
      const call = await invites(stage)
      await stage.town.clock.sleep(500)
      return call.statuses()
    },
    [100, 200, 200],
    [100, 200],
  ],
  [
    'forwards-100',
    async (stage) => {
      stage.b.onRequest = (tx) => void answer(tx, 100)
      const call = await invites(stage)
      await stage.town.clock.sleep(500)
      return call.statuses()
    },
    [100],
    [100, 100],
  ],
  [
    'provisionals-dropped',
    async (stage) => {
      stage.b.onRequest = (tx) => void answer(tx, 183)
      const call = await invites(stage)
      await stage.town.clock.sleep(500)
      return call.statuses()
    },
    [100, 183],
    [100],
  ],
  [
    'to-tag-changed',
    async (stage) => {
      stage.b.onRequest = ringing(stage)
      const call = await invites(stage)
      await stage.town.clock.sleep(500)
      return call.answers.at(-1)?.to.tag
    },
    'callee',
    'xcallee',
  ],
  ['forwards-503', finalOf(503), 500, 503],
  ['finals-become-480', finalOf(486), 486, 480],
  ['max-breadth-dropped', async (stage) => (await received(stage)).headers.get('Max-Breadth'), '60', undefined],
  [
    'brief-session-accepted',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 486)
      return status(
        await stage.a.ask({
          ...toB(stage),
          headers: [
            ['Session-Expires', '30'],
            ['Supported', 'timer'],
          ],
        }),
      )
    },
    422,
    486,
  ],
  [
    'no-min-se',
    async (stage) =>
      (
        await stage.a.ask({
          ...toB(stage),
          headers: [
            ['Session-Expires', '30'],
            ['Supported', 'timer'],
          ],
        })
      )?.headers.get('Min-SE'),
    '90',
    undefined,
  ],
  [
    'sips-downgraded',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 486)
      return status(await stage.a.ask({ ...toB(stage), uri: toB(stage).uri.replace('sip:', 'sips:') }))
    },
    480,
    486,
  ],
  [
    'nat-ignored',
    async (stage) => {
      await stage.b.ask({ contact: '<sip:b@10.0.0.7:5060>' })
      stage.b.onRequest = (tx) => answer(tx, 486)
      void stage.a.ask(toB(stage))
      await stage.town.clock.sleep(1000)
      return stage.b.requests.length
    },
    1,
    0,
  ],
  [
    'nat-binding-forgotten',
    async (stage) => {
      await stage.b.ask({ contact: '<sip:b@10.0.0.7:5060>' })
      stage.b.onRequest = (tx) => answer(tx, 486)
      await stage.town.clock.sleep(25_000)
      void stage.a.ask(toB(stage))
      await stage.town.clock.sleep(1000)
      return stage.b.requests.length
    },
    1,
    0,
  ],
  [
    'nat-port-of-contact',
    async (stage) => {
      await stage.b.ask({ contact: '<sip:b@10.0.0.7:5777>' })
      stage.b.onRequest = (tx) => answer(tx, 486)
      void stage.a.ask(toB(stage))
      await stage.town.clock.sleep(1000)
      return stage.b.requests.length
    },
    1,
    0,
  ],
  [
    'carrier-addresses-unknown',
    async (stage) => {
      await stage.b.ask({ contact: '<sip:b@100.127.0.7:5060>' })
      stage.b.onRequest = (tx) => answer(tx, 486)
      void stage.a.ask(toB(stage))
      await stage.town.clock.sleep(1000)
      return stage.b.requests.length
    },
    1,
    0,
  ],
  [
    'never-leaves-udp',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      await stage.a.ask({ ...toB(stage, 'MESSAGE'), body: 'x'.repeat(1100), contentType: 'text/plain', hop: TCP })
      return stage.b.requests.at(-1)!.via.transport
    },
    'TCP',
    'UDP',
  ],
  [
    'extension-lost',
    async (stage) => {
      const trunk = await new Probe(stage.town, 12).start()
      await trunk.ask({ contact: trunk.contact })
      trunk.onRequest = (tx) => answer(tx, 486)
      const number = `${stage.town.provider.accounts[11]!.numbers[0]!}77`
      await stage.a.ask({ method: 'INVITE', uri: `sip:${number}@${DOMAIN}`, to: `<sip:${number}@${DOMAIN}>` })
      return trunk.requests.at(-1)!.to.uri.includes(number)
    },
    true,
    false,
  ],
  [
    'loops-undetected',
    async (stage) => {
      const { b, town } = stage
      b.onRequest = (tx) => {
        const back = tx.request.clone()
        back.uri = toB(stage).uri
        b.layer.request(back, PROVIDER, {
          onResponse: (response) => {
            response.headers.removeFirstValue('Via')
            if (response.status > 100) tx.respond(response)
          },
        })
      }
      void town
      return status(await stage.a.ask(toB(stage, 'MESSAGE')))
    },
    482,
    407,
  ],
]

const identity: Row[] = [
  [
    'any-from-accepted',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(await stage.a.ask({ ...toB(stage, 'MESSAGE'), from: '<sip:112@example.org>' }))
    },
    403,
    200,
  ],
  [
    'asserted-identity-passed',
    async (stage) =>
      (await received(stage, { headers: [['P-Asserted-Identity', '<sip:1@x>']] })).headers.get('P-Asserted-Identity'),
    `<sip:0211550001@${DOMAIN}>`,
    '<sip:1@x>',
  ],
  [
    'preferred-identity-passed',
    async (stage) =>
      (await received(stage, { headers: [['P-Preferred-Identity', '<sip:1@x>']] })).headers.has('P-Preferred-Identity'),
    false,
    true,
  ],
  [
    'privacy-ignored',
    async (stage) => (await received(stage, { headers: [['Privacy', 'id']] })).headers.has('P-Asserted-Identity'),
    false,
    true,
  ],
  [
    'preloaded-route-trusted',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(
        (
          await stage.a.send(stage.a.make({ ...toB(stage, 'MESSAGE'), headers: [['Route', '<sip:127.0.0.71;lr>']] }))
        ).at(-1),
      )
    },
    407,
    200,
  ],
  [
    'to-tag-trusted',
    async (stage) => {
      stage.b.onRequest = (tx) => answer(tx, 200)
      return status(
        (await stage.a.send(stage.a.make({ ...toB(stage, 'MESSAGE'), to: `<${toB(stage).uri}>;tag=x` }))).at(-1),
      )
    },
    407,
    200,
  ],
]

for (const [part, rows] of Object.entries({ registrar, digest, transaction, proxy, identity })) {
  describe(`defects of the ${part}`, () => {
    for (const [fault, story, clean, faulty, policy = {}] of rows) {
      it(fault, async () => {
        const outcomes: unknown[] = []
        for (const faults of [[], [fault]]) {
          const town = new Town()
          await town.run(async () => {
            await town.open({ faults, policy })
            const a = await new Probe(town, 1).start()
            const b = await new Probe(town, 2).start()
            await b.ask({ contact: b.contact })
            outcomes.push(await story({ town, a, b }))
          })
        }
        expect(outcomes).toEqual([clean, faulty])
      })
    }
  })
}
