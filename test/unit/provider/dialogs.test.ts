import { describe, expect, it } from 'vitest'
import { createRequest, createResponse } from '../../../src/message/build.js'
import type { SipRequest, SipResponse } from '../../../src/message/message.js'
import { SrtpContext } from '../../../src/media/srtp.js'
import { serializeRtp } from '../../../src/media/rtp.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { rulesWith } from '../../../src/provider/faults.js'
import { isUsable, MediaCipher } from '../../../src/provider/media-cipher.js'
import type { CryptoAttribute } from '../../../src/sdp/crypto-attribute.js'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { Town } from './town.js'

const sdp = (address: string, port = 4000) =>
  `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\n`

async function pair(story: (town: Town, alice: Probe, bob: Probe) => Promise<void>): Promise<void> {
  const town = new Town()
  await town.run(async () => {
    await town.open()
    const alice = await new Probe(town, 1).start()
    const bob = await new Probe(town, 2).start()
    await bob.ask({ contact: bob.contact })
    await story(town, alice, bob)
  })
}

/** A request of the caller in the dialog that a response made, by way of its Record-Route. */
function inDialog(request: SipRequest, response: SipResponse, method: string, cseq: number): SipRequest {
  const contacts = response.contacts()
  return createRequest({
    method,
    uri: contacts === '*' ? '' : contacts[0]!.uri,
    from: request.headers.get('From')!,
    to: response.headers.get('To')!,
    callId: request.callId,
    cseq,
    headers: response
      .recordRoutes()
      .toReversed()
      .map(({ uri }) => ['Route', `<${uri}>`] as const),
  })
}

describe('dialogs through the proxy', () => {
  it('of a fork beyond: one ends, the other goes on with its media', async () => {
    await pair(async (town, alice, bob) => {
      bob.onRequest = (tx) => {
        if (tx.request.method !== 'INVITE') {
          tx.respond(createResponse(tx.request, 200))
          return
        }
        for (const tag of ['one', 'two']) {
          tx.respond(
            createResponse(tx.request, 200, undefined, {
              toTag: tag,
              contact: bob.contact,
              body: sdp(bob.address),
              contentType: 'application/sdp',
            }),
          )
        }
      }
      const uri = `sip:${bob.account.user}@${DOMAIN}`
      const request = alice.make({
        method: 'INVITE',
        uri,
        to: `<${uri}>`,
        contact: alice.contact,
        body: sdp(alice.address),
        contentType: 'application/sdp',
      })
      const challenge = (await alice.send(request.clone())).at(-1)!
      request.headers.set(...alice.credentials(challenge, request))
      const answers: SipResponse[] = []
      alice.layer.request(request, PROVIDER, { onResponse: (response) => answers.push(response) })
      await town.clock.sleep(500)
      const [one, two] = answers.filter(({ status }) => status === 200)
      expect([one?.to.tag, two?.to.tag]).toEqual(['one', 'two'])
      for (const response of [one!, two!])
        await alice.layer.sendStateless(inDialog(request, response, 'ACK', request.cseq.number), PROVIDER)

      const audio = await town.network.bindUdp({ address: bob.address, port: 4000 })
      let heard = 0
      audio.onMessage = () => heard++
      const relay = {
        address: /c=IN IP4 (\S+)/.exec(one!.body.toString())![1]!,
        port: Number(/m=audio (\d+)/.exec(one!.body.toString())![1]),
      }
      const device = await town.network.bindUdp({ address: alice.address, port: 4000 })
      const speak = async () => {
        device.send(
          serializeRtp({
            payloadType: 8,
            sequenceNumber: 1,
            timestamp: 1,
            ssrc: 1,
            marker: false,
            payload: Buffer.alloc(160),
          }),
          relay,
        )
        await town.clock.sleep(50)
        return heard
      }
      expect((await alice.send(inDialog(request, two!, 'BYE', request.cseq.number + 1))).at(-1)?.status).toBe(200)
      expect(await speak()).toBe(1)
      expect((await alice.send(inDialog(request, one!, 'BYE', request.cseq.number + 2))).at(-1)?.status).toBe(200)
      expect(await speak()).toBe(1)
      expect(bob.acks).toHaveLength(2)
    })
  })

  it('of a subscription, whose NOTIFY may come first', async () => {
    await pair(async (town, alice, bob) => {
      bob.onRequest = (tx) => {
        const { request } = tx
        const notify = createRequest({
          method: 'NOTIFY',
          uri: alice.contact.slice(1, -1),
          from: `${request.headers.get('To')!};tag=notifier`,
          to: request.headers.get('From')!,
          callId: request.callId,
          cseq: 1,
          contact: bob.contact,
          headers: [
            ['Route', request.headers.get('Record-Route')!],
            ['Event', 'x'],
            ['Subscription-State', 'active'],
          ],
        })
        void bob.send(notify)
        town.clock.after(200, () =>
          tx.respond(createResponse(request, 200, undefined, { toTag: 'notifier', contact: bob.contact })),
        )
      }
      alice.onRequest = (tx) => tx.respond(createResponse(tx.request, 200))
      const uri = `sip:${bob.account.user}@${DOMAIN}`
      expect(
        (
          await alice.ask({
            method: 'SUBSCRIBE',
            uri,
            to: `<${uri}>`,
            contact: alice.contact,
            headers: [['Event', 'x']],
          })
        )?.status,
      ).toBe(200)
      expect(alice.requests.map(({ method }) => method)).toEqual(['NOTIFY'])
    })
  })

  it('of a service: refreshed by the service where it is asked to', async () => {
    await pair(async (town, alice) => {
      alice.onRequest = (tx) => tx.respond(createResponse(tx.request, 200))
      const uri = `sip:00038799999@${DOMAIN}`
      const audio = await town.network.bindUdp({ address: alice.address, port: 4000 })
      const answer = await alice.ask({
        method: 'INVITE',
        uri,
        to: `<${uri}>`,
        contact: alice.contact,
        headers: [
          ['Supported', 'timer'],
          ['Session-Expires', '120;refresher=uas'],
        ],
        body: sdp(alice.address),
        contentType: 'application/sdp',
      })
      expect(answer?.headers.get('Session-Expires')).toBe('120;refresher=uas')
      const ack = createRequest({
        method: 'ACK',
        uri: /<(.*)>/.exec(answer!.headers.get('Contact')!)![1]!,
        from: answer!.headers.get('From')!,
        to: answer!.headers.get('To')!,
        callId: answer!.callId,
        cseq: answer!.cseq.number,
      })
      await alice.layer.sendStateless(ack, PROVIDER)
      const relay = {
        address: /c=IN IP4 (\S+)/.exec(answer!.body.toString())![1]!,
        port: Number(/m=audio (\d+)/.exec(answer!.body.toString())![1]),
      }
      const packet = serializeRtp({
        payloadType: 8,
        sequenceNumber: 1,
        timestamp: 1,
        ssrc: 1,
        marker: false,
        payload: Buffer.alloc(160),
      })
      for (let minute = 0; minute < 4; minute++) {
        audio.send(packet, relay)
        await town.clock.sleep(61_000)
      }
      expect(alice.requests.filter(({ method }) => method === 'UPDATE').length).toBe(4)
    })
  })
})

describe('SRTP that ends at the relay', () => {
  const key = (fill: number): CryptoAttribute => ({
    tag: '1',
    suite: 'AES_CM_128_HMAC_SHA1_80',
    keys: [{ keySalt: Buffer.alloc(30, fill) }],
    parameters: {},
  })
  const sender = () =>
    new SrtpContext({
      suite: 'AES_CM_128_HMAC_SHA1_80',
      keys: [{ key: Buffer.alloc(16, 1), salt: Buffer.alloc(14, 1) }],
    })
  const rtp = (sequenceNumber: number) =>
    serializeRtp({
      payloadType: 8,
      sequenceNumber,
      timestamp: 160,
      ssrc: 9,
      marker: false,
      payload: Buffer.alloc(160, 3),
    })

  const cases: [FaultName | undefined, tampered: boolean, replayed: boolean][] = [
    [undefined, false, false],
    ['srtp-tampered-accepted', true, false],
    ['srtp-replays-accepted', false, true],
  ]
  for (const [fault, tampered, replayed] of cases) {
    it(`reads what is authentic and new${fault === undefined ? '' : `, or has the defect ${fault}`}`, () => {
      const cipher = new MediaCipher(key(1), key(2), rulesWith(fault === undefined ? [] : [fault]).encryption)
      const context = sender()
      const packet = context.protect(rtp(1))
      expect(cipher.unprotect(packet)?.equals(rtp(1))).toBe(true)
      expect(cipher.unprotect(packet) !== undefined).toBe(replayed)
      const changed = context.protect(rtp(2))
      changed[changed.length - 1]! ^= 1
      expect(cipher.unprotect(changed) !== undefined).toBe(tampered)
      const out = cipher.protect(rtp(3))!
      expect(out.subarray(12, 172).equals(rtp(3).subarray(12))).toBe(false)
    })
  }

  it('takes no line that would weaken it, or that is for another stream (RFC 4568 §6.3)', () => {
    expect(isUsable(key(1))).toBe(true)
    expect(isUsable({ ...key(1), parameters: { wsh: 128, kdr: 4, fecOrder: 'FEC_SRTP' } })).toBe(true)
    for (const parameters of [
      { unencryptedSrtp: true },
      { unencryptedSrtcp: true },
      { unauthenticatedSrtp: true },
      { fecKeys: key(3).keys },
    ])
      expect(isUsable({ ...key(1), parameters })).toBe(false)

    expect(isUsable({ ...key(1), suite: 'F8_128_HMAC_SHA1_80' })).toBe(false)
  })
})
