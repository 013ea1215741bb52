import { describe, expect, it } from 'vitest'
import { packetised } from '../../../src/provider/services/packetised.js'

/** Frames 0 to 2 sound, each in an octet of its own, 3 is a pause, then one more sounds. */
const source = (index: number) => (index === 3 || index > 4 ? undefined : Buffer.alloc(160, index + 1))

const counts = (packet: Buffer | undefined) =>
  packet && [1, 2, 3, 5, 0xd5].map((one) => packet.filter((octet) => octet === one).length)

describe('audio of services in packets', () => {
  it('of 20 ms is the frames themselves', () => {
    expect(packetised(source, 160, 160, 'PCMA')).toEqual(Buffer.alloc(160, 2))
    expect(packetised(source, 480, 160, 'PCMA')).toBeUndefined()
  })

  it.each([
    [10, 80, [80, 0, 0, 0, 0]],
    [30, 0, [160, 80, 0, 0, 0]],
    [30, 240, [0, 80, 160, 0, 0]],
    [60, 320, [0, 0, 160, 160, 160]],
  ])('of %i ms from the %ith sample on are joined and divided, with silence in pauses', (ms, from, expected) => {
    expect(counts(packetised(source, from, 8 * ms, 'PCMA'))).toEqual(expected)
  })

  it('is nothing where all of a packet is a pause', () => {
    expect(packetised(source, 5 * 160, 480, 'PCMA')).toBeUndefined()
  })
})
