import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  answerChallenge,
  type Challenge,
  chooseChallenge,
  digestHa1,
  formatChallenge,
  formatCount,
  isAnswerable,
  nextNonceOf,
  parseAuthorization,
  parseChallenges,
  verifyDigest,
} from '../../../src/message/digest.js'

const challenge = (text: string): Challenge => parseChallenges(text)[0]!
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const who = { method: 'INVITE', uri: 'sip:b', user: 'u', password: 'p', nc: 1, cnonce: 'c' }

describe('a challenge', () => {
  it('is read with all that it has', () => {
    const { params, ...rest } = challenge(
      'Digest realm="r", nonce="n", opaque="o", domain="d", algorithm=MD5, qop=" Auth ,auth-int ", stale=True, userhash=TRUE, x=y',
    )
    expect(rest).toEqual({
      scheme: 'Digest',
      realm: 'r',
      nonce: 'n',
      opaque: 'o',
      domain: 'd',
      algorithm: 'MD5',
      qop: ['auth', 'auth-int'],
      stale: true,
      userhash: true,
    })
    expect(params.get('x')).toBe('y')
    const { params: _none, ...bare } = challenge('Digest x=y, stale=no, userhash=no')
    expect(bare).toEqual({ scheme: 'Digest', realm: '', nonce: '', stale: false, userhash: false })
  })

  it.each([
    ['Digest nonce="n"', true],
    ['DIGEST nonce="n", qop="auth"', true],
    ['Digest nonce="n", qop="auth-int"', true],
    ['Digest nonce="n", qop="auth-conf"', false],
    ['Digest nonce="n", qop=""', false],
    ['Digest realm="r"', false],
    ['Basic nonce="n"', false],
    ['Digest nonce="n", algorithm=md5', true],
    ['Digest nonce="n", algorithm=SHA-1', false],
    ['Digest nonce="n", algorithm=MD5-sess', false],
    ['Digest nonce="n", algorithm=MD5-sess, qop="auth"', true],
    ['Digest nonce="n", algorithm=SHA-512-256', true],
  ])('%s can be answered: %s', (text, answerable) => {
    expect(isAnswerable(challenge(text))).toBe(answerable)
    expect(chooseChallenge([challenge(text)]) !== undefined).toBe(answerable)
    if (!answerable) {
      expect(() => answerChallenge({ ...who, challenge: challenge(text) })).toThrow(
        expect.objectContaining({ name: 'ParseError' }),
      )
    }
  })

  it('is chosen by realm', () => {
    const both = parseChallenges(['Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2"'])
    expect(chooseChallenge(both, 'b')?.nonce).toBe('2')
    expect(chooseChallenge(both, 'c')).toBeUndefined()
  })

  it('is written', () => {
    expect(formatChallenge({ realm: 'r"', nonce: 'n' })).toBe('Digest realm="r\\"", nonce="n", qop="auth"')
    expect(formatChallenge({ realm: 'r', nonce: 'n', qop: null, stale: false })).toBe('Digest realm="r", nonce="n"')
    expect(
      formatChallenge({
        realm: 'r',
        nonce: 'n',
        domain: 'd',
        opaque: 'o',
        stale: true,
        algorithm: 'MD5',
        qop: ['auth', 'auth-int'],
      }),
    ).toBe('Digest realm="r", nonce="n", domain="d", opaque="o", stale=true, algorithm=MD5, qop="auth,auth-int"')
  })
})

describe('an answer', () => {
  const answer = (text: string, more = {}) => answerChallenge({ ...who, challenge: challenge(text), ...more })
  const ha1 = md5('u:r:p')
  const ha2 = md5('INVITE:sip:b')
  it('is written as RFC 7616 §3.4 has it', () => {
    expect(answer('Digest realm="r", nonce="n"')).toBe(
      `Digest username="u", realm="r", nonce="n", uri="sip:b", response="${md5(`${ha1}:n:${ha2}`)}"`,
    )
    const response = md5(`${ha1}:n:0000002a:c:auth:${ha2}`)
    expect(answer('Digest realm="r", nonce="n", opaque="o", algorithm=md5, qop="auth"', { nc: 42 })).toBe(
      `Digest username="u", realm="r", nonce="n", uri="sip:b", response="${response}", algorithm=md5, cnonce="c", qop=auth, nc=0000002a, opaque="o"`,
    )
  })

  it('hashes the body for auth-int, the name for userhash, and the session key', () => {
    const body = Buffer.from('b')
    const value = answer('Digest realm="r", nonce="n", qop="auth-int"', { body })
    expect(parseAuthorization(value).response).toBe(
      md5(`${ha1}:n:00000001:c:auth-int:${md5(`INVITE:sip:b:${md5('b')}`)}`),
    )
    const hashed = answer('Digest realm="r", nonce="n", userhash=true')
    expect(parseAuthorization(hashed).username).toBe(md5('u:r'))
    expect(hashed.endsWith(', userhash=true')).toBe(true)
    const session = answer('Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess')
    expect(parseAuthorization(session).response).toBe(md5(`${md5(`${ha1}:n:c`)}:n:00000001:c:auth:${ha2}`))
  })

  it('chooses what is offered', () => {
    const qop = (offered: string, wanted?: string) =>
      parseAuthorization(
        answer(`Digest realm="r", nonce="n", qop="${offered}"`, wanted === undefined ? {} : { qop: wanted }),
      ).qop
    expect(qop('auth-int,auth')).toBe('auth')
    expect(qop('auth-int')).toBe('auth-int')
    expect(qop('auth-int,auth', 'auth-int')).toBe('auth-int')
    expect(qop('auth', 'auth-int')).toBe('auth')
  })

  it('cannot be given to what is not understood', () => {
    const refused = { code: 'challenge-not-understood', rule: 'RFC 8760 §2.4' }
    expect(() => answer('Basic realm="r"')).toThrow(
      expect.objectContaining({ ...refused, message: 'cannot answer Basic MD5' }),
    )
    expect(() => answer('Digest nonce="n", algorithm=X')).toThrow(
      expect.objectContaining({ ...refused, message: 'cannot answer Digest X' }),
    )
  })

  it('counts in eight hexadecimal digits', () => {
    expect([1, 255, 0xffff_ffff].map(formatCount)).toEqual(['00000001', '000000ff', 'ffffffff'])
  })
})

const DIGEST = `Digest username="u", realm="r", nonce="n", uri="sip:b", response="${md5(`${md5('u:r:p')}:n:${md5('INVITE:sip:b')}`)}"`

describe('credentials', () => {
  it('are read with all that they have', () => {
    const { params, ...rest } = parseAuthorization(
      'Digest username="u", realm="r", nonce="n", uri="x", response="0", algorithm=MD5, cnonce="c", opaque="o", qop=AUTH, nc=00000001, z=1',
    )
    expect(rest).toEqual({
      scheme: 'Digest',
      username: 'u',
      realm: 'r',
      nonce: 'n',
      uri: 'x',
      response: '0',
      algorithm: 'MD5',
      cnonce: 'c',
      opaque: 'o',
      qop: 'auth',
      nc: '00000001',
    })
    expect(params.get('z')).toBe('1')
    const { params: _none, ...other } = parseAuthorization('NTLM x=y')
    expect(other).toEqual({ scheme: 'NTLM', username: '', realm: '', nonce: '', uri: '', response: '' })
  })

  it.each(['username', 'realm', 'nonce', 'uri', 'response'])('need a %s', (name) => {
    const without = DIGEST.replace(new RegExp(`${name}="[^"]*",? ?`), '')
    expect(() => parseAuthorization(without)).toThrow(
      expect.objectContaining({
        code: 'authorization-malformed',
        rule: 'RFC 3261 §20.7',
        message: `${name} is missing`,
      }),
    )
    expect(verifyDigest({ authorization: without, method: 'INVITE', password: 'p' })).toBe(false)
  })

  it('need a scheme', () => expect(() => parseAuthorization('')).toThrow('a scheme was expected'))

  it.each([
    ["UTF-8''J%C3%A4s", 'Jäs'],
    ["UTF-8'en'a", 'a'],
    ["UTF-8''%", ''],
    ['plain', ''],
  ])('may have an extended user name: %s (RFC 7616 §3.4)', (extended, name) => {
    expect(parseAuthorization(DIGEST.replace('username="u"', `username*=${extended}`)).username).toBe(name)
  })

  const right = (
    change: (text: string) => string,
    more: Partial<Parameters<typeof verifyDigest>[0]> = { password: 'p' },
  ) => verifyDigest({ authorization: change(DIGEST), method: 'INVITE', ...more })
  it.each<[string, boolean, boolean]>([
    ['as they are', right((text) => text), true],
    [
      'as they are read',
      verifyDigest({ authorization: parseAuthorization(DIGEST), method: 'INVITE', password: 'p' }),
      true,
    ],
    [
      'digits in upper case',
      right((text) => text.replace(/response="([^"]*)"/, (all) => all.toUpperCase().replace('RESPONSE', 'response'))),
      true,
    ],
    ['by the hash', right((text) => text, { ha1: md5('u:r:p') }), true],
    ['by the hash in upper case', right((text) => text, { ha1: md5('u:r:p').toUpperCase() }), true],
    ['by another user', right((text) => text, { user: 'v', password: 'p' }), false],
    [
      'by the user that is told',
      right((text) => text.replace('username="u"', 'username="h"'), { user: 'u', password: 'p' }),
      true,
    ],
    ['without a secret', right((text) => text, {}), false],
    ['another scheme', right((text) => text.replace('Digest', 'Other')), false],
    ['another algorithm', right((text) => `${text}, algorithm=X`), false],
    ['the algorithm named', right((text) => `${text}, algorithm=md5`), true],
    ['a session without cnonce', right((text) => `${text}, algorithm=MD5-sess`), false],
    ['an unknown qop', right((text) => `${text}, qop=x, cnonce="c", nc=00000001`), false],
    ['a digit less', right((text) => text.replace(/.",?$/, '"')), false],
    ['another method', verifyDigest({ authorization: DIGEST, method: 'BYE', password: 'p' }), false],
  ])('%s: %s', (_what, found, wanted) => expect(found).toBe(wanted))

  it('with qop need cnonce and a count', () => {
    const digest = (nc: string, cnonce: string) => md5(`${md5('u:r:p')}:n:${nc}:${cnonce}:auth:${md5('INVITE:sip:b')}`)
    const check = (nc: string | undefined, cnonce: string | undefined) =>
      verifyDigest({
        authorization: `Digest username="u", realm="r", nonce="n", uri="sip:b", response="${digest(nc ?? '', cnonce ?? '')}", qop=auth${nc === undefined ? '' : `, nc=${nc}`}${cnonce === undefined ? '' : `, cnonce="${cnonce}"`}`,
        method: 'INVITE',
        password: 'p',
      })
    expect(check('0000000A', 'c')).toBe(true)
    expect(check('00000001', '')).toBe(true)
    expect([
      check(undefined, 'c'),
      check('00000001', undefined),
      check('1', 'c'),
      check('000000001', 'c'),
      check('x0000001', 'c'),
    ]).toEqual(Array.from({ length: 5 }, () => false))
  })

  it('H(A1) by algorithm', () => {
    const of = { user: 'u', realm: 'r', password: 'p' }
    expect(digestHa1(of)).toBe(md5('u:r:p'))
    expect(digestHa1({ ...of, algorithm: 'SHA-256-sess' })).toBe(createHash('sha256').update('u:r:p').digest('hex'))
    expect(() => digestHa1({ ...of, algorithm: 'X' })).toThrow(
      expect.objectContaining({ code: 'algorithm-unknown', rule: 'RFC 7616 §3.3', message: 'algorithm X' }),
    )
  })

  it('the next nonce', () => {
    expect(nextNonceOf('nextnonce="a", qop=auth')).toBe('a')
    expect(nextNonceOf('qop=auth, nextnonce=b')).toBe('b')
    expect(nextNonceOf('qop=auth')).toBeUndefined()
  })
})
