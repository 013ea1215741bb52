import { describe, expect, test } from 'vitest'
import { tellEnd } from '../../../src/cli/finish.js'
import type { Finding } from '../../../src/result/finding.js'
import type { RunResult } from '../../../src/result/result.js'
import { contextFor } from './sinks.js'

describe('what a command prints', () => {
  test('styles show where there is colour, and what a target sent cannot style anything', () => {
    const line = [{ style: 'red', text: 'FAIL' }, ' CN=\u001b[2Jx'] as const
    const plain = contextFor()
    plain.context.tell(line)
    expect(plain.printed.err).toBe('FAIL CN= [2Jx\n')
    const coloured = contextFor({ colour: true })
    coloured.context.tell(line)
    expect(coloured.printed.err).toBe('\u001b[31mFAIL\u001b[39m CN= [2Jx\n')
  })

  test('errors are printed also where it is quiet', () => {
    const { printed, context } = contextFor()
    context.quiet = true
    context.tell('progress')
    context.complain('error')
    expect(printed).toEqual({ out: '', err: 'error\n' })
  })

  test('the status line is cut to the width, and shows on terminals only', () => {
    const elsewhere = contextFor()
    elsewhere.context.status('x')
    expect(elsewhere.printed.err).toBe('')
    const shown = `${'x'.repeat(78)}…`
    const { printed, context } = contextFor({ terminal: true })
    context.status('x'.repeat(200))
    expect(printed.err).toBe(`\r\u001b[2K${shown}`)
    context.out('result\n')
    expect(printed.out).toBe('result\n')
    // Cleared for the result, then written again.
    expect(printed.err.split('\r\u001b[2K')).toEqual(['', shown, shown])
    context.status('')
    expect(printed.err.endsWith('\r\u001b[2K')).toBe(true)
  })
})

describe('the end of a run', () => {
  const finding = (number: number): Finding => ({
    id: `F${number}`,
    kind: 'rule',
    severity: number < 11 ? 'fail' : 'warn',
    gravity: 'harm',
    title: `Thing ${number} is broken`,
    provider: [],
    evidence: [],
    scenarios: ['a/one', 'a/one', 'a/two', 'a/three', 'a/four'].map((scenario) => {
      return { scenario, transport: 'udp', family: 'ipv4' }
    }),
  })
  const result = (count: number): RunResult =>
    Object.assign(JSON.parse('{}'), {
      verdict: 'fail',
      sentence: 'Not fit for release.',
      findings: Array.from({ length: count }, (_, index) => finding(index + 1)),
    })

  test('the sentence, the first ten findings in a line each, and how many more there are', () => {
    const { printed, context } = contextFor()
    context.quiet = true
    tellEnd(context, result(12), '/nowhere')
    const lines = printed.out.trimEnd().split('\n')
    expect(lines).toHaveLength(12)
    expect(lines.slice(0, 2)).toEqual([
      'Not fit for release.',
      '  ✗ harm     Thing 1 is broken (a/one, a/two, a/three and 1 more)',
    ])
    expect(lines.at(-1)).toBe('  and 2 more in the report')
    expect(printed.err).toBe('')
  })

  test('with --json it goes to stderr, and with --quiet nowhere', () => {
    const { printed, context } = contextFor()
    context.json = true
    tellEnd(context, result(1), '/nowhere')
    expect(printed.out).toBe('')
    expect(printed.err).toContain('Thing 1 is broken')
    const quiet = contextFor()
    quiet.context.json = true
    quiet.context.quiet = true
    tellEnd(quiet.context, result(1), '/nowhere')
    expect(quiet.printed).toEqual({ out: '', err: '' })
  })
})
