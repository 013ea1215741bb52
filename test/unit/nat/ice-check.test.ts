import { describe, expect, it } from 'vitest'
import { answerCheck, encodeCheck, integrityOf } from '../../../src/nat/ice-check.js'
import { parseStun } from '../../../src/nat/stun.js'

/** RFC 5769 §2.1 to §2.3. */
const PASSWORD = 'VOkJxbRl1RmTxUk/WvJxBt'
const bytes = (hex: string) => Buffer.from(hex.replaceAll(/\s/g, ''), 'hex')
const REQUEST = bytes(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74 00240004 6e0001ff 80290008
  932ff9b1 51263b36 00060009 6576746a 3a683676 59202020 00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004
  e57a3bcf`)
const IPV4 = bytes(`
  0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200008 0001a147 e112a643 00080014
  2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`)
const IPV6 = bytes(`
  01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220 00200014 0002a147 0113a9fa a5d3f179
  bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`)

const own = { ufrag: 'evtj', password: PASSWORD }
const theirs = { ufrag: 'h6vY', password: 'another password of 22' }
const source = { address: '192.0.2.1', port: 32_853 }
const check = (o: { password?: string; nominates?: boolean; ufrag?: string } = {}) =>
  encodeCheck({
    transactionId: Buffer.alloc(12, 7),
    own: theirs,
    theirs: { ufrag: o.ufrag ?? own.ufrag, password: o.password ?? own.password },
    priority: 1,
    tieBreaker: Buffer.alloc(8, 1),
    nominates: o.nominates ?? false,
  })
const answered = (request: Buffer, rules = {}) => {
  const { answer, ...rest } = answerCheck(request, source, own, rules)
  return { ...rest, message: answer === undefined ? undefined : parseStun(answer), answer }
}

describe('MESSAGE-INTEGRITY with short-term credentials', () => {
  it.each([
    ['§2.1', REQUEST],
    ['§2.2', IPV4],
    ['§2.3', IPV6],
  ])('is read as in RFC 5769 %s', (_, message) => {
    expect(integrityOf(message, PASSWORD)).toBe('right')
    expect(integrityOf(message, `${PASSWORD}x`)).toBe('wrong')
    const changed = Buffer.from(message)
    changed[24] = (changed[24] ?? 0) ^ 1
    expect(integrityOf(changed, PASSWORD)).toBe('wrong')
  })

  it('of less than its length is wrong, and of none is missing', () => {
    expect(integrityOf(REQUEST.subarray(0, 90), PASSWORD)).toBe('wrong')
    expect(integrityOf(REQUEST.subarray(0, 20), PASSWORD)).toBe('missing')
  })
})

describe('a connectivity check', () => {
  it('of RFC 5769 is answered as there', () => {
    const { message, answer, isAuthentic, nominates } = answered(REQUEST)
    expect({ isAuthentic, nominates }).toEqual({ isAuthentic: true, nominates: false })
    expect(message).toMatchObject({ class: 'success', xorMappedAddress: source, fingerprint: true })
    expect(answer && integrityOf(answer, PASSWORD)).toBe('right')
  })

  it('of ours carries what RFC 8445 §7.2 asks for, and nominates', () => {
    const request = check({ nominates: true })
    expect(parseStun(request)).toMatchObject({ class: 'request', method: 1, fingerprint: true })
    expect(integrityOf(request, PASSWORD)).toBe('right')
    expect(request.includes(Buffer.from('evtj:h6vY'))).toBe(true)
    expect(answered(request)).toMatchObject({ isAuthentic: true, nominates: true })
  })

  it('with another password, or for another agent, is refused with 401 and without credentials', () => {
    for (const request of [check({ password: 'x'.repeat(22) }), check({ ufrag: 'evt' }), check({ ufrag: 'evtjx' })]) {
      const { message, answer, isAuthentic, nominates } = answered(request)
      expect({ isAuthentic, nominates }).toEqual({ isAuthentic: false, nominates: false })
      expect(message?.errorCode?.code).toBe(401)
      expect(answer && integrityOf(answer, PASSWORD)).toBe('missing')
    }
  })

  it('without credentials is refused with 400; without FINGERPRINT it is none', () => {
    const bare = Buffer.from(REQUEST.subarray(0, 20))
    bare.writeUInt16BE(0, 2)
    expect(answered(bare).answer).toBeUndefined()
    const unsigned = Buffer.from(REQUEST)
    unsigned.writeUInt16BE(0x8030, REQUEST.indexOf(bytes('00080014')))
    expect(answered(unsigned).answer).toBeUndefined()
  })

  it('is nominated by nothing that comes after MESSAGE-INTEGRITY', () => {
    const request = check()
    // USE-CANDIDATE in place of the fingerprint, and one behind it.
    const late = Buffer.concat([request.subarray(0, -8), bytes('00250000'), request.subarray(-8)])
    late.writeUInt16BE(late.length - 20, 2)
    expect(answered(late).nominates).toBe(false)
  })
})
