import { describe, expect, it } from 'vitest'
import type { SipRequest, SipResponse } from '../../../src/message/message.js'
import { createRequest } from '../../../src/message/build.js'
import { parseRtcp } from '../../../src/media/rtcp.js'
import { parseRtp, serializeRtp } from '../../../src/media/rtp.js'
import { serializeEvent } from '../../../src/media/telephone-event.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { SessionDescription } from '../../../src/sdp/session-description.js'
import type { Hop } from '../../../src/transport/flow.js'
import type { Endpoint } from '../../../src/transport/network.js'
import { announced } from './announced.js'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { called, Town } from './town.js'

type Row = [FaultName, (town: Town) => Promise<unknown>, clean: unknown, faulty: unknown]

const ECHO = '00038799999'
const DTMF = '00038799998'

const offer = (o: { address?: string; lines?: string[]; direction?: string; version?: number } = {}) =>
  [
    'v=0',
    `o=- 1 ${o.version ?? 1} IN IP4 ${o.address ?? '203.0.113.1'}`,
    's=-',
    `c=IN IP4 ${o.address ?? '203.0.113.1'}`,
    't=0 0',
    ...(o.lines ?? ['m=audio 4000 RTP/AVP 8 99', 'a=rtpmap:99 telephone-event/8000']),
    ...(o.direction === undefined ? [] : [`a=${o.direction}`]),
    '',
  ].join('\r\n')

interface Dialled {
  readonly probe: Probe
  readonly answers: SipResponse[]
  readonly final: SipResponse
  /** Sends a request in the dialog that the final answer made. */
  say(
    method: string,
    o?: { cseq?: number; tag?: string; body?: string; headers?: [string, string][]; from?: string; uri?: string },
  ): Promise<SipResponse | undefined>
  acknowledge(body?: string): Promise<void>
  readonly sdp: SessionDescription
}

async function probeIn(town: Town, n = 1): Promise<Probe> {
  return await new Probe(town, n).start()
}

/** Calls a service by hand; resolves at the final answer, which gets no ACK yet. */
async function dial(
  town: Town,
  number: string,
  o: { body?: string; headers?: [string, string][]; probe?: Probe; hop?: Hop; contentType?: string } = {},
): Promise<Dialled> {
  const probe = o.probe ?? (await probeIn(town))
  const uri = `sip:${number}@${DOMAIN}`
  const body = o.body ?? offer()
  const make = () =>
    probe.make({
      method: 'INVITE',
      uri,
      to: `<${uri}>`,
      contact: probe.contact,
      ...(o.headers === undefined ? {} : { headers: o.headers }),
      ...(body === '' ? {} : { body, contentType: o.contentType ?? 'application/sdp' }),
    })
  const request = make()
  const challenge = (await probe.send(request.clone(), o.hop)).at(-1)!
  request.headers.set('CSeq', `${request.cseq.number + 1} INVITE`)
  request.headers.set(...probe.credentials(challenge, request))
  let sequence = request.cseq.number
  const compose = (method: string, at: SipResponse, p: Parameters<Dialled['say']>[1] = {}): SipRequest => {
    const contacts = at.contacts()
    const target = contacts === '*' ? undefined : contacts[0]?.uri
    return createRequest({
      method,
      uri: p.uri ?? target ?? uri,
      from: p.from ?? request.headers.get('From')!,
      to: `<${uri}>;tag=${p.tag ?? at.to.tag}`,
      callId: request.callId,
      cseq: p.cseq ?? (method === 'ACK' ? request.cseq.number : ++sequence),
      contact: probe.contact,
      headers: p.headers,
      ...(p.body === undefined ? {} : { body: p.body, contentType: 'application/sdp' }),
    })
  }
  async function prack(response: SipResponse): Promise<void> {
    const rack = `${response.headers.get('RSeq')} ${request.cseq.number} INVITE`
    await probe.send(compose('PRACK', response, { headers: [['RAck', rack]] }))
  }
  const answers: SipResponse[] = []
  const final = await new Promise<SipResponse>((resolve) => {
    probe.layer.request(request, o.hop ?? PROVIDER, {
      onResponse: (response) => {
        answers.push(response)
        if (response.headers.has('RSeq') && response.status < 200) void prack(response)
        if (response.status >= 200) resolve(response)
      },
    })
  })
  return {
    probe,
    answers,
    final,
    sdp: SessionDescription.parse(final.body),
    say: async (method, p) => (await probe.send(compose(method, final, p), o.hop)).at(-1),
    acknowledge: async (text) => {
      await probe.layer.sendStateless(
        compose('ACK', final, text === undefined ? {} : { body: text }),
        o.hop ?? PROVIDER,
      )
      await town.clock.sleep(50)
    },
  }
}

const relayOf = (sdp: SessionDescription): Endpoint => ({
  address: sdp.media[0]!.connection!.address,
  port: sdp.media[0]!.port,
})

/** A device's RTP by hand: what came, and a way to send. */
async function rtp(town: Town, address = '203.0.113.1', port = 4000) {
  const got: Buffer[] = []
  const control: Buffer[] = []
  const socket = await town.network.bindUdp({ address, port })
  const rtcp = await town.network.bindUdp({ address, port: port + 1 })
  socket.onMessage = (data) => void (data[1]! >= 192 && data[1]! < 224 ? control : got).push(data)
  rtcp.onMessage = (data) => void control.push(data)
  let sequence = 100
  const send = (to: Endpoint, o: { payloadType?: number; payload?: Buffer; timestamp?: number } = {}) =>
    socket.send(
      serializeRtp({
        payloadType: o.payloadType ?? 8,
        sequenceNumber: ++sequence,
        timestamp: o.timestamp ?? sequence * 160,
        ssrc: 77,
        marker: false,
        payload: o.payload ?? Buffer.alloc(160, 0xd5),
      }),
      to,
    )
  const talk = async (to: Endpoint, packets: number) => {
    for (let n = 0; n < packets; n++) {
      send(to)
      await town.clock.sleep(20)
    }
  }
  /** Presses a key: three reports, three ends. */
  const press = async (to: Endpoint, event: number, timestamp: number) => {
    for (const [duration, end] of [
      [160, false],
      [320, false],
      [480, true],
      [480, true],
      [480, true],
    ] as const) {
      send(to, { payloadType: 99, payload: serializeEvent({ event, end, volume: 10, duration }), timestamp })
      await town.clock.sleep(20)
    }
    await town.clock.sleep(100)
  }
  return {
    got,
    control,
    send,
    talk,
    press,
    packets: () => got.map((data) => parseRtp(data)).flatMap((p) => ('code' in p ? [] : [p])),
  }
}

const sentTo = (town: Town, address: string, start: string) =>
  town.parcels.filter(({ to, data }) => to.address === address && data.toString('latin1').startsWith(start)).length

const status = (response: SipResponse | undefined) => response?.status

/** Presses two keys, the same one twice, and returns the digits that came back. */
const dtmf = async (town: Town) => {
  const audio = await rtp(town)
  const call = await dial(town, DTMF)
  await call.acknowledge()
  const relay = relayOf(call.sdp)
  await audio.press(relay, 5, 16_000)
  await audio.press(relay, 5, 32_000)
  await town.clock.sleep(3000)
  return audio.packets().filter(({ payload }) => payload.length === 4)
}
const digitsOf = (events: { timestamp: number; payload: Buffer }[]) =>
  new Set(events.map(({ timestamp }) => timestamp)).size

const services: Row[] = [
  [
    '2xx-not-repeated',
    async (town) => {
      await dial(town, ECHO)
      await town.clock.sleep(5000)
      return sentTo(town, '203.0.113.1', 'SIP/2.0 200')
    },
    4,
    1,
  ],
  [
    'no-bye-without-ack',
    async (town) => {
      await dial(town, ECHO)
      await town.clock.sleep(40_000)
      return sentTo(town, '203.0.113.1', 'BYE') > 0
    },
    true,
    false,
  ],
  [
    'unknown-dialog-accepted',
    async (town) => {
      const call = await dial(town, ECHO)
      await call.acknowledge()
      return status(await call.say('BYE', { tag: 'wrong' }))
    },
    481,
    200,
  ],
  [
    'dialog-order-ignored',
    async (town) => {
      const call = await dial(town, ECHO)
      await call.acknowledge()
      return status(await call.say('INFO', { cseq: 1 }))
    },
    500,
    200,
  ],
  [
    'target-not-refreshed',
    async (town) => {
      const call = await dial(town, '*11')
      await call.acknowledge()
      call.probe.account = { ...call.probe.account, user: 'moved' }
      await call.say('INVITE', { body: offer() })
      await town.clock.sleep(6000)
      return call.probe.requests.find(({ method }) => method === 'BYE')?.uri
    },
    'sip:moved@203.0.113.1:5060',
    'sip:00038710001@203.0.113.1:5060',
  ],
  ...(['no-retry-after', 'overlap-accepted'] as const).map(
    (fault): Row => [
      fault,
      async (town) => {
        const call = await dial(town, ECHO)
        await call.acknowledge()
        // The second comes before the first is answered.
        const body = offer({ version: 2 })
        const answers = await Promise.all([call.say('INVITE', { body }), call.say('INVITE', { body })])
        return answers.map((answer) => [status(answer), answer?.headers.has('Retry-After')])
      },
      [
        [200, false],
        [500, true],
      ],
      fault === 'overlap-accepted'
        ? [
            [200, false],
            [200, false],
          ]
        : [
            [200, false],
            [500, false],
          ],
    ],
  ),
  [
    'failed-reinvite-ends-call',
    async (town) => {
      const call = await dial(town, ECHO)
      await call.acknowledge()
      await call.say('INVITE', { body: offer({ lines: ['m=audio 4000 RTP/AVP 18'] }) })
      await town.clock.sleep(100)
      return sentTo(town, '203.0.113.1', 'BYE')
    },
    0,
    1,
  ],
  ['late-offer-refused', async (town) => status((await dial(town, ECHO, { body: '' })).final), 200, 488],
  [
    'bye-from-anyone',
    async (town) => {
      const call = await dial(town, ECHO)
      await call.acknowledge()
      return status(await call.say('BYE', { from: '<sip:x@y>;tag=z', tag: 'q' }))
    },
    481,
    200,
  ],
  [
    'merged-accepted',
    async (town) => {
      const probe = await probeIn(town)
      const request = probe.make({
        method: 'INVITE',
        uri: `sip:${ECHO}@${DOMAIN}`,
        contact: probe.contact,
        body: offer(),
        contentType: 'application/sdp',
      })
      const challenge = (await probe.send(request.clone())).at(-1)!
      request.headers.set(...probe.credentials(challenge, request))
      const twin = request.clone()
      twin.headers.set(...probe.credentials(challenge, request, probe.account, { nc: 2 }))
      const both = await Promise.all([probe.send(request), probe.send(twin)])
      return both.map((answers) => answers.at(-1)?.status)
    },
    [200, 482],
    [200, 200],
  ],
  [
    'require-ignored',
    async (town) => status((await dial(town, ECHO, { headers: [['Require', 'levitation']] })).final),
    420,
    200,
  ],
  ['no-415', async (town) => status((await dial(town, ECHO, { body: 'x', contentType: 'text/odd' })).final), 415, 488],
  [
    'no-501',
    async (town) => status(await (await probeIn(town)).ask({ method: 'LEVITATE', uri: `sip:${ECHO}@${DOMAIN}` })),
    501,
    405,
  ],
  [
    'no-allow',
    async (town) =>
      (await (await probeIn(town)).ask({ method: 'MESSAGE', uri: `sip:${ECHO}@${DOMAIN}` }))?.headers.has('Allow'),
    true,
    false,
  ],
  [
    'options-404',
    async (town) => status(await (await probeIn(town)).ask({ method: 'OPTIONS', uri: `sip:${ECHO}@${DOMAIN}` })),
    200,
    404,
  ],
  [
    'reliable-not-repeated',
    async (town) => {
      town.lose = ({ message }) => message?.kind === 'request' && message.method === 'PRACK'
      void dial(town, ECHO, { headers: [['Require', '100rel']] })
      await town.clock.sleep(5000)
      return sentTo(town, '203.0.113.1', 'SIP/2.0 180')
    },
    4,
    1,
  ],
  [
    'rack-unchecked',
    async (town) => {
      let answer: number | undefined
      const probe = await probeIn(town)
      probe.transport.intercept = (message) => {
        if (message.kind === 'response' && message.cseq.method === 'PRACK') answer = message.status
        if (message.kind === 'response') message.headers.set('RSeq', '1')
        return false
      }
      void dial(town, ECHO, { probe, headers: [['Require', '100rel']] })
      await town.clock.sleep(1000)
      return answer
    },
    481,
    200,
  ],
  [
    'rseq-jumps',
    async (town) => {
      const call = await dial(town, '*02', { headers: [['Supported', '100rel']] })
      const [first, second] = call.answers
        .flatMap((answer) => Number(answer.headers.get('RSeq') ?? []))
        .filter((n) => n > 0)
      return second! - first!
    },
    1,
    2,
  ],
  [
    'unasked-reliable',
    async (town) => (await dial(town, ECHO)).answers.some((answer) => answer.headers.has('RSeq')),
    false,
    true,
  ],
  [
    'session-timer-ignored',
    async (town) =>
      (
        await dial(town, ECHO, {
          headers: [
            ['Supported', 'timer'],
            ['Session-Expires', '120'],
          ],
        })
      ).final.headers.get('Session-Expires'),
    '120;refresher=uac',
    undefined,
  ],
  [
    'session-not-ended',
    async (town) => {
      const call = await dial(town, ECHO, {
        headers: [
          ['Supported', 'timer'],
          ['Session-Expires', '120'],
        ],
      })
      await call.acknowledge()
      await town.clock.sleep(125_000)
      return sentTo(town, '203.0.113.1', 'BYE') > 0
    },
    true,
    false,
  ],
  [
    'hold-ignored',
    async (town) => {
      const audio = await rtp(town)
      const call = await dial(town, DTMF)
      await call.acknowledge()
      await call.say('INVITE', { body: offer({ direction: 'sendonly', version: 2 }) })
      await town.clock.sleep(100)
      audio.got.length = 0
      await town.clock.sleep(1000)
      return audio.got.length > 0
    },
    false,
    true,
  ],
  [
    'origin-version-kept',
    async (town) => {
      const call = await dial(town, ECHO)
      await call.acknowledge()
      const again = await call.say('INVITE', { body: offer({ direction: 'sendonly', version: 2 }) })
      const version = (sdp: SessionDescription) => Number(sdp.origin?.version)
      return version(SessionDescription.parse(again!.body)) - version(call.sdp)
    },
    1,
    0,
  ],
  [
    'audio-type-forced',
    async (town) => {
      const audio = await rtp(town)
      const call = await dial(town, DTMF)
      await call.acknowledge()
      await town.clock.sleep(500)
      return audio.packets()[0]?.payloadType
    },
    8,
    0,
  ],
  [
    'media-lines-dropped',
    async (town) =>
      (await dial(town, ECHO, { body: offer({ lines: ['m=audio 4000 RTP/AVP 8', 'm=video 4002 RTP/AVP 31'] }) })).sdp
        .media.length,
    2,
    1,
  ],
  [
    'no-common-codec-accepted',
    async (town) => status((await dial(town, ECHO, { body: offer({ lines: ['m=audio 4000 RTP/AVP 18'] }) })).final),
    488,
    200,
  ],
  [
    'keys-in-clear',
    async (town) =>
      status(
        (
          await dial(town, ECHO, {
            body: offer({
              lines: ['m=audio 4000 RTP/SAVP 8', 'a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:' + 'A'.repeat(40)],
            }),
          })
        ).final,
      ),
    488,
    200,
  ],
  [
    'savp-without-keys-accepted',
    async (town) =>
      (await dial(town, ECHO, { body: offer({ lines: ['m=audio 4000 RTP/SAVP 8'] }) })).sdp.media[0]?.protocol,
    undefined,
    'RTP/SAVP',
  ],
  ['dtmf-type-forced', async (town) => (await dtmf(town))[0]?.payloadType, 99, 101],
  ['dtmf-end-is-a-digit', async (town) => digitsOf(await dtmf(town)), 2, 6],
  ['dtmf-repeat-swallowed', async (town) => digitsOf(await dtmf(town)), 2, 1],
  ['event-timestamp-moves', async (town) => digitsOf(await dtmf(town)) > 2, false, true],
  [
    'event-ends-once',
    async (town) => (await dtmf(town)).filter(({ payload }) => (payload[1]! & 0x80) !== 0).length,
    6,
    2,
  ],
  [
    'rtcp-loss-invented',
    async (town) => {
      const audio = await rtp(town)
      const call = await dial(town, ECHO)
      await call.acknowledge()
      await audio.talk(relayOf(call.sdp), 500)
      const [report] = parseRtcp(audio.control.at(-1)!).packets
      return report?.type === 'SR' ? report.reports[0]?.cumulativeLost : report?.type
    },
    0,
    100,
  ],
  [
    'no-cname',
    async (town) => {
      const audio = await rtp(town)
      const call = await dial(town, ECHO)
      await call.acknowledge()
      await audio.talk(relayOf(call.sdp), 500)
      return parseRtcp(audio.control.at(-1)!).packets.map(({ type }) => type)
    },
    ['SR', 'SDES'],
    ['SR'],
  ],
  [
    'codes-without-effect',
    async (town) => {
      const phone = await town.phone(1)
      const heard: (string | undefined)[] = []
      for (let n = 0; n < 2; n++) {
        const since = town.clock.now()
        await phone.invite('*40').ended
        heard.push(announced(town, since))
      }
      return heard
    },
    ['switchedOn', 'switchedOff'],
    ['switchedOff', 'switchedOff'],
  ],
  ['star-as-escape-unknown', async (town) => status((await dial(town, '%2A01')).final), 200, 404],
  ...(['wake-up-late', 'wake-up-once', 'wake-up-not-cancelled'] as const).map(
    (fault): Row => [
      fault,
      async (town) => {
        const phone = await town.phone(1)
        await phone.register()
        const at: number[] = []
        phone.onCall = (call) => {
          at.push(Math.round(town.clock.now() / 1000))
          void call.answer()
        }
        for (const code of fault === 'wake-up-not-cancelled' ? ['*55*0110#', '#55*0110#'] : ['*55*0110#'])
          await phone.invite(code).ended
        await town.clock.sleep(1_200_000)
        return at
      },
      fault === 'wake-up-not-cancelled' ? [] : [600, 900],
      { 'wake-up-late': [690, 990], 'wake-up-once': [600], 'wake-up-not-cancelled': [600, 900] }[fault],
    ],
  ),
  [
    'late-cancel-kills',
    async (town) => {
      const [alice, bob] = [await town.phone(1), await town.phone(2)]
      await bob.register()
      const ringing = called(bob)
      const out = alice.invite(bob.account.user)
      const inc = await ringing
      await inc.answer()
      await out.answered
      await town.clock.sleep(1000)
      const invite = town.parcels.findLast(
        ({ from, message }) =>
          from.address === '192.0.2.1' && message?.kind === 'request' && message.method === 'INVITE',
      )!.message!
      if (invite.kind !== 'request') throw new Error('no INVITE')
      const cancel = createRequest({
        method: 'CANCEL',
        uri: invite.uri,
        from: invite.headers.get('From')!,
        to: invite.headers.get('To')!,
        callId: invite.callId,
        cseq: invite.cseq.number,
        via: invite.headers.get('Via')!,
      })
      const socket = await town.network.bindUdp({ address: '192.0.2.1', port: 5099 })
      socket.send(cancel.toBytes(), PROVIDER.remote)
      await town.clock.sleep(500)
      const before = out.media!.report().received.packets
      await town.clock.sleep(500)
      return out.media!.report().received.packets > before
    },
    true,
    false,
  ],
]

const call = async (town: Town) => {
  const [alice, bob] = [await town.phone(1), await town.phone(2)]
  await bob.register()
  const ringing = called(bob)
  const out = alice.invite(bob.account.user)
  const inc = await ringing
  await inc.answer()
  await out.answered
  return { alice, bob, out, inc }
}
const talks = async (town: Town) => {
  const { out, inc } = await call(town)
  await town.clock.sleep(4000)
  return { out: out.media!.report(), inc: inc.media!.report() }
}
const secure = async (town: Town, transports: ['tls' | 'udp', 'tls' | 'udp']) => {
  const alice = await town.phone(1, { transport: transports[0] })
  const bob = await town.phone(2, { transport: transports[1] })
  await bob.register()
  const ringing = called(bob)
  const out = alice.invite(bob.account.user)
  const inc = await ringing
  await inc.answer()
  await out.answered
  return { out, inc }
}
const inline = (sdp: string | undefined) => /a=crypto:(\S+) \S+ inline:([^|\s]+)/.exec(sdp ?? '')
const relays: Row[] = [
  ['relay-drops-every-50th', async (town) => (await talks(town)).out.received.lost > 0, false, true],
  ['relay-one-way', async (town) => (await talks(town)).out.received.packets > 0, true, false],
  [
    'relay-outside-the-list',
    async (town) => (await call(town)).out.media!.remote!.address.startsWith('127.0.0.19'),
    false,
    true,
  ],
  ['relay-garbles-audio', async (town) => (await talks(town)).out.heard.length, 1, 0],
  [
    'relay-delays-audio',
    async (town) => {
      const audio = await rtp(town)
      const dialled = await dial(town, ECHO)
      await dialled.acknowledge()
      audio.send(relayOf(dialled.sdp))
      await town.clock.sleep(200)
      return audio.got.length
    },
    1,
    0,
  ],
  [
    'relay-answers-strangers',
    async (town) => {
      const mine = await rtp(town)
      const stranger = await rtp(town, '198.51.100.66', 7000)
      const dialled = await dial(town, ECHO)
      await dialled.acknowledge()
      await stranger.talk(relayOf(dialled.sdp), 3)
      await town.clock.sleep(100)
      void mine
      return stranger.got.length
    },
    0,
    3,
  ],
  [
    'relay-ignores-source',
    async (town) => {
      const outside = await rtp(town, '203.0.113.1', 6000)
      const dialled = await dial(town, ECHO, { body: offer({ address: '10.0.0.9' }) })
      await dialled.acknowledge()
      await outside.talk(relayOf(dialled.sdp), 3)
      await town.clock.sleep(100)
      return outside.got.length
    },
    3,
    0,
  ],
  [
    'relay-sends-after-bye',
    async (town) => {
      const { out } = await call(town)
      await town.clock.sleep(1000)
      await out.hangUp()
      const ended = town.clock.now() + 50
      await town.clock.sleep(2000)
      return town.parcels.some(({ at, from }) => at > ended && /^127\.0\.0\.1[56]/.test(from.address))
    },
    false,
    true,
  ],
  [
    'rtcp-not-forwarded',
    async (town) => {
      const { out } = await call(town)
      await town.clock.sleep(10_000)
      return out.media!.report().rtcp.received > 0
    },
    true,
    false,
  ],
  [
    'sdp-says-ip4',
    async (town) => {
      const phone = await town.phone(1, { family: 'ipv6' })
      const out = phone.invite(ECHO)
      await out.answered
      return /c=IN (IP.)/.exec(out.remoteSdp ?? '')?.[1]
    },
    'IP6',
    'IP4',
  ],
  [
    'srtp-downgraded',
    async (town) => (await secure(town, ['tls', 'tls'])).inc.invite.body.includes('RTP/SAVP'),
    true,
    false,
  ],
  [
    'srtp-key-reused',
    async (town) => {
      const { out } = await secure(town, ['tls', 'udp'])
      return inline(out.localSdp)?.[2] === inline(out.remoteSdp)?.[2]
    },
    false,
    true,
  ],
  [
    'crypto-tag-not-echoed',
    async (town) => {
      const phone = await town.phone(1, { transport: 'tls' })
      const out = phone.invite(ECHO)
      await out.answered
      return inline(out.remoteSdp)?.[1]
    },
    '1',
    '7',
  ],
]

for (const [part, rows] of Object.entries({ services, relays })) {
  describe(`defects of the ${part}`, () => {
    for (const [fault, story, clean, faulty] of rows) {
      it(fault, async () => {
        const outcomes: unknown[] = []
        for (const faults of [[], [fault]]) {
          const town = new Town()
          await town.run(async () => {
            await town.open({ faults })
            outcomes.push(
              await story(town).catch((error: unknown) => (faults.length > 0 ? undefined : Promise.reject(error))),
            )
          })
        }
        expect(outcomes).toEqual([clean, faulty])
      })
    }
  })
}
