import { describe, expect, test } from 'vitest'
import { idsOf, loadCatalogue } from '../../../src/cli/explain/catalogue.js'
import { bySymptom, explain } from '../../../src/cli/explain/explain.js'
import { stem, tokensOf } from '../../../src/cli/explain/words.js'
import { CAUSES } from '../../../src/result/causes.js'

const catalogue = await loadCatalogue()
const firstIds = (words: string, most: number) =>
  bySymptom(words, catalogue)
    .slice(0, most)
    .map((match) => ('definition' in match ? match.definition.id : match.id))

describe('explain by id', () => {
  test('a scenario: its rules with gravity, harm and advice as the report has them, and what to run', () => {
    const scenario = catalogue.scenarios.find(({ definition }) => definition.id === 'registrar/refresh-replaces')
    const { harm = '', advice = '', rules = {} } = scenario?.definition ?? {}
    const text = explain('registrar/refresh-replaces', catalogue)
    expect(text).toContain(`Who notices: ${harm}`)
    expect(text).toContain(`What to do: ${advice}`)
    expect(Object.keys(rules).length).toBeGreaterThan(0)
    for (const { paraphrase, source } of Object.values(rules)) expect(text).toContain(`${source}  ${paraphrase}`)
    expect(text).toContain('Run it: ringproof run --only registrar/refresh-replaces')
    expect(text).toContain('refresh-adds-binding')
  })

  test('a provider row: the promise, and what tests it', () => {
    const text = explain('bh-7', catalogue)
    expect(text).toMatch(/^BH-7: Only TLS and SRTP together protect a call/)
    expect(text).toContain('srtp/protected-call: ')
    expect(text).toContain('Run it: ringproof run --only BH-7')
  })

  test('a standing check: who notices, what to do', () => {
    const check = catalogue.standing.find(({ id }) => id === 'EXAM-KEYS-IN-CLEAR')
    const text = explain('EXAM-KEYS-IN-CLEAR', catalogue)
    expect(text).toContain(`Who notices: ${check?.harm}`)
    expect(text).toContain(`What to do: ${check?.advice}`)
  })

  test('a cause: what is broken, and the rules that see it', () => {
    const text = explain('no-audio', catalogue)
    expect(text).toMatch(/^no-audio: audio does not arrive/)
    expect(text).toContain('  media/two-way: ')
    expect(text).toContain('Gravity:        outage')
    expect(text).toMatch(/Run it: ringproof run .*--only media\/two-way/)
  })

  test('a vital sign', () => {
    const text = explain('survey/login', catalogue)
    expect(text).toMatch(/^survey\/login: Devices can register\n/)
    expect(text).toContain('Who notices: Telephones cannot register')
    expect(explain('survey/echo', catalogue)).toContain('The echo test answers')
    expect(explain('EP-1', catalogue)).toContain('  survey/reach: ')
  })

  test('a purpose, a fault', () => {
    expect(explain('reg-refresh', catalogue)).toMatch(/^REG-REFRESH: a refresh replaces the binding and adds none\n/)
    expect(explain('reg-refresh', catalogue)).toContain('registrar/refresh-replaces: ')
    expect(explain('refresh-adds-binding', catalogue)).toMatch(
      /Try it: ringproof run --fault refresh-adds-binding --only /,
    )
  })

  test('every id has a text without gaps', () => {
    const ids = [...new Set(idsOf(catalogue))]
    expect(ids.length).toBeGreaterThan(400)
    for (const id of ids) {
      const text = explain(id, catalogue)
      expect(text.split('\n')[0], id).not.toMatch(/Best matches/)
      expect(text, id).not.toMatch(/\{\w+|undefined|\n\n\n/)
    }
  })

  test('something mistyped', () => {
    expect(() => explain('registrar/refresh-replacse', catalogue)).toThrow("did you mean 'registrar/refresh-replaces'?")
  })
})

/** An ACK that does not arrive ends a call after 64·T1. */
const HOLDS = ['dialog/hold-by-caller', 'dialog/hold-by-called', 'dialog/hold-by-both', 'dialog/hold-by-address']
const ACK_LOST = [
  'nat/ack-of-callee',
  'nat/ack-of-caller',
  'proxy/stays-on-the-path',
  'digest/ack-and-cancel',
  'retransmission/lossy-call',
]

describe('explain by symptom', () => {
  test.each([
    ['one-way audio', 'media/two-way'],
    ['silence', 'media/two-way'],
    ['caller hears nothing', 'media/two-way', 'media/echo', 'nat/audio'],
    ['drops after 32 s', ...ACK_LOST],
    ['calls are cut off after half a minute', ...ACK_LOST],
    ['hold', 'media/hold', ...HOLDS],
    ['music on hold', 'media/hold', ...HOLDS],
    ['transfer loses the caller', 'dialog/transfer-blind', 'dialog/transfer-attended', 'dialog/transfer-failed'],
    ['calls drop after 15 minutes', 'media/call-of-quarter-hour', 'dialog/session-of-caller-invite'],
    ['cannot be called behind a router', 'nat/keep-alive', 'nat/tcp-path', 'nat/rport'],
    ['wrong password', 'digest/wrong-password'],
    ['DTMF not recognised', 'dtmf/told-back', 'dtmf/between-devices'],
    ['choppy audio', 'media/two-way'],
    ['certificate expired', 'tls/certificate'],
    ['caller ID spoofed', 'security/somebody-elses-number'],
    ['phone keeps ringing after the caller hangs up', 'retransmission/cancel'],
    ['voicemail', 'services/mailbox', 'services/mailbox-round-trip', 'lamps/mailbox-light'],
    ['call forwarding', 'services/divert-all'],
    ['echo', 'media/echo'],
    ['no audio on IPv6', 'ipv6/from-ipv6'],
    ['anybody can listen in', 'srtp/keys-in-clear'],
    ['no ringback tone', 'media/early'],
  ])('%s: %s, or the like, is among the first three', (words, ...ids) => {
    expect(ids).toContainEqual(expect.toBeOneOf(firstIds(words, 3)))
  })

  test('says who notices and what to run', () => {
    const text = explain('one-way audio', catalogue)
    expect(text).toMatch(/^Best matches for 'one-way audio':\n\n1\. media\/two-way: /)
    expect(text).toContain('Run: ringproof run --only media/two-way')
  })

  test('nothing that any text speaks of', () => {
    expect(() => explain('qwertz asdf', catalogue)).toThrow(/Nothing is called 'qwertz asdf'/)
  })
})

test('words are compared without their endings', () => {
  for (const [word, expected] of Object.entries({
    calls: 'call',
    called: 'call',
    calling: 'call',
    dropped: 'drop',
    drops: 'drop',
    registered: 'register',
    registries: 'registry',
    address: 'address',
    ring: 'ring',
    '180': '180',
  }))
    expect(stem(word), word).toBe(expected)
})

test('punctuation and units do not matter', () => {
  expect(tokensOf("can't hear: 32s")).toEqual(['cant', 'hear', '32', 's'])
})

test('causes are words of their own: none is a scenario', () => {
  const ids = new Set(catalogue.scenarios.map(({ definition }) => definition.id))
  expect(Object.keys(CAUSES).filter((cause) => ids.has(cause))).toEqual([])
})
