/** Servers that ask for credentials without end. */
import { describe, expect, it } from 'vitest'
import { Credentials, Tries } from '../../../src/agent/credentials.js'
import { SeededRandom } from '../../../src/clock/random.js'
import { createRequest, createResponse } from '../../../src/message/build.js'

const request = () =>
  createRequest({
    method: 'REGISTER',
    uri: 'sip:example.net',
    from: { uri: 'sip:1@example.net', tag: 'a' },
    to: { uri: 'sip:1@example.net' },
    callId: 'c',
    cseq: 1,
  })
const challenge = (...realms: string[]) =>
  createResponse(request(), 401, undefined, {
    toTag: 'b',
    headers: realms.map((realm): [string, string] => [
      'WWW-Authenticate',
      `Digest realm="${realm}", nonce="${realm}n", qop="auth"`,
    ]),
  })
const credentials = () => new Credentials({ user: '1', password: 'x' }, new SeededRandom('challenges'))
const sent = (by: Credentials) => {
  const message = request()
  by.apply(message)
  return message.headers.all('Authorization')
}

describe('a server that names another realm in each challenge', () => {
  it('is answered six times in one exchange', () => {
    const own = credentials()
    const tries = new Tries()
    let answered = 0
    while (answered < 1_000 && own.learn(challenge(`realm${answered}`), tries)) answered += 1
    expect(answered).toBe(6)
  })

  it('does not make credentials grow from exchange to exchange; the latest are kept', () => {
    const own = credentials()
    for (let exchange = 0; exchange < 100; exchange++) own.learn(challenge(`realm${exchange}`), new Tries())
    expect(sent(own)).toHaveLength(4)
    expect(sent(own).join()).toContain('realm="realm99"')
  })
})

describe('a server that names 400 realms in each challenge', () => {
  it('gets answers for four, and the exchange ends', () => {
    const own = credentials()
    const tries = new Tries()
    const realms = (round: number) => Array.from({ length: 400 }, (_, index) => `${round}-${index}`)
    let answered = 0
    while (answered < 1_000 && own.learn(challenge(...realms(answered)), tries)) {
      answered += 1
      expect(sent(own)).toHaveLength(4)
    }
    expect(answered).toBeLessThanOrEqual(2)
  })
})

describe('a proxy and a registrar that both ask', () => {
  it('both get an answer, as before', () => {
    const own = credentials()
    const both = challenge('proxy', 'registrar')
    expect(own.learn(both, new Tries())).toBe(true)
    expect(sent(own)).toHaveLength(2)
  })
})
