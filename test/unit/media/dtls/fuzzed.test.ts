import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/clock/random.js'
import { parseRecords, serializeRecord } from '../../../../src/media/dtls/records.js'
import { HandshakeType, Reassembler } from '../../../../src/media/dtls/handshake-messages.js'
import { betweenTwoEnds } from './two-ends.js'

describe('DTLS under attack', () => {
  it('takes garbage without a word, and the handshake goes on', async () => {
    await betweenTwoEnds(async ({ clock, client, server }) => {
      const random = new SeededRandom('garbage')
      client.start()
      for (let count = 0; count < 2_000; count++) {
        const garbage = random.bytes(random.int(200))
        // Half of it looks like a record of a kind that has no meaning yet.
        if (count % 2 === 0 && garbage.length > 13) garbage.set([23, 0xfe, 0xfd, 0, random.int(3)])
        client.receive(garbage)
        server.receive(garbage)
      }
      await clock.sleep(500)
      expect([client.state, server.state]).toEqual(['connected', 'connected'])
    })
  })

  it.each(['client', 'server'] as const)('never throws at what a broken peer of a %s sends', async (victim) => {
    for (let seed = 0; seed < 150; seed++) {
      await betweenTwoEnds(
        async ({ clock, network, client, server }) => {
          const random = new SeededRandom(`mutation ${victim} ${seed}`)
          network.filter = ({ data, from }) => {
            if ((from.address === '192.0.2.1') === (victim === 'client') || random.int(3) > 0) return true
            for (let times = 1 + random.int(4); times > 0; times--) data[random.int(data.length)] = random.int(256)
            return true
          }
          client.start()
          await clock.sleep(3_000)
          const { state, failure } = victim === 'client' ? client : server
          expect(['new', 'handshaking', 'connected', 'failed', 'closed']).toContain(state)
          expect(failure?.code).not.toBe('defect')
        },
        { seed: `fuzz ${seed}` },
      )
    }
  })

  it('cuts records short anywhere', async () => {
    await betweenTwoEnds(async ({ clock, client, server, sent }) => {
      client.start()
      await clock.sleep(200)
      for (const datagram of sent.client)
        for (let length = 0; length < datagram.length; length += 7) server.receive(datagram.subarray(0, length))
      expect(server.state).toBe('connected')
    })
  })

  it('refuses a message of 16 MB by its first fragment', async () => {
    await betweenTwoEnds(async ({ server }) => {
      const body = Buffer.from([HandshakeType.clientHello, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 7])
      server.receive(serializeRecord({ type: 22, version: 0xfefd, epoch: 0, sequence: 0, body }))
      expect(server.failure).toMatchObject({ code: 'protocol', alert: 'illegal_parameter' })
    })
  })

  it('keeps few fragments, and few records whose key has not come', async () => {
    const reassembler = new Reassembler()
    for (let offset = 0; offset < 30_000; offset += 2)
      reassembler.add({ type: 11, length: 30_000, sequence: 0, offset, body: Buffer.from([1]) })
    for (let sequence = 0; sequence < 65_536; sequence++)
      reassembler.add({ type: 11, length: 3, sequence, offset: 0, body: Buffer.from([1]) })
    expect(reassembler.take()).toBeUndefined()
    expect(reassembler.kept).toBeLessThanOrEqual(8)
    await betweenTwoEnds(async ({ clock, client, server }) => {
      for (let sequence = 0; sequence < 10_000; sequence++)
        server.receive(serializeRecord({ type: 22, version: 0xfefd, epoch: 1, sequence, body: Buffer.alloc(1_000) }))

      client.start()
      await clock.sleep(2_000)
      expect(client.state).toBe('connected')
    })
  })

  it('reads no further than the first octets that are no record', () => {
    const record = serializeRecord({ type: 22, version: 0xfefd, epoch: 0, sequence: 5, body: Buffer.from([1, 2]) })
    expect(parseRecords(Buffer.concat([record, Buffer.from([200, 1, 2]), record]))).toHaveLength(1)
    expect(parseRecords(Buffer.concat([record, record]))).toHaveLength(2)
  })
})
