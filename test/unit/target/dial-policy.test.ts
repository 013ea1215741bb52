import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseUri } from '../../../src/message/uri.js'
import { DialPolicy, isForbiddenUri, requestUri } from '../../../src/target/dial-policy.js'
import { emergencyNumbers } from '../../../src/target/forbidden-numbers.js'
import { ReachPolicy } from '../../../src/target/reach-policy.js'
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
      ['*21*110#', '*21*112', '**61*911#', '*40*+49110#', '**61*112*11*20#', '*40*112#', '0*40*112#'],
      ['+112', 'tel:+112', '+0112', '0,112', '0p112', '0w112', '0*31#112', '000112', '0000112', '8112', '80112'],
      ['01033112', '010015112', '1010288911', '141999', '1167911', '00049112', '0030112', '800491 12', '+030112'],
      ['urn:service:sos.fire', 'sip:sos.police@x', 'sip:112;x=1@x', '0,,112,,1'],
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
      ['01033 0900 123456', '8 0900 123456', '+0900123456', '0,0900123456', '0*31#0900123456', '0190123;y=1'],
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

  test.each([
    ['sip:112@127.0.0.1;x=<4711>', 'unreadable'],
    ['tel:112;x=<4711>', 'unreadable'],
    ['sip:0190123@proxy.example.net?y=<4711>', 'unreadable'],
    ['sip:112@elsewhere.example.org <4711>', 'unreadable'],
    ['sip:112%40proxy.example.net;x=%3C4711%3E', 'unreadable'],
    ['"<4711>" <sip:112@proxy.example.net>', 'emergency'],
    ['sip:4711@proxy.example.net;maddr=203.0.113.9', 'unreadable'],
    ['sip:4711@proxy.example.net%3Bmaddr=203.0.113.9', 'unreadable'],
    ['sip:4711@proxy.example.net?Route=%3Csip:203.0.113.9%3E', 'unreadable'],
    ['sip:4711@proxy.example.net?Route=x', 'unreadable'],
    ['sip:4711@127.0.0.1', 'elsewhere'],
    ['4711;postd=112', 'unreadable'],
    [`4711${'1'.repeat(200)}`, 'unreadable'],
  ])('whatever the file allows, %s is refused: %s', (destination, because) => {
    expect(verdict(open.decide(destination))).toBe(because)
  })

  test.each(['030112233', '+4930112233', '0211 1123456', '4711', '1125551', '2112211', '00493011245', '+11234567890'])(
    'an ordinary number that holds one is allowed: %s',
    (destination) => {
      expect(verdict(open.decide(destination))).toBe('mayDial')
    },
  )

  test('an extension that the file names is one, though elsewhere its first digit asks for an outside line', () => {
    const target = sampleTarget({ accounts: [{ user: '8112', password: 'x' }], limits: { mayDial: ['.*'] } })
    expect(verdict(new DialPolicy(target).decide('8112'))).toBe('account')
    expect(verdict(new DialPolicy(target).decide('7112'))).toBe('emergency')
    const outside = sampleTarget({ accounts: [{ user: '0112', password: 'x' }], services: { echo: '9196' } })
    expect(verdict(new DialPolicy(outside).decide('0112'))).toBe('emergency')
    // The echo test of FreeSWITCH's examples: 196 is a number for distress at sea.
    expect(verdict(new DialPolicy(outside).decide('9196'))).toBe('service')
    expect(new ReachPolicy(outside).forbids('sip:9196@proxy.example.net')).toBe(false)
    expect(new ReachPolicy(outside).forbids('sip:9195@proxy.example.net')).toBe(true)
    for (const unnamed of ['9195', '0196', '+9196', '*31#9196', '9112'])
      expect(verdict(new DialPolicy(outside).decide(unnamed)), unnamed).toBe('emergency')
  })

  test('an account whose extension is an emergency number of some country alone is called, and nothing else is by that number', () => {
    const target = sampleTarget({
      accounts: [
        { user: '101', password: 'x' },
        { user: 'bob', authUser: '102', numbers: ['12'], password: 'x' },
        { user: '112', password: 'x' },
      ],
      services: { echo: '103' },
      limits: { mayDial: ['.*'] },
    })
    const policy = new DialPolicy(target)
    const reach = new ReachPolicy(target)
    for (const own of ['101', '12', 'sip:101@proxy.example.net']) {
      expect(verdict(policy.decide(own)), own).toBe('account')
      expect(reach.forbids(own), own).toBe(false)
    }
    for (const other of ['102', '103', '104', '112', '0101', '+101', '*21*101#', '+49101']) {
      expect(verdict(policy.decide(other)), other).toBe('emergency')
      expect(reach.forbids(`sip:${other}@proxy.example.net`), other).toBe(true)
    }
  })

  test('an account is called though its number would end in an emergency number, were its zeros the outside line', () => {
    const target = sampleTarget({ accounts: [{ user: '00038710110', password: 'x' }], limits: { mayDial: ['.*'] } })
    const [policy, reach] = [new DialPolicy(target), new ReachPolicy(target)]
    expect(verdict(policy.decide('00038710110'))).toBe('account')
    expect(reach.forbids('sip:00038710110@127.0.0.1:5071;transport=tls')).toBe(false)
    for (const other of ['00038710112', '038710110', '0038710110']) {
      expect(verdict(policy.decide(other)), other).toBe('emergency')
      expect(reach.forbids(`sip:${other}@proxy.example.net`), other).toBe(true)
    }
  })

  test.each([
    ['0211-23706687', 'sip:0211-23706687@own.example'],
    ['0211 23706687', 'sip:021123706687@own.example'],
    ['tel:0211-23706687', 'sip:0211-23706687@own.example'],
    ['"Box" <sip:00038711111@proxy.example.net;user=phone>;tag=1', 'sip:00038711111@proxy.example.net'],
    ['sip:alice.smith@secure.example.net:5061;transport=tls', 'sip:alice.smith@secure.example.net:5061;transport=tls'],
    ['sip:alice.smith@[2001:db8:0:100::71]:5060', 'sip:alice.smith@[2001:db8:0:100::71]:5060'],
    ['sips:alice.smith@secure.example.net', 'sips:alice.smith@secure.example.net'],
    ['sip:%2A01@proxy.example.net', 'sip:%2A01@proxy.example.net'],
    ['sip:%252A01@proxy.example.net', 'sip:*01@proxy.example.net'],
    ['*55*0730#', 'sip:*55*0730%23@own.example'],
    ['sip:00038711111:secret@proxy.example.net', 'sip:00038711111@proxy.example.net'],
    ['sip:00038711111;phone-context=+49112@proxy.example.net', 'sip:00038711111@proxy.example.net'],
  ])('%s is sent as %s: what was judged and nothing else', (destination, uri) => {
    const decision = policy.decide(destination)
    expect(decision.allowed && requestUri(decision.dialled, 'own.example')).toBe(uri)
  })

  test('what is sent is judged the same once more', () => {
    const piece = constantFrom(
      ...Array.from('0123456789*#+;:@<>?&=%"-., '),
      'sip:',
      'tel:',
      '112',
      '%3C',
      '%40',
      'x=',
      '127.0.0.71',
    )
    assert(
      property(array(piece, { minLength: 1, maxLength: 12 }), (pieces) => {
        const decision = open.decide(pieces.join(''))
        if (!decision.allowed) return true
        const uri = requestUri(decision.dialled, 'proxy.example.net')
        return !isForbiddenUri(uri) && open.decide(uri).allowed && parseUri(uri).host === 'proxy.example.net'
      }),
      { numRuns: 5000 },
    )
  })

  test('a refusal says what to do', () => {
    expect(policy.decide('021123706699')).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/limits\.mayDial/),
    })
    expect(policy.decide('00038799999').allowed).toBe(true)
  })
})
