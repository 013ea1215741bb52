import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DialPolicy } from '../../../src/target/dial-policy.js'
import { emergencyNumbers } from '../../../src/target/forbidden-numbers.js'
import { sampleTarget } from './sample.js'

// Patterns that let everything through: what is refused here is refused whatever a target file says.
const open = new DialPolicy(sampleTarget({ limits: { mayDial: ['.*'] } }))
const policy = new DialPolicy(sampleTarget())
const verdict = (decision: ReturnType<DialPolicy['decide']>) => (decision.allowed ? decision.as : decision.because)

describe('emergency numbers are refused in every spelling', () => {
  test.each(
    [
      ['110', '112', '911', '999', '000', '119', '118', '113', '15', '116117', '19222', '10111'],
      ['1 1 0', '1-1-2', '9.1.1', '(110)', '11 0', '１１０', '1\u200b1\u200b0', '1‑1‑0'],
      ['%31%31%30', '%2531%2531%2532', '1%312', '110%23', '%2B49110'],
      [
        '110#',
        '112*',
        '110,,1',
        '110;phone-context=+49',
        '110p1',
        '*112',
        '#110',
        '*67911',
        '*31#110',
        '#31#112',
        '**110',
      ],
      ['0110', '0 112', '9911', '9 911', '00112', '9999'],
      ['+49110', '0049110', '+49 (0) 110', '+490112', '+44 999', '+1 911', '011 1 911', '0011 61 000', '49110', '1911'],
      ['030110', '0211 110', '089-112', '+4930110', '004989112', '+49 (0)211 110', '4930112', '0211 19222'],
      ['sip:110@proxy.example.net', 'sips:112@secure.example.net:5061', 'tel:911', 'tel:+49-110', '<sip:110@x>'],
      ['"Echo" <sip:110@proxy.example.net;user=phone>;tag=1', 'sip:110', 'sip:110:5060', 'SIP:110@PROXY.EXAMPLE.NET'],
      ['sip:%31%31%30@proxy.example.net', 'sip:110;phone-context=+49@proxy.example.net', 'sip:110:secret@x'],
      ['sip:110@somewhere.invalid', '%73ip:110@x', 'urn:service:sos', 'URN:service:sos.police', 'sip:sos@x'],
      ['*21*110#', '*21*112', '**61*911#', '*40*+49110#'],
    ].flat(),
  )('%s', (spelling) => {
    expect(verdict(open.decide(spelling))).toBe('emergency')
  })

  test('separators and escapes anywhere make no difference', () => {
    const separator = constantFrom('', '', ' ', '-', '.', '/', '(', ')', '%20', '%2D', '\u00a0', '\u2011')
    assert(
      property(constantFrom(...emergencyNumbers), array(separator, { minLength: 9, maxLength: 9 }), (number, gaps) => {
        const spelled = Array.from(number)
          .map((digit, index) => `${gaps[index] ?? ''}${digit}`)
          .join('')
        return verdict(open.decide(`sip:${spelled}@proxy.example.net`)) === 'emergency'
      }),
    )
  })

  test('an account whose number looks like one is refused too', () => {
    const target = sampleTarget({ accounts: [{ user: '112', password: 'x' }] })
    expect(verdict(new DialPolicy(target).decide('112'))).toBe('emergency')
  })
})

describe('premium numbers are refused in every spelling', () => {
  test.each(
    [
      ['0900123456', '0900 1 234567', '0137 123456', '01381234', '0190123456', '0180 5 123', '11833', '01212345'],
      ['+49900123456', '0049 900 123456', '+49 (0)900 123456', '49900123456', '00900123456', '9 0900 123456'],
      ['+44 909 8790000', '0043900123456', '+41 900 123456', '+1 900 555 0123', '19005550123', '+33 899 123456'],
      ['+881612345678', '+882 16 12345', '+979 1 2345678', '*31#0900123456', '*21*0900123456#'],
      ['sip:0900123456@proxy.example.net', 'tel:+49-900-123456', 'sip:%30900123456@x'],
    ].flat(),
  )('%s', (spelling) => {
    expect(verdict(open.decide(spelling))).toBe('premium')
  })
})

describe('what the target file names may be dialled', () => {
  test.each([
    ['00038799999', 'service'],
    ['00038799998', 'service'],
    ['0211-23706687', 'service'],
    ['sip:00038711111@proxy.example.net', 'service'],
    ['sip:*01@proxy.example.net', 'service'],
    ['sip:%2A01@192.0.2.71', 'service'],
    ['*55*0730#', 'service'],
    ['sip:*55*0110%23@proxy.example.net', 'service'],
    ['*55*0112#', 'service'],
    ['*55*1122#', 'service'],
    ['%2355*2359%23', 'service'],
    ['*#55#', 'service'],
    ['000387100001', 'account'],
    ['sip:alice.smith@secure.example.net:5061;transport=tls', 'account'],
    ['sip:alice.smith@[2001:db8:0:100::71]:5060', 'account'],
    ['021123706601', 'account'],
    ['0003872123#', 'mayDial'],
    ['021198765012', 'account'],
    ['0003872123', 'mayDial'],
    ['ringproof-nobody-4711', 'nobody'],
    ['sip:bob@elsewhere.invalid', 'nobody'],
  ])('%s: %s', (destination, as) => {
    expect(verdict(policy.decide(destination))).toBe(as)
  })

  test.each([
    ['021123706699', 'not-listed'],
    ['*55*2460#', 'not-listed'],
    ['*20', 'not-listed'],
    ['1000387212', 'not-listed'],
    ['sip:alice.smith@elsewhere.example.org', 'elsewhere'],
    ['sip:4711@elsewhere.invalid', 'not-listed'],
    ['', 'unreadable'],
    ['sip:@proxy.example.net', 'unreadable'],
    ['sip:%zz@proxy.example.net', 'unreadable'],
    ['१०१', 'unreadable'],
  ])('%s is refused: %s', (destination, because) => {
    expect(verdict(policy.decide(destination))).toBe(because)
  })

  test('a refusal says what to do', () => {
    expect(policy.decide('021123706699')).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/limits\.mayDial/),
    })
    expect(policy.decide('00038799999').allowed).toBe(true)
  })
})
