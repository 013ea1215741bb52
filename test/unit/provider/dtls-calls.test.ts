import { describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../../src/agent/call.js'
import { makeIdentity } from '../../../src/media/dtls/certificate.js'
import { called, Town } from './town.js'

const dtls = { identity: makeIdentity({ unixMs: 0 }) }
const HANDSHAKE = 22

/** Orders a wake-up call for the second minute, and waits until it rings. */
async function isWoken(phone: Awaited<ReturnType<Town['phone']>>): Promise<IncomingCall> {
  await phone.register()
  const order = phone.invite('*55*0102#')
  expect((await order.answered)?.status).toBe(200)
  await order.ended
  return called(phone)
}

const invitesTo = (town: Town, address: string) =>
  town.parcels.flatMap(({ to, message }) =>
    to.address === address && message?.kind === 'request' && message.method === 'INVITE' ? [message] : [],
  )

describe('calls of services with DTLS-SRTP', () => {
  it('no handshake begins before its answer has gone out', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1, { media: { dtls } })
      const call = alice.invite('00038799999')
      await call.answered
      expect(await call.media?.hears(1001, 3000)).toBe(true)
      const to = town.parcels.filter((parcel) => parcel.to.address === '192.0.2.1')
      const answer = to.findIndex(({ message }) => message?.kind === 'response' && message.body.length > 0)
      const first = to.findIndex(({ data }) => data[0] === HANDSHAKE)
      expect(first).toBe(answer + 1)
      await call.hangUp()
    })
  })

  it('a wake-up call comes with it where it was ordered with it', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1, { media: { dtls } })
      const call = await isWoken(alice)
      await call.answer()
      expect(String(invitesTo(town, '192.0.2.1').at(-1)?.body)).toContain('UDP/TLS/RTP/SAVP')
      expect(await call.media?.receives(3000)).toBe(true)
      expect(call.media?.negotiated?.dtls?.fingerprints).toHaveLength(1)
      await call.hangUp()
    })
  })

  it('and without it to a device that refuses it', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1, { media: { dtls } })
      const call = await isWoken(alice)
      const again = called(alice)
      await call.reject(488)
      const second = await again
      expect(invitesTo(town, '192.0.2.1').map(({ body }) => / (\S*RTP\S*) /.exec(String(body))?.[1])).toEqual([
        'UDP/TLS/RTP/SAVP',
        'RTP/AVP',
      ])
      await second.reject(486)
    })
  })
})
