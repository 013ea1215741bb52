import { describe, expect, test } from 'vitest'
import { isLoopbackTarget, loadOrderOf } from '../../../src/cli/commands/load.js'
import { explain } from '../../../src/cli/commands/explain.js'
import { faultsOf, orderOf } from '../../../src/cli/commands/run.js'
import { positiveNumber, seconds, shard, wholeNumber } from '../../../src/cli/options.js'
import { faultCatalogue } from '../../../src/provider/faults.js'
import { must } from '../../../src/scenario/rule.js'
import { scenario } from '../../../src/scenario/scenario.js'

describe('option values', () => {
  test.each([
    ['90', 90],
    ['90s', 90],
    ['1.5m', 90],
    ['1m30s', 90],
    ['2h', 7200],
    ['500ms', 0.5],
  ])('%s is %d seconds', (text, expected) => expect(seconds(text)).toBeCloseTo(expected))

  test.each(['', '0', '-5', 'ten', '5 m', '5d', '1m30x', 's'])("'%s' is no time", (text) => {
    expect(() => seconds(text)).toThrow(/Expected a time above 0/)
  })

  test('whole and positive numbers', () => {
    expect(wholeNumber(0)('0')).toBe(0)
    expect(() => wholeNumber(1)('0')).toThrow('Expected a whole number from 1 on.')
    expect(() => wholeNumber(1)('1e3')).toThrow()
    expect(() => wholeNumber(0)('99999999999999999999')).toThrow()
    expect(positiveNumber('0.5')).toBe(0.5)
    expect(() => positiveNumber('0')).toThrow()
  })

  test('parts of a run', () => {
    expect(shard('2/3')).toEqual({ index: 2, of: 3 })
    for (const wrong of ['0/3', '4/3', '1', '1/0', 'a/b']) expect(() => shard(wrong)).toThrow('Expected I/N')
  })
})

describe('orders are checked before anything is done', () => {
  test('a mistyped fault', () => {
    const [first] = faultCatalogue
    expect(faultsOf([first!.name])).toEqual([first!.name])
    expect(() => faultsOf([`${first!.name}x`])).toThrow(`did you mean '${first!.name}'?`)
  })

  test('virtual time and faults are for the embedded provider', async () => {
    const env = 'targets/dus-net.yaml'
    for (const name of ['USER_1', 'PASSWORD_1', 'NUMBER_1', 'USER_2', 'PASSWORD_2', 'NUMBER_2'])
      process.env[`RINGPROOF_${name}`] = `00038710000${name.at(-1)}`

    await expect(orderOf({ target: env, clock: 'virtual' })).rejects.toThrow(
      '--clock virtual is for the embedded provider',
    )
    await expect(orderOf({ target: env, clock: 'wall', fault: [faultCatalogue[0]!.name] })).rejects.toThrow(
      '--fault is for',
    )
  })

  test('a load profile that is not there', async () => {
    await expect(loadOrderOf({ profile: 'no-such-profile-at-all' })).rejects.toThrow(
      "There is no load profile 'no-such-profile-at-all'",
    )
  })

  test('what counts as loopback', () => {
    expect(isLoopbackTarget({ endpoints: { udp: { host: '127.0.0.71', port: 5060 } } })).toBe(true)
    expect(
      isLoopbackTarget({
        endpoints: { udp: { host: '::1', port: 5060 }, tls: { host: 'sip.example.net', port: 5061 } },
      }),
    ).toBe(false)
  })
})

describe('explain', () => {
  const refresh = scenario({
    id: 'registrar/refresh',
    title: 'A refresh replaces the binding',
    area: 'registrar',
    purposes: ['REG-REFRESH'],
    provider: ['BH-10'],
    rules: { replaced: must('RFC 3261 §10.3', 'a refresh replaces the binding', { gravity: 'harm' }) },
    devices: {},
    seconds: 2,
    harm: 'Calls ring twice.',
    advice: 'Ask the operator.',
    run: () => Promise.resolve(),
  })
  const loaded = [{ definition: refresh, file: 'scenarios/registrar/refresh.ts' }]
  const faults = [
    { name: 'refresh-adds-binding' as const, title: 'adds', where: 'registrar' as const, mayTurnRed: ['REG-REFRESH'] },
  ]

  test('a scenario, with its rules and the faults that it may catch', () => {
    const text = explain('registrar/refresh', loaded, faults)
    expect(text).toContain('MUST    RFC 3261 §10.3  a refresh replaces the binding')
    expect(text).toContain('Calls ring twice.')
    expect(text).toContain('refresh-adds-binding')
  })

  test('a purpose, a provider row, a fault', () => {
    expect(explain('reg-refresh', loaded, faults)).toContain('registrar/refresh: A refresh replaces the binding')
    expect(explain('BH-10', loaded, faults)).toContain('registrar/refresh')
    expect(explain('refresh-adds-binding', loaded, faults)).toContain(
      'ringproof run --fault refresh-adds-binding --only registrar/refresh',
    )
  })

  test('something mistyped', () => {
    expect(() => explain('registrar/refrehs', loaded, faults)).toThrow("did you mean 'registrar/refresh'?")
  })
})
