import { describe, expect, it } from 'vitest'
import { parseUdptl, serializeUdptl } from '../../../src/media/udptl.js'

describe('UDPTL', () => {
  it('carries HDLC data as T.38 has it', () => {
    expect(serializeUdptl(1, Buffer.from([0xff])).toString('hex')).toBe('000106c001800000ff0000')
    expect(parseUdptl(Buffer.from('000106c001800000ff0000', 'hex'))).toEqual({ sequence: 1, data: Buffer.from([0xff]) })
  })

  it('is read back, with numbers that begin anew', () => {
    const data = Buffer.from('a frame')
    expect(parseUdptl(serializeUdptl(65_537, data))).toEqual({ sequence: 1, data })
    expect(() => serializeUdptl(0, Buffer.alloc(0))).toThrow(RangeError)
    expect(() => serializeUdptl(0, Buffer.alloc(101))).toThrow(RangeError)
  })

  it('is nothing else', () => {
    for (const hex of [
      '',
      '0001',
      '800801020000000000000000',
      '000106c001800001ff0000',
      '000106c001800000ff',
      '000105c0018000000000',
    ])
      expect(parseUdptl(Buffer.from(hex, 'hex')), hex).toBeUndefined()
  })
})
