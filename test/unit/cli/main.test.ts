import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { main } from '../../../src/cli/main.js'
import { sinks } from './sinks.js'

async function cli(...args: string[]): Promise<{ code: number; out: string; told: string }> {
  const { printed, options } = sinks()
  const code = await main(args, options)
  return { code, out: printed.out, told: printed.err }
}

describe('the command line', () => {
  test.each([
    'run',
    'load',
    'provider',
    'agent',
    'router',
    'reflector',
    'init',
    'doctor',
    'record',
    'list',
    'explain',
    'report',
    'compare',
    'baseline',
    'bundle',
    'judge',
    'start',
  ])('%s --help has examples and ends with 0', async (command) => {
    const { code, out } = await cli(command, '--help')
    expect(code).toBe(0)
    expect(out).toContain(`Usage: ringproof ${command}`)
    expect(out).toMatch(/Examples?:\n {2}\S/)
  })

  test('--version', async () => {
    expect(await cli('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  test.each([
    ['nothing at all', [], /Usage: ringproof/],
    ['an unknown command', ['rnu'], /unknown command 'rnu'[^]*Did you mean run/],
    ['an unknown option', ['run', '--slwo'], /unknown option '--slwo'[^]*Did you mean --slow/],
    ['a wrong choice', ['run', '--transport', 'sctp'], /Allowed choices are udp, tcp, tls/],
    ['a wrong number', ['run', '--seed', 'x'], /Expected a whole number from 0 on/],
    ['a missing option', ['load'], /required option '--profile <name>' not specified/],
    ['a missing argument', ['explain'], /missing required argument 'words'/],
    ['a target file that is not there', ['run', '--target', 'no.yaml'], /no\.yaml: no such file/],
    [
      'a target without its variables',
      ['doctor', '--target', 'targets/dus-net.yaml'],
      /RINGPROOF_\w+ is not set; set it/,
    ],
    ['a pattern that matches nothing', ['run', '--only', 'zzzzz'], /No scenario matches 'zzzzz'/],
    ['an option given twice', ['run', '--seed', '1', '--seed', '2'], /option '--seed <number>' was given twice/],
    ['a choice given twice', ['run', '--clock', 'wall', '--clock=virtual'], /option '--clock <clock>' was given twice/],
    [
      'a destination that is none',
      ['load', '--profile', 'smoke', '--to', 'bob'],
      /Expected 'echo', 'account', 'auto' or a number/,
    ],
    ['a comparison with nothing', ['compare', 'no-such-folder', 'b'], /There is no no-such-folder/],
    ['a baseline of nothing', ['baseline', 'no-such-folder', '--out', 'b.json'], /There is no no-such-folder/],
    ['only regressions, of nothing', ['run', '--fail-on', 'regression'], /needs what to compare with/],
    ['two gravities', ['run', '--fail-on', 'harm,letter'], /exclude each other/],
    ['a report of nothing', ['report', 'no-such-folder'], /There is no no-such-folder/],
    ['an agent without a token', ['agent'], /RINGPROOF_AGENT_TOKEN is not set/],
    ['a name to listen on', ['provider', '--listen', 'localhost'], /--listen needs an IPv4 or IPv6 address/],
    ['all addresses to listen on', ['provider', '--listen', '0.0.0.0'], /phones are given this address/],
    ['all addresses of IPv6', ['provider', '--listen', '::'], /phones are given this address/],
    ['a link-local address', ['provider', '--listen', 'fe80::1'], /link-local/],
    ['two of a family', ['provider', '--listen', '127.0.0.1', '--listen', '127.0.0.2'], /two of one family/],
    ['an unknown algorithm', ['provider', '--digest', 'SHA-1'], /takes SHA-512-256, SHA-256, MD5, not 'SHA-1'/],
    ['one port twice', ['reflector', '--port', '5070', '--other-port', '5070'], /are both 5070: choose two/],
    ['too long a silence', ['router', '--reflector', '192.0.2.1', '--longest', '31m'], /Expected 30m at most/],
    ['a listing of something else', ['list', 'things'], /Allowed choices are scenarios, faults, profiles/],
  ])('%s ends with 2 and a sentence', async (_, args, sentence) => {
    const { code, told } = await cli(...args)
    expect(told).toMatch(sentence)
    expect(code).toBe(2)
  })

  test('a pattern that may be meant for a file that cannot be loaded is told with its mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringproof-own-'))
    try {
      writeFileSync(join(folder, 'one.ts'), "export default { id: 'ours/one', title: 'x' }")
      const { code, told } = await cli('run', '--scenarios', folder, '--only', 'ours/')
      expect(told).toMatch(
        /^No scenario matches 'ours\/'.*\nIt may be in a file .*\n {2}scenario 'ours\/one': '\w+' .*one\.ts/,
      )
      expect(code).toBe(2)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('lists are JSON where asked for', async () => {
    const { code, out } = await cli('list', 'faults', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({ name: expect.any(String), where: expect.any(String) }),
    )
  })
})
