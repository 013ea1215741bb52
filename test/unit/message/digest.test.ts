import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  answerChallenge,
  type Challenge,
  chooseChallenge,
  digestHa1,
  formatChallenge,
  parseAuthorization,
  parseChallenges,
  verifyDigest,
} from '../../../src/message/digest.js'

function challenge(text: string): Challenge {
  const [first] = parseChallenges(text)
  return first!
}

const RFC7616 =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
  'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
const MUFASA = { method: 'GET', uri: '/dir/index.html', user: 'Mufasa', password: 'Circle of Life', nc: 1 }

describe('digest vectors', () => {
  it('RFC 2617 §3.5: MD5', () => {
    const value = answerChallenge({
      ...MUFASA,
      password: 'Circle Of Life',
      cnonce: '0a4f113b',
      challenge: challenge(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      ),
    })
    const read = parseAuthorization(value)
    expect(read.response).toBe('6629fae49393a05397450978507c4ef1')
    expect(read).toMatchObject({
      username: 'Mufasa',
      qop: 'auth',
      nc: '00000001',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
    })
  })

  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
  it.each([
    ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ])('RFC 7616 §3.9.1: %s', (algorithm, response) => {
    const value = answerChallenge({ ...MUFASA, cnonce, challenge: challenge(`${RFC7616}, algorithm=${algorithm}`) })
    expect(parseAuthorization(value)).toMatchObject({ response, algorithm })
  })

  it('RFC 7616 §3.9.2: SHA-512-256 with a hashed user name', () => {
    const value = answerChallenge({
      method: 'GET',
      uri: '/doe.json',
      user: 'Jäsøn Doe',
      password: 'Secret, or not?',
      nc: 1,
      cnonce: 'NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v',
      challenge: challenge(
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
          'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true',
      ),
    })
    const read = parseAuthorization(value)
    // The figures printed in the RFC are SHA-512 cut to 256 bits, not SHA-512/256, which has initial values of its own:
    const cut = (text: string) => createHash('sha512').update(text).digest('hex').slice(0, 64)
    expect(cut('Jäsøn Doe:api@example.org')).toBe('488869477bf257147b804c45308cd62ac4e25eb717b12b298c79e62dcea254ec')
    const right = (text: string) => createHash('sha512-256').update(text).digest('hex')
    expect(read.username).toBe(right('Jäsøn Doe:api@example.org'))
    const ha1 = right('Jäsøn Doe:api@example.org:Secret, or not?')
    expect(read.response).toBe(right(`${ha1}:${read.nonce}:00000001:${read.cnonce}:auth:${right('GET:/doe.json')}`))
    expect(value).toContain('userhash=true')
  })
})

describe('challenges', () => {
  it('reads several, on one line and on several, in whatever order and case', () => {
    const all = parseChallenges([
      'digest NONCE="a" , Realm="x, \\"y\\"",STALE=TRUE , qop="auth-int,AUTH" , Digest realm=z,nonce=b',
      'Basic realm="x"',
    ])
    expect(all.map((c) => [c.scheme, c.realm, c.nonce, c.stale, c.qop])).toEqual([
      ['digest', 'x, "y"', 'a', true, ['auth-int', 'auth']],
      ['Digest', 'z', 'b', false, undefined],
      ['Basic', 'x', '', false, undefined],
    ])
  })

  it('survives garbage', () => {
    for (const text of [
      '',
      ',',
      '=',
      '"',
      'Digest',
      'Digest realm="',
      'Digest =x',
      'a b c',
      'Digest realm=="x",,nonce=',
      '"x" = "y"',
    ])
      expect(Array.isArray(parseChallenges(text))).toBe(true)
  })

  const offer = (algorithm: string, realm = 'r') =>
    `Digest realm="${realm}", nonce="n", qop="auth", algorithm=${algorithm}`
  it('takes the topmost that it understands (RFC 8760 §2.4)', () => {
    const choose = (...list: string[]) => chooseChallenge(parseChallenges(list))?.algorithm
    expect(choose(offer('SHA-512-256'), offer('SHA-256'), offer('MD5'))).toBe('SHA-512-256')
    expect(choose(offer('MD5'), offer('SHA-256'))).toBe('MD5')
    expect(choose(offer('SHA3-999'), offer('SHA-256-sess'), offer('MD5'))).toBe('SHA-256-sess')
    expect(choose('Basic realm="r"', offer('MD5'))).toBe('MD5')
    expect(choose(offer('AKAv1-MD5'))).toBeUndefined()
    expect(choose('Digest realm="r", nonce="n", qop="auth-conf"')).toBeUndefined()
    expect(chooseChallenge(parseChallenges([offer('MD5', 'a'), offer('SHA-256', 'b')]), 'b')?.algorithm).toBe('SHA-256')
  })

  it('are written so that they read back', () => {
    const text = formatChallenge({
      realm: 'a "b"',
      nonce: 'n',
      algorithm: 'SHA-256',
      qop: ['auth', 'auth-int'],
      stale: true,
      opaque: 'o',
    })
    expect(challenge(text)).toMatchObject({
      realm: 'a "b"',
      nonce: 'n',
      algorithm: 'SHA-256',
      qop: ['auth', 'auth-int'],
      stale: true,
      opaque: 'o',
    })
    expect(challenge(formatChallenge({ realm: 'r', nonce: 'n' })).qop).toEqual(['auth'])
    expect(challenge(formatChallenge({ realm: 'r', nonce: 'n', qop: null })).qop).toBeUndefined()
  })
})

describe('both sides agree', () => {
  const secret = { user: 'al"ice', password: 'pässword' }
  const request = { method: 'REGISTER', uri: 'sip:example.com', cnonce: 'c', nc: 10, body: Buffer.from('v=0') }
  for (const algorithm of ['MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess', 'SHA-512-256', 'SHA-512-256-sess'] as const) {
    for (const qop of [null, 'auth', 'auth-int'] as const) {
      if (qop === null && algorithm.endsWith('-sess')) continue
      it(`${algorithm}, qop ${qop ?? 'absent'}`, () => {
        const c = challenge(formatChallenge({ realm: 'r', nonce: 'n', algorithm, qop: qop === null ? null : [qop] }))
        const authorization = answerChallenge({ ...request, ...secret, challenge: c })
        const ha1 = digestHa1({ algorithm, realm: 'r', ...secret })
        expect(verifyDigest({ authorization, method: 'REGISTER', password: secret.password, body: request.body })).toBe(
          true,
        )
        expect(verifyDigest({ authorization, method: 'REGISTER', ha1, body: request.body })).toBe(true)
        expect(verifyDigest({ authorization, method: 'REGISTER', password: 'wrong', body: request.body })).toBe(false)
        expect(verifyDigest({ authorization, method: 'INVITE', ha1, body: request.body })).toBe(false)
        expect(verifyDigest({ authorization, method: 'REGISTER', ha1, body: Buffer.from('other') })).toBe(
          qop !== 'auth-int',
        )
        expect(parseAuthorization(authorization).nc).toBe(qop === null ? undefined : '0000000a')
      })
    }
  }

  it('counts no body as an empty one with auth-int (RFC 8760 §2.6)', () => {
    const c = challenge(formatChallenge({ realm: 'r', nonce: 'n', qop: ['auth-int'] }))
    const { body: _body, ...bodiless } = request
    const authorization = answerChallenge({ ...bodiless, ...secret, challenge: c })
    expect(verifyDigest({ authorization, method: 'REGISTER', password: secret.password, body: Buffer.alloc(0) })).toBe(
      true,
    )
  })

  it('prefers auth unless told, and keeps to what is offered', () => {
    const c = challenge(formatChallenge({ realm: 'r', nonce: 'n', qop: ['auth-int', 'auth'] }))
    const qop = (wanted?: 'auth' | 'auth-int') =>
      parseAuthorization(answerChallenge({ ...request, ...secret, challenge: c, ...(wanted && { qop: wanted }) })).qop
    expect(qop()).toBe('auth')
    expect(qop('auth-int')).toBe('auth-int')
  })

  it('does not answer what it does not understand', () => {
    const answer = (text: string) => answerChallenge({ ...request, ...secret, challenge: challenge(text) })
    expect(() => answer('Basic realm="r"')).toThrow('cannot answer')
    expect(() => answer('Digest realm="r", nonce="n", algorithm=MD5-sess')).toThrow('cannot answer')
  })

  it('does not take what is no digest', () => {
    for (const authorization of [
      '',
      'Digest',
      'Basic YTpi',
      'Digest username="a"',
      'Digest username="a", realm="r", nonce="n", uri="u", response=""',
    ])
      expect(verifyDigest({ authorization, method: 'REGISTER', password: 'x' })).toBe(false)
  })
})
