import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import { afterAll, describe, expect, test } from 'vitest'
import { loadTarget, parseTarget, TargetFileError, targetJsonSchema } from '../../../src/target/target-file.js'

const minimal = `name: small
domain: example.net
endpoints: { udp: { host: example.net } }
accounts:
  - user: '\${USER_1}'
    password: '\${PASSWORD_1}'
`
const env = { USER_1: '100001', PASSWORD_1: 'hush-hush' }
const parse = (text: string, variables: Record<string, string> = env) =>
  parseTarget(text, { file: 'x.yaml', env: variables })

function failure(text: string, variables: Record<string, string> = env): string {
  try {
    parse(text, variables)
  } catch (error) {
    if (error instanceof TargetFileError) return error.message
    throw error
  }
  throw new Error('this target file was accepted')
}

describe('a target file', () => {
  test('needs a name, a domain, one endpoint and one account; the rest has defaults', () => {
    expect(parse(minimal)).toMatchObject({
      name: 'small',
      endpoints: { udp: { host: 'example.net', port: 5060 } },
      families: ['ipv4'],
      accounts: [{ user: '100001', password: 'hush-hush', numbers: [], roles: ['any'] }],
      media: { codecs: ['PCMA', 'PCMU'], srtp: [] },
      timers: { T1: 500, T2: 4000, T4: 5000 },
      limits: { callsPerSecond: 2, concurrentCalls: 4, mayFuzz: false, mayDial: [] },
      unsupported: [],
    })
  })

  test('says how many calls an account may have at a time where it has the role for that, and no other', () => {
    const account = (more: string) => minimal.replace(/PASSWORD_1.*$/m, (end) => `${end}\n${more}`)
    const limited = account('    roles: [limited]\n    callsAtATime: 2')
    expect(parse(limited).accounts).toMatchObject([{ roles: ['limited'], callsAtATime: 2 }])
    expect(failure(account('    roles: [limited]'))).toMatch(/callsAtATime: expected how many calls/)
    for (const roles of ['', '    roles: [any]\n', '    roles: [any, limited]\n', '    roles: [trunk]\n'])
      expect(failure(account(`${roles}    callsAtATime: 2`))).toMatch(/roles: expected \[limited\], and no other role/)
    expect(parse(account('    roles: [paced]\n    callsPerSecond: 1')).accounts).toMatchObject([{ callsPerSecond: 1 }])
    expect(failure(account('    callsPerSecond: 1'))).toMatch(/roles: expected \[paced\], and no other role/)
  })

  test('says that the target restarts only where ringproof starts it', () => {
    expect(failure(`${minimal}restarts: true\n`)).toMatch(/restarts: expected 'launch' beside it/)
    expect(parse(`${minimal}launch: embedded\nrestarts: true\n`).restarts).toBe(true)
  })

  test('without endpoints is complete: they are found through DNS', () => {
    expect(parse(minimal.replace(/^endpoints.*\n/m, '')).endpoints).toEqual({})
  })

  test('hosts come in one form: IPv6 without brackets, names without the dot of the root', () => {
    const hosts = (host: string) => parse(minimal.replaceAll('example.net', () => host))
    expect(hosts("'[2001:db8::1]'")).toMatchObject({
      domain: '2001:db8::1',
      endpoints: { udp: { host: '2001:db8::1' } },
    })
    expect(hosts('SIP.example.net.')).toMatchObject({
      domain: 'SIP.example.net',
      endpoints: { udp: { host: 'SIP.example.net' } },
    })
  })

  test('may say things once: anchors, aliases and merged groups', () => {
    const text = minimal.replace(
      '{ udp: { host: example.net } }',
      '{ udp: &server { host: example.net }, tcp: *server, tls: { <<: *server, port: 5071 } }',
    )
    expect(parse(text).endpoints).toEqual({
      udp: { host: 'example.net', port: 5060 },
      tcp: { host: 'example.net', port: 5060 },
      tls: { host: 'example.net', port: 5071 },
    })
  })

  test('may come from an editor on Windows, or as JSON', () => {
    expect(parse(`\ufeff${minimal.replaceAll('\n', '\r\n')}`)).toEqual(parse(minimal))
    expect(parse(JSON.stringify({ ...parse(minimal), accounts: [{ user: '1', password: '2' }] })).name).toBe('small')
  })

  test('a relay may be asked for its counters where its control address stands, as numbers with a port', () => {
    const control = (text: string) =>
      `${minimal}published: { relays: [{ name: a, addresses: [192.0.2.1], udp: [1], control: { rtpengine: "${text}" } }] }\n`
    for (const text of ['192.0.2.9:2223', '[2001:db8::9]:1', '127.0.0.1:65535'])
      expect(parse(control(text)).published?.relays[0]?.control).toEqual({ rtpengine: text })
    for (const text of [
      'relay.example:2223',
      ':2223',
      '2223',
      '192.0.2.9:0',
      '192.0.2.9:65536',
      '2001:db8::9:1',
      '[192.0.2.9]:1',
      '0.0.0.0:2223',
      '[::]:2223',
      'udp:192.0.2.9:2223',
      '192.0.2.9:2223 ',
    ])
      expect(failure(control(text)), text).toMatch(/rtpengine: expected an IP address with its port/)
  })

  test('values from the environment are always text, and is replaced within texts', () => {
    const text = minimal.replace("'${USER_1}'", () => "'x-${USER_1}-$${Y}'")
    expect(parse(text, { ...env, USER_1: '007' }).accounts[0]?.user).toBe('x-007-${Y}')
  })

  test('dus-net.yaml can be read with its variables set', () => {
    const text = readFileSync('targets/dus-net.yaml', 'utf8')
    const variables = Object.fromEntries([...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => [name, '000387']))
    let n = 0
    for (const name of Object.keys(variables)) variables[name] = `00038710000${n++}`
    const target = loadTarget('targets/dus-net.yaml', variables)
    expect(target.name).toBe('dus.net')
    expect(target.published?.relays.length).toBe(6)
    expect(Object.keys(target.services.codes).length).toBe(14)
  })

  test('every shipped target names the schema for editors', () => {
    expect(readFileSync('targets/dus-net.yaml', 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/schema\/target\.schema\.json/,
    )
  })

  test('schema/target.schema.json is in step (RINGPROOF_WRITE_SCHEMA=1 writes it anew)', () => {
    const text = `${JSON.stringify(targetJsonSchema(), null, 2)}\n`
    if (process.env.RINGPROOF_WRITE_SCHEMA) writeFileSync('schema/target.schema.json', text)
    expect(JSON.parse(readFileSync('schema/target.schema.json', 'utf8'))).toEqual(targetJsonSchema())
  })
})

describe('a wrong target file is answered with position, field, expectation and advice', () => {
  test.each([
    [
      'a missing variable',
      minimal,
      { USER_1: '1' },
      /^x\.yaml:6:15: accounts\[0\]\.password: the environment variable PASSWORD_1 is not set; set it/,
    ],
    [
      'an empty variable',
      minimal,
      { ...env, USER_1: '' },
      /^x\.yaml:5:11: accounts\[0\]\.user: the environment variable USER_1 is empty/,
    ],
    [
      'an unclosed variable',
      minimal.replace('${USER_1}', '${USER_1'),
      env,
      /is not an environment variable; write \$\{NAME\}/,
    ],
    [
      'an unknown field',
      `${minimal}familys: [ipv4]\n`,
      env,
      /^x\.yaml:7:1: familys: unknown field; did you mean 'families'\?$/,
    ],
    [
      'an unknown field deep down',
      minimal.replace('user:', 'usr:'),
      env,
      /^x\.yaml:5:5: accounts\[0\]\.usr: unknown field; did you mean 'user'\?$/m,
    ],
    [
      'a field like no other',
      `${minimal}limits: { zzzzzzzz: 1 }\n`,
      env,
      /^x\.yaml:7:11: limits\.zzzzzzzz: unknown field; expected one of: callsPerSecond, concurrentCalls/,
    ],
    [
      'a missing field',
      minimal.replace('domain: example.net\n', ''),
      env,
      /^x\.yaml:1:1: domain: expected a text, but it is missing; add it$/,
    ],
    [
      'an extension that may be an emergency number',
      minimal.replace("'\n    password", "'\n    numbers: ['110']\n    password"),
      env,
      /^x\.yaml:6:15: accounts\[0\]\.numbers\[0\]: '110' is, or looks like, an emergency .* give the account another number/,
    ],
    [
      'users that are dialled and may not be',
      `${minimal}  - { user: '112', password: x }\n`,
      env,
      /^x\.yaml:7:13: accounts\[1\]\.user: '112' is, or looks like, an emergency .* give the account a number that can be dialled/,
    ],
    [
      'a service behind a premium number',
      `${minimal}services: { echo: '0900123456' }\n`,
      env,
      /^x\.yaml:7:19: services\.echo: '0900123456' is, or looks like, a number that costs extra/,
    ],
    [
      'a wrong type',
      `${minimal}families: ipv4\n`,
      env,
      /^x\.yaml:7:11: families: expected a list, found ipv4; write it as a list: \[ipv4\]$/,
    ],
    [
      'a number without quotes',
      `${minimal}services: { echo: 00038799999 }\n`,
      env,
      /^x\.yaml:7:19: services\.echo: expected a text, found 00038799999; put it in quotes.*'00038799999'$/,
    ],
    [
      'a port from the environment',
      minimal.replace('host: example.net', "host: example.net, port: '${USER_1}'"),
      env,
      /endpoints\.udp\.port: expected a number, found '\$\{USER_1\}'; values from the environment are always text/,
    ],
    [
      'a port that is none',
      minimal.replace('host: example.net', 'host: example.net, port: 70000'),
      env,
      /endpoints\.udp\.port: expected at most 65535, found 70000/,
    ],
    [
      'a port in quotes',
      minimal.replace('host: example.net', 'host: example.net, port: "5060"'),
      env,
      /endpoints\.udp\.port: expected a number, found "5060"; remove the quotes/,
    ],
    [
      'a word of no list',
      `${minimal}policy: { sharedCredentials: share }\n`,
      env,
      /policy\.sharedCredentials: expected one of displace, fork, refuse, found share/,
    ],
    [
      'no endpoint',
      minimal.replace('{ udp: { host: example.net } }', '{}'),
      env,
      /^x\.yaml:3:12: endpoints: expected at least one of udp, tcp and tls/,
    ],
    [
      'no account',
      minimal.replace(/accounts:[^]*/, 'accounts: []\n'),
      env,
      /^x\.yaml:4:11: accounts: expected at least one entry, found \[\]$/,
    ],
    [
      'an account twice',
      `${minimal}  - { user: '100001', password: x }\n`,
      env,
      /^x\.yaml:7:13: accounts\[1\]\.user: expected another user than that of accounts\[0\]/,
    ],
    [
      'two passwords',
      minimal.replace('password:', "passwordFile: 'x'\n    password:"),
      env,
      /expected either 'password' or 'passwordFile'/,
    ],
    [
      'a host with a port',
      minimal.replace('host: example.net', "host: 'example.net:5060'"),
      env,
      /endpoints\.udp\.host: expected a host name or an IP address/,
    ],
    [
      'encryption without a suite',
      `${minimal}\nmedia: { srtpOn: { udp: required } }\n`,
      env,
      /media\.srtpOn\.udp: expected suites in media\.srtp/,
    ],
    [
      'a range of ports upside down',
      `${minimal}published: { relays: [{ name: a, addresses: [192.0.2.1], udp: [20000-10000] }] }\n`,
      env,
      /published\.relays\[0\]\.udp\[0\]: expected a port from 1 to 65535, or a range.*found 20000-10000/,
    ],
    [
      'an address that is none',
      `${minimal}published: { relays: [{ name: a, addresses: [192.0.2.300], udp: [1] }] }\n`,
      env,
      /published\.relays\[0\]\.addresses\[0\]: expected an IP address, or a range/,
    ],
    [
      'a control address without a port',
      `${minimal}published:\n  relays:\n    - name: a\n      addresses: [192.0.2.1]\n      udp: [1]\n      control: { rtpengine: 127.0.0.1 }\n`,
      env,
      /^x\.yaml:12:29: published\.relays\[0\]\.control\.rtpengine: expected an IP address with its port, such as 127\.0\.0\.1:2223 .*found 127\.0\.0\.1$/,
    ],
    [
      'another way to ask a relay',
      `${minimal}published: { relays: [{ name: a, addresses: [192.0.2.1], udp: [1], control: { rtpproxy: '127.0.0.1:7722' } }] }\n`,
      env,
      /published\.relays\[0\]\.control\.rtpengine: expected a text, but it is missing; add it/,
    ],
    [
      'relays in each other',
      `${minimal}published: { relays: [{ name: a, addresses: [192.0.2.0/24], udp: [1000-2000] }, { name: b, addresses: [192.0.2.9], udp: [2000] }] }\n`,
      env,
      /published\.relays\[1\]\.addresses: expected addresses or ports that 'a' does not have too/,
    ],
    [
      'a pattern that is none',
      `${minimal}limits: { mayDial: ['^(0'] }\n`,
      env,
      /limits\.mayDial\[0\]: expected a regular expression, found '\^\(0'/,
    ],
    [
      'a pattern that needs a memory',
      `${minimal}limits: { mayDial: ['^(?!0900)'] }\n`,
      env,
      /limits\.mayDial\[0\]: expected a regular expression that can be used: look-around/,
    ],
    [
      'a host to be reached that is a name',
      `${minimal}limits: { mayReach: [relay.example.net] }\n`,
      env,
      /limits\.mayReach\[0\]: expected an IP address, or a range of them such as 192\.0\.2\.0\/24/,
    ],
    [
      'a range with too many bits',
      `${minimal}limits: { mayReach: [192.0.2.0/33] }\n`,
      env,
      /limits\.mayReach\[0\]: expected an IP address, or a range/,
    ],
    [
      'a time zone that is none',
      `${minimal}services: { timezone: Europe/Atlantis }\n`,
      env,
      /services\.timezone: expected a time zone/,
    ],
    [
      'expiry limits upside down',
      `${minimal}policy: { registration: { minExpires: 60, maxExpires: 30 } }\n`,
      env,
      /policy\.registration: expected minExpires to be at most maxExpires/,
    ],
    [
      'an authority that is not there',
      minimal.replace('udp:', 'tls:').replace('host: example.net', 'host: example.net, ca: no.pem'),
      env,
      /endpoints\.tls\.ca: there is no file .*no\.pem/,
    ],
    ['no YAML', 'name: [a\n', env, /^x\.yaml:2:1: not readable as YAML: /],
    ['a field twice', `${minimal}name: other\n`, env, /^x\.yaml:7:1: not readable as YAML: Map keys must be unique/],
    ['nothing at all', '', env, /^x\.yaml:1:1: expected a group of fields/],
  ])('%s', (_, text, variables, expected) => {
    expect(failure(text, variables)).toMatch(expected)
  })

  test('all problems are told at once', () => {
    expect(failure(`${minimal}familys: 1\nlimit: 2\ntimers: { T1: fast }\n`).split('\n')).toHaveLength(3)
  })

  test('no secret is ever shown', () => {
    const message = failure(
      minimal.replace("user: '${USER_1}'", "user: ''").replace("'${PASSWORD_1}'", '[plain-secret]'),
    )
    expect(message).toContain('accounts[0].password')
    expect(message).not.toMatch(/hush|plain-secret/)
  })

  test.each([
    ['a number', minimal.replace("'${PASSWORD_1}'", '98127634')],
    ['a text with something behind it', minimal.replace("'${PASSWORD_1}'", "'it's 98127634'")],
    ['what breaks the syntax', minimal.replace("'${PASSWORD_1}'", '"a" 98127634: "b"')],
    ['a short form that there is not', minimal.replace(/accounts:[^]*/, 'accounts: [100001:98127634]\n')],
    ['another short form', minimal.replace(/accounts:[^]*/, 'accounts: 100001:98127634\n')],
    ['a field with a slip of the pen', minimal.replace(/password:.*/, 'pasword: 98127634')],
  ])('no secret is shown that is %s', (_, text) => {
    expect(failure(text)).not.toContain('98127634')
  })

  test('an alias that refers to itself', () => {
    expect(failure('name: &a [*a]\n')).toMatch(/^x\.yaml:1:1: not readable as YAML: .*refers to itself/)
  })

  test('a binary file is answered with a few lines without control characters', () => {
    const message = failure(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 73) % 251)).toString('latin1'))
    expect(message.split('\n').length).toBeLessThanOrEqual(3)
    expect(message).not.toMatch(/[^\P{Cc}\n]/u)
  })

  test('line ends in what becomes a header field', () => {
    expect(failure(minimal, { ...env, USER_1: 'a\r\nContact: *' })).toMatch(/accounts\[0\]\.user: .*without line ends/)
    expect(failure(minimal, { ...env, PASSWORD_1: 'hush-hush\n' })).toMatch(/accounts\[0\]\.password: .*line ends/)
  })

  test('a file that is not there', () => {
    expect(() => loadTarget('targets/none.yaml', {})).toThrow('targets/none.yaml: no such file')
  })
})

describe('files that a target file names', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringproof-target-'))
  afterAll(() => rmSync(directory, { recursive: true }))

  test('are found beside it, and a password is the first line of its file', () => {
    writeFileSync(join(directory, 'secret'), 'from a file\nsecond line\n')
    writeFileSync(join(directory, 'ca.pem'), rootCertificates[0] ?? '')
    writeFileSync(
      join(directory, 't.yaml'),
      minimal
        .replace("password: '${PASSWORD_1}'", 'passwordFile: secret')
        .replace('udp: { host: example.net', 'tls: { host: example.net, ca: ca.pem'),
    )
    const target = loadTarget(join(directory, 't.yaml'), env)
    expect(target.accounts[0]?.password).toBe('from a file')
    expect(target.endpoints.tls?.ca).toBe(join(directory, 'ca.pem'))
  })
  test.each([
    [
      'a password',
      "password: '${PASSWORD_1}'",
      'passwordFile: folder',
      /passwordFile: .*folder cannot be read: .*directory/,
    ],
    ['an authority', 'udp: { host: example.net', 'tls: { host: example.net, ca: folder', /ca: .*folder cannot be read/],
    [
      'no authority',
      'udp: { host: example.net',
      'tls: { host: example.net, ca: t.yaml',
      /ca: .* contains no certificate/,
    ],
  ])('%s that is a folder or something else', (_, from, to, expected) => {
    mkdirSync(join(directory, 'folder'), { recursive: true })
    writeFileSync(join(directory, 't.yaml'), minimal.replace(from, to))
    expect(() => loadTarget(join(directory, 't.yaml'), env)).toThrow(expected)
  })

  test('a file without an end, or a folder, instead of the target file', () => {
    expect(() => loadTarget('/dev/zero', env)).toThrow(/larger than 16 MB; give the path of a target file/)
    expect(() => loadTarget(directory, env)).toThrow(/directory; give the path of a target file/)
  })
})
