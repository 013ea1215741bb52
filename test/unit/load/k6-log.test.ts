import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { troubleWithScript } from '../../../src/load/k6-check.js'
import { K6Log, words } from '../../../src/load/k6-log.js'

const folder = mkdtempSync(join(tmpdir(), 'k6-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const entry = (level: string, msg: string, more = {}) => `${JSON.stringify({ level, msg, time: 'now', ...more })}\n`

it.each([
  [
    // Frames of the library and of k6 are left out.
    "Error: '3 seconds' is no duration\n\tat secondsOf (file:///x/k6/lib/time.ts:7:10(48))\n\tat file:///bad/mix.ts:6:22(339)\n",
    "bad/mix.ts:6:22: '3 seconds' is no duration",
  ],
  [
    'GoError: stat /x/nope.json: no such file or directory\n\tat go.k6.io/k6/v2/internal/js.(*Bundle).func3 (native)\n\tat file:///mix.ts:6:15(319)\n',
    'mix.ts:6:15: stat /x/nope.json: no such file or directory',
  ],
  [
    "There were problems with the specified script configuration:\n\t- executor flow: function 'nobody' not found in exports",
    "executor flow: function 'nobody' not found in exports",
  ],
  [
    "could not initialize '-': could not load JS test 'file:///-': unknown executor type 'constant-arival-rate'",
    "unknown executor type 'constant-arival-rate'",
  ],
  ['test aborted: enough at abort (file:///x/k6/lib/abort.ts:5:17(6))', 'enough'],
])('a message of k6 becomes one line that names the place in the script', (message, line) => {
  expect(words(message)).toBe(line)
})

it('what the script says is shown as it is, trouble of k6 a few times, and crossed thresholds are left to the report', () => {
  const shown: string[] = []
  const log = new K6Log((line) => shown.push(line))
  const thrown = entry('error', 'TypeError: no\n\tat default (file:///mix.ts:9:3(1))\n', { source: 'stacktrace' })
  const text = [
    entry('info', 'hello', { source: 'console' }),
    entry('info', 'of no interest'),
    thrown.repeat(5),
    entry(
      'error',
      "thresholds on metrics 'x' were crossed; at least one has abortOnFail enabled, stopping test prematurely",
    ),
    entry('error', "thresholds on metrics 'x' have been crossed"),
    'not JSON',
  ].join('')
  // As it comes through a pipe.
  for (const at of [0, 1, 2]) log.add(text.slice((at * text.length) / 3, ((at + 1) * text.length) / 3))
  log.end()
  expect(shown).toEqual([
    'hello',
    'k6: mix.ts:9:3: TypeError: no',
    'k6: mix.ts:9:3: TypeError: no',
    'k6: mix.ts:9:3: TypeError: no (not shown again)',
    "k6: thresholds on metrics 'x' were crossed; at least one has abortOnFail enabled, stopping test prematurely",
  ])
  expect(log).toMatchObject({ thrown: { count: 5, first: 'mix.ts:9:3: TypeError: no' }, abortedBy: "'x'" })
  expect(log.said).toMatch(/not JSON$/)
  expect(log.said).not.toContain('hello')
})

it('k6 is asked beforehand whether it would run a script, with the variables that it will have', async () => {
  const path = join(folder, 'k6')
  const ask = async (shell: string) => {
    writeFileSync(path, `#!/bin/sh\n${shell}\n`, { mode: 0o755 })
    return troubleWithScript({
      program: { path, version: '2.2.0', from: 'path' },
      script: { text: 'export default function () {}', folder },
      rate: 7,
      args: ['--out=json=x', '-e', 'A=1', '--env=B=2'],
      env: process.env,
    })
  }
  const says = `echo '{"level":"error","msg":"'"$RINGPROOF_RATE $*"'","time":"now"}' >&2`
  expect(await ask(`${says}; exit 107`)).toMatch(/^7 inspect .*--log-format=json -e A=1 --env=B=2 -$/)
  expect(await ask(says)).toBeUndefined()
  // A k6 that cannot be asked says nothing against the script.
  expect(await ask('exit 3')).toBeUndefined()
})

it('troubles that are all different do not go on for ever', () => {
  const shown: string[] = []
  const log = new K6Log((line) => shown.push(line))
  for (let nth = 0; nth < 1000; nth++) log.add(entry('error', `call ${nth} failed`))
  expect(shown).toHaveLength(200)
  expect(log.reason).toBe('call 999 failed')
})
