import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { DOMAIN, Probe, PROVIDER } from './probe.js'
import { Town } from './town.js'

const SDP = 'v=0\r\no=- 1 1 IN IP4 203.0.113.1\r\ns=-\r\nc=IN IP4 203.0.113.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0\r\n'

describe('whatever arrives', () => {
  it('the messages of RFC 4475 leave the provider working', async () => {
    const folder = fileURLToPath(new URL('../../../node_modules/sip/test/messages/', import.meta.url))
    const messages = readdirSync(folder)
      .filter((name) => name.endsWith('.dat'))
      .map((name) => readFileSync(folder + name))
    expect(messages.length).toBeGreaterThanOrEqual(49)
    const town = new Town()
    await town.run(async () => {
      const complaints: string[] = []
      await town.open({ log: (line) => complaints.push(line) })
      const socket = await town.network.bindUdp({ address: '203.0.113.77', port: 5060 })
      for (const message of messages) {
        socket.send(message, PROVIDER.remote)
        const connection = await town.network.connect({ kind: 'tcp', remote: PROVIDER.remote })
        connection.write(message)
        await town.clock.sleep(100)
        connection.close()
      }
      await town.clock.sleep(40_000)
      const probe = await new Probe(town, 1).start()
      expect((await probe.ask({ contact: probe.contact }))?.status).toBe(200)
      expect(town.provider.stats().transactions.client).toBe(0)
      expect(complaints.filter((line) => /TypeError|RangeError|ReferenceError/.test(line))).toEqual([])
    })
  })

  it('calls with bytes changed at random, behind right credentials, leave nothing behind', async () => {
    const town = new Town()
    await town.run(async () => {
      const complaints: string[] = []
      await town.open({ log: (line) => complaints.push(line) })
      const alice = await new Probe(town, 1).start()
      const bob = await new Probe(town, 2).start()
      await bob.ask({ contact: bob.contact })
      const random = town.random.fork('mutations')
      for (let n = 0; n < 300; n++) {
        const uri = random.int(2) === 0 ? `sip:00038799999@${DOMAIN}` : `sip:${bob.account.user}@${DOMAIN}`
        const request = alice.make({
          method: 'INVITE',
          uri,
          to: `<${uri}>`,
          contact: alice.contact,
          body: SDP,
          contentType: 'application/sdp',
        })
        const challenge = (await alice.send(request.clone())).at(-1)!
        request.headers.set(...alice.credentials(challenge, request))
        request.headers.prepend('Via', `SIP/2.0/UDP 203.0.113.1:5060;branch=z9hG4bKm${n};rport`)
        const bytes = Buffer.from(request.toBytes())
        for (let change = 0; change <= random.int(4); change++) {
          bytes[random.int(bytes.length)] =
            random.int(3) === 0 ? random.int(256) : ' \r\n;:<>"@,=%0'.charCodeAt(random.int(13))
        }
        const socket = await town.network.bindUdp({ address: '203.0.113.1', port: 0 })
        socket.send(bytes, PROVIDER.remote)
        await town.clock.sleep(50)
        socket.close()
      }
      await town.clock.sleep(500_000)
      expect(town.provider.stats()).toMatchObject({ serviceCalls: 0, proxiedCalls: 0, transactions: { client: 0 } })
      expect(town.provider.stats().relays.every(({ ports }) => ports === 0)).toBe(true)
      expect(complaints.filter((line) => /TypeError|RangeError|ReferenceError/.test(line))).toEqual([])
    })
  })

  it('noise on the relays changes nothing', async () => {
    const town = new Town()
    await town.run(async () => {
      await town.open()
      const alice = await town.phone(1)
      const call = alice.invite('00038799999')
      await call.answered
      const stranger = await town.network.bindUdp({ address: '198.51.100.1', port: 9 })
      for (let n = 0; n < 200; n++) {
        stranger.send(town.random.bytes(town.random.int(300)), call.media!.remote!)
        await town.clock.sleep(5)
      }
      expect(await call.media!.hears(1001, 3000)).toBe(true)
      await call.hangUp()
    })
  })
})
