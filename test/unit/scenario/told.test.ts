import { describe, expect, it } from 'vitest'
import { createRequest, createResponse } from '../../../src/message/build.js'
import { bindingOf, bindingsIn } from '../../../src/scenario/bindings.js'
import { isOf, isSameNumber } from '../../../src/scenario/caller-identity.js'
import { compareDigits } from '../../../src/scenario/told-back.js'
import { targetOf } from '../../../src/target/target-file.js'

describe('numbers', () => {
  const cases: [string, string, boolean][] = [
    ['0211550001', '0211550001', true],
    ['0211550001', '+49211550001', true],
    ['+49211550001', '0211550001', true],
    ['0049211550001', '0211-55 0001', true],
    ['+49211550001', '+49211550002', false],
    ['0211550001', '021155000142', false],
    ['110', '00110', false],
    ['alice', 'alice', true],
    ['alice', 'alice2', false],
  ]
  it.each(cases)('%s and %s are one: %s', (a, b, same) => {
    expect(isSameNumber(a, b)).toBe(same)
    expect(isSameNumber(b, a)).toBe(same)
  })

  it('an account whose file has the country code is shown without it', () => {
    const [account] = targetOf({
      name: 'one',
      domain: 'example.net',
      endpoints: { udp: { host: '192.0.2.1' } },
      accounts: [{ user: 'line-1', password: 'x', numbers: ['+49211550001'] }],
    }).accounts
    expect(account && isOf(account, '0211550001')).toBe(true)
    expect(account && isOf(account, '0211550002')).toBe(false)
  })
})

describe('bindings', () => {
  const answer = (...contacts: string[]) => {
    const register = createRequest({
      method: 'REGISTER',
      uri: 'sip:example.net',
      from: '<sip:a@example.net>;tag=a',
      to: '<sip:a@example.net>',
      callId: 'c',
      cseq: 1,
      via: 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx',
    })
    const headers = contacts.map((contact): [string, string] => ['Contact', contact])
    return createResponse(register, 200, undefined, { toTag: 'b', headers })
  }

  it('what was just removed and is listed with no second left is none', () => {
    const listed = bindingsIn(answer('<sip:gone@192.0.2.9>;expires=0', '<sip:here@192.0.2.9>;expires=60'))
    expect(listed.map(({ uri, expires }) => [uri, expires])).toEqual([['sip:here@192.0.2.9', 60]])
    expect(bindingOf(listed, 'sip:gone@192.0.2.9')).toBeUndefined()
  })
  it('a contact is known by its user where the host was rewritten', () => {
    expect(bindingOf(bindingsIn(answer('<sip:me@203.0.113.5:5060>;expires=60')), 'sip:me@192.0.2.9')?.expires).toBe(60)
  })
})

describe('digits that come back', () => {
  const cases: [string, string, boolean, boolean][] = [
    ['4771', '4771', false, false],
    ['4771', '', true, false],
    // A repeated digit is swallowed, or its first of several packets was lost.
    ['1155500', '150', true, false],
    ['258', '28', true, false],
    // Each end packet counts.
    ['97', '999777', false, true],
    // One is lost and another one doubled.
    ['123', '1133', true, true],
    ['12', '21', true, true],
  ]
  it.each(cases)('%s as %s: lost %s, doubled %s', (pressed, told, lost, doubled) => {
    expect(compareDigits(pressed, told)).toEqual({ lost, doubled })
  })
})
