import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { readInjection } from '../../../src/import-sipp/injection.js'
import { importSipp } from '../../../src/import-sipp/import-sipp.js'
import { STANDING_CHECKS } from '../../../src/examiner/standing-checks.js'
import { imported, oldFile, storyOf, withCommands } from './imported.js'

describe('a file that registers, calls and talks', () => {
  const made = imported('calls-with-log-in.xml')
  const story = storyOf(made)

  it('logs in once for each request, and holds the target to its challenge', () => {
    expect(story.match(/asksToRegister\(/g)).toHaveLength(1)
    expect(story.match(/\.invites\(/g)).toHaveLength(1)
    expect(story).toContain("expect('loginAsked'")
    expect(story).toContain('.toContain(401)')
    expect(story).toContain('.toContain(407)')
  })
  it('copies no password and no user of the old test bed', () => {
    expect(made.text).not.toMatch(/sEcReT|joe/)
  })
  it('keeps header fields and attributes of its own, with keywords as values', () => {
    expect(story).toContain("'X-Test-Room': `number 7 at ${caller.domain}`")
    expect(story).toContain("edit: addingToDescription(['a=x-room:7'])")
    expect(story).not.toMatch(/rtpmap|Via|CSeq/)
  })
  it('speaks its codecs, and says which it does not', () => {
    expect(made.text).toContain("codecs: ['PCMA']")
    expect(made.notes.map(({ text }) => text)).toContainEqual(expect.stringContaining('G729'))
  })
  it('insists on 180, on what the regular expression finds, and on audio', () => {
    expect(story).toContain('caller.hears(180, { callId: call.id })')
    expect(story).toContain("textOf(seen, 'body').match(new RegExp('m=audio [0-9]+ RTP/AVP'))")
    expect(story).toContain('await connected(caller, called, clock)')
    expect(story).toContain("note(`Answered: ${match?.[0] ?? ''}`)")
  })
  it('waits for the mean of a pause that is drawn by lot, presses keys, and tells the time that it took', () => {
    expect(story).toContain('await waits(2000)')
    expect(story).toContain("await call.sendDigits('12#')")
    expect(story).toContain('response time setup')
  })
  it('leaves nothing to do', () => {
    expect(made.todos).toBe(0)
  })
})

describe('what the old file never checked', () => {
  it('names standing checks and scenarios that there are', () => {
    const scenarios = new Set(
      readdirSync(fileURLToPath(new URL('../../../scenarios', import.meta.url)), {
        recursive: true,
        encoding: 'utf8',
      }).map((file) => file.replace(/\.ts$/, '')),
    )
    const checks = new Set<string>(STANDING_CHECKS.map(({ id }) => id))
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.xml'))
    const named = files
      .flatMap((name) => imported(name, { rows: [['1', '2']] }).neverChecked)
      .flatMap((line) => line.match(/EXAM-[A-Z0-9-]+|\b[a-z]+\/[a-z0-9-]+/g) ?? [])
    expect(new Set(named).size).toBeGreaterThan(20)
    expect([...new Set(named)].filter((name) => !checks.has(name) && !scenarios.has(name))).toEqual([])
  })
  it('tells failures that are optional', () => {
    expect(imported('branches.xml').neverChecked).toContainEqual(expect.stringMatching(/count as success: 486/))
    expect(imported('holds.xml').neverChecked).not.toContainEqual(expect.stringMatching(/count as success/))
  })
  it('tells a BYE whose answer nobody waits for', () => {
    expect(imported('shell.xml').neverChecked).toContainEqual(expect.stringMatching(/answer to its BYE/))
    expect(imported('holds.xml').neverChecked).not.toContainEqual(expect.stringMatching(/answer to its BYE/))
  })
  it('tells that the description is not looked at, unless a regular expression does', () => {
    expect(imported('holds.xml').neverChecked).toContainEqual(expect.stringMatching(/session description/))
    expect(imported('calls-with-log-in.xml').neverChecked).not.toContainEqual(
      expect.stringMatching(/^The session description/),
    )
  })
  it('stands in the file and is its first part', () => {
    const { text, neverChecked } = imported('asks.xml')
    expect(text.indexOf('What the old file never checked')).toBeLessThan(text.indexOf('import {'))
    const comment = text.slice(0, text.indexOf('import {')).replace(/\n\/\/\s*/g, ' ')
    for (const line of neverChecked) expect(comment).toContain(line)
  })
})

describe('whom it calls', () => {
  it('is another device, or the number of --service', () => {
    expect(storyOf(imported('holds.xml'))).toContain('caller.invites(called')
    expect(storyOf(imported('holds.xml', { service: '*43' }))).toContain("caller.invites('*43'")
  })
  it('is nobody where the file waits for 404', () => {
    expect(storyOf(imported('nobody.xml'))).toContain("'ringproof-nobody-1'")
  })
  it('is told where it may not be dialled', () => {
    const { notes } = imported('emergency.xml', { whyNotDialled: (number) => `${number} is not for tests.` })
    expect(notes.map(({ text }) => text)).toContainEqual('The call will not be made. 112 is not for tests.')
  })
  it('is a number for each row of the injection file, whose secrets are not copied', () => {
    const { rows } = readInjection(
      'SEQUENTIAL\n# a comment\n4711;eins;[authentication username=a password=geheim]\n4712;zwei;x\n',
      'numbers.csv',
    )
    const { text, id } = imported('numbers.xml', { rows })
    expect(id).toBe('sipp/numbers')
    expect(text).toContain("['4711', 'eins'],")
    expect(text).toContain("['4712', 'zwei'],")
    expect(text).not.toContain('geheim')
    expect(text).toContain("'X-Row': (row[1] ?? '')")
  })
  it('is another device where a field has no value', () => {
    const { notes } = imported('numbers.xml')
    expect(notes.map(({ text }) => text).join(' ')).toContain('--inf FILE.csv')
  })
})

describe('control flow', () => {
  it('becomes blocks that are left', () => {
    const story = storyOf(imported('branches.xml'))
    expect(story).toContain('.toBeOneOf([486, 200])')
    expect(story).toContain('if (status === 486) break label_over')
    expect(story).toContain("if (typeof status === 'string') break label_over")
    expect(story).toContain('if (match?.[0] !== undefined) break label_hangUp')
    expect(story).toContain('if (random.float() < 0.25) break label_hangUp')
    expect(story).toMatch(/past_\d: \{\n\s+if \(match\?\.\[0\] === undefined\) break past_\d\n\s+await waits\(700\)/)
  })
  it('says what it cannot say: a loop', () => {
    const made = imported('loops.xml')
    expect(made.todos).toBe(1)
    expect(storyOf(made)).toMatch(/\/\/ TODO line \d+: the file goes back here/)
  })
  it('goes on at a label as things were where it was left', () => {
    const made = importSipp(
      withCommands(`<recv request="INVITE"><action><ereg regexp="x" search_in="msg" assign_to="1"/></action></recv>
        <nop next="yes" test="1"/><send>SIP/2.0 486 Busy Here\n[last_Via:]</send><nop next="end"/>
        <label id="yes"/><send>SIP/2.0 200 OK\n[last_Via:]</send><label id="end"/>`),
      { file: 'x.xml' },
    )
    expect(storyOf(made)).toMatch(/reject\(486[^]*await call\.answer\(\)/)
  })
})

describe('a log-in', () => {
  it('that the file has behind a label is one request, whose time begins before it', () => {
    const story = storyOf(imported('log-in-at-a-label.xml'))
    expect(story).toMatch(
      /const began1 = now\(\)\n\s+const registered = await phone\.asksToRegister\(\{ expires: 60 \}\)/,
    )
    expect(story.match(/asksToRegister/g)).toHaveLength(1)
    expect(story).toContain('.toBe(200)')
    expect(story).not.toContain('loginAsked')
  })
  it('that the file never makes is a challenge that has to come', () => {
    const story = storyOf(imported('is-asked-to-log-in.xml'))
    expect(story).toContain(
      "expect('loginAsked', registered.exchange.challenges.map((challenge) => challenge.status)).toContain(401)",
    )
    expect(story).toContain("textOf(seen, 'WWW-Authenticate')")
    expect(story).not.toContain('.toBe(401)')
  })
})

describe('what is not taken over', () => {
  const made = imported('shell.xml')
  const notes = made.notes.map(({ text }) => text).join('\n')
  it('is a command of the shell', () => {
    expect(notes).toContain('a command of the shell is not run')
    expect(made.text).not.toContain('rm -rf')
  })
  it('is another destination, or an expression that JavaScript reads otherwise', () => {
    expect(notes).toContain('setdest')
    expect(notes).toContain('JavaScript reads it otherwise')
    expect(made.todos).toBe(3)
  })
})

describe('the file of the other side', () => {
  it('is called by another device of the run, and hung up on', () => {
    const story = storyOf(imported('is-called.xml'))
    expect(story).toContain('await caller.invites(called)')
    expect(story).toContain("await call.answer({ headers: { 'X-Answered-By': '7' } })")
    expect(story).toContain('await within(calling.hangUp(), WAITS_MS)')
    expect(story).toContain("expect('acknowledged'")
    expect(story).toContain(".toBe('bye')")
  })
  it('refuses, and is given up', () => {
    expect(storyOf(imported('refuses.xml'))).toContain("call.reject(486, 'Busy Here')")
    expect(storyOf(imported('is-given-up.xml'))).toContain('await calling.cancel()')
  })
  it('cannot be a registrar', () => {
    const commands = `<recv request="REGISTER"/><send>SIP/2.0 200 OK\n[last_Via:]</send><recv request="INVITE"/>`
    expect(storyOf(importSipp(withCommands(commands), { file: 'x.xml' }))).toContain('plays a registrar')
  })
})

describe('old files as there are in use', () => {
  const { rows } = readInjection('RANDOM,PRINTF=2\n4711;example.net;geheim%d\n4712;example.net;geheim\n', 'users.csv')
  const made = imported('everything.xml', { rows })
  const notes = made.notes.map(({ text }) => text)

  it('each element is translated, or stands in the story as a TODO and in the list', () => {
    const lines = [...made.text.matchAll(/\/\/ TODO line (\d+)/g)].map(([, line]) => Number(line))
    expect(lines.length).toBe(made.todos)
    const listed = made.notes.map((note) => note.line)
    for (const line of lines) expect(listed).toContain(line)
    for (const name of [
      'add',
      'test',
      'strcmp',
      'gettimeofday',
      'sample',
      'lookup',
      'jump',
      'verifyauth',
      'replace',
      'closecon',
      'error',
    ])
      expect(notes, name).toContainEqual(expect.stringMatching(new RegExp(`^<${name}> is not taken over: `)))
    expect(notes).toContainEqual(expect.stringMatching(/^<Global> is not taken over: variables that all calls share/))
  })
  it('fields of the message that came last, the time and the family have values', () => {
    const story = storyOf(made)
    expect(story).toMatch(/last via \$\{'Via: ' \+ textOf\(.+, 'Via'\)\}/)
    expect(story).toContain("${Math.round(now())} on ${(variant.family === 'ipv6' ? '6' : '4')}")
  })
  it('no password is copied, from the file or from the rows', () => {
    expect(made.text).not.toContain('geheim')
  })
})

it('names the command where a file cannot be used', () => {
  const refusal = (text: string) => () => importSipp(text, { file: 'old.xml' })
  expect(refusal(withCommands('<recv response="abc"/>'))).toThrow(
    /old\.xml:3:1: this <recv> has response="abc"\. Give it a status/,
  )
  expect(refusal(withCommands('<send>HELLO</send>'))).toThrow(/old\.xml:3:1: this <send> holds no SIP message/)
  expect(refusal(withCommands(''))).toThrow(/neither <send> nor <recv>/)
  expect(refusal(withCommands('<pause milliseconds="5"/>'))).toThrow(/could not fail/)
  expect(refusal(withCommands('<recv request=".*" regexp_match="true"/>'))).toThrow(/it answers whatever comes/)
  expect(refusal('<html/>')).toThrow(/root element is <html>, not <scenario>/)
  expect(() => readInjection('4711;1\n', 'n.csv')).toThrow(/n\.csv:1:1: the first line must say SEQUENTIAL/)
})

it('reads what other programs write at the beginning of a file', () => {
  const text = oldFile('asks.xml')
  expect(importSipp(`\uFEFF${text}`, { file: 'a.xml' }).id).toBe('sipp/a')
})
