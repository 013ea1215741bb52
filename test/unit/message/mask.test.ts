import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskSecrets } from '../../../src/message/mask.js'

describe('maskSecrets', () => {
  it.each([
    [
      'Authorization: Digest username="a", response="0123abcd", uri="x"',
      'Authorization: Digest username="a", response="********", uri="x"',
    ],
    ['Proxy-Authorization: Digest response=0123abcd,nc=1', 'Proxy-Authorization: Digest response=********,nc=1'],
    [
      'Authorization: Digest nonce="n",\r\n response = "0123"',
      'Authorization: Digest nonce="n",\r\n response = "****"',
    ],
    ['Authentication-Info: rspauth="beef", nc=1', 'Authentication-Info: rspauth="****", nc=1'],
    ['Authorization: Basic YWxpY2U6eA==', 'Authorization: Basic ************'],
    [
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^20|1:4',
      'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:********|2^20|1:4',
    ],
    ['a=crypto:1 X inline:AAAA|1:1;inline:BBBB|2:1 KDR=1', 'a=crypto:1 X inline:****|1:1;inline:****|2:1 KDR=1'],
    ['inline: AAAA|2^20 x', 'inline: ****|2^20 x'],
    ...[
      (key: string) => `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline: ${key}|2^20|1:4 KDR=1`,
      (key: string) => `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:****|2^20|${key}`,
      (key: string) => `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${key}`,
      (key: string) => `a=crypto:${key}\r\na=x:${'y'.repeat(40)}`,
    ].map((line): [string, string] => [line('WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz'), line('*'.repeat(40))]),
    ['a=key-mgmt:mikey AQAFgM0X', 'a=key-mgmt:mikey ********'],
    ['m=audio 1\r\nk=clear:secret\r\na=x', 'm=audio 1\r\nk=clear:******\r\na=x'],
    // Cut off in the middle of the value, as a segment of a stream may be.
    ['response="0123', 'response="****'],
  ])('%s', (before, after) => {
    expect(maskSecrets(before)).toBe(after)
    expect(maskSecrets(Buffer.from(before)).toString()).toBe(after)
  })

  it('gives back bytes without secrets as they are', () => {
    const bytes = Buffer.from('SIP/2.0 200 OK\r\nX-Response: none\r\n\r\n')
    expect(maskSecrets(bytes)).toBe(bytes)
  })

  it('keeps the length and all other bytes', () => {
    const piece = fc.oneof(
      fc.constantFrom('response="', 'inline:', '"', ';', '|', '\r\n', 'Authorization: Basic ', 'k=clear:'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), fc.uint8Array({ maxLength: 20 }), (pieces, tail) => {
        const bytes = Buffer.concat([Buffer.from(pieces.join('')), tail])
        const masked = maskSecrets(bytes)
        expect(masked.length).toBe(bytes.length)
        for (let i = 0; i < bytes.length; i++) if (masked[i] !== bytes[i]) expect(masked[i]).toBe(42)
      }),
    )
  })

  it('takes linear time', () => {
    const text = `${'response '.repeat(20_000)}${'inline:'.repeat(20_000)}`
    const start = process.cpuUsage()
    maskSecrets(text)
    expect(process.cpuUsage(start).user).toBeLessThan(1_000_000)
  })
})
