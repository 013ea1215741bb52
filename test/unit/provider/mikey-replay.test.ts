import { describe, expect, it } from 'vitest'
import { offerMikey } from '../../../src/media/mikey/mikey-exchange.js'
import { Town } from './town.js'

const ECHO = '00038799999'
const KEY = 'known to both'

/** An offer with a message of MIKEY by the pre-shared key, made so many minutes ago. */
function offered({ clock, random }: Town, minutesAgo = 0): { sdp: string } {
  const { bytes } = offerMikey({
    random,
    unixMs: clock.unixMs() - minutesAgo * 60_000,
    ssrc: 1,
    preSharedKey: Buffer.from(KEY),
    identities: ['sip:alice@example.com', 'sip:echo@example.com'],
  })
  const message = `a=key-mgmt:mikey ${bytes.toString('base64')}`
  const lines = ['o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', 'm=audio 4000 RTP/SAVP 8', message]
  return { sdp: ['v=0', ...lines, ''].join('\r\n') }
}

describe('a message of MIKEY', () => {
  it('is taken once, also after a restart', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open({ policy: { mikeyKey: KEY } })
      const [alice, mallory] = [await town.phone(1), await town.phone(2)]
      const first = offered(town)
      const statusOf = async (phone = alice, offer = first) => (await phone.invite(ECHO, offer).answered)?.status
      expect(await statusOf()).toBe(200)
      expect(await statusOf(mallory)).toBe(488)
      expect(await statusOf(mallory, offered(town))).toBe(200)
      await town.provider.restart()
      expect(await statusOf()).toBe(488)
    })
  })

  it('leaves the keys as they are when it comes again in its own call, however old it is', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open({ policy: { mikeyKey: KEY } })
      const alice = await town.phone(1)
      const offer = offered(town, 59)
      const call = alice.invite(ECHO, offer)
      expect((await call.answered)?.status).toBe(200)
      await town.clock.sleep(2 * 60_000)
      expect((await call.reinvite(offer)).final?.status).toBe(200)
    })
  })
})
