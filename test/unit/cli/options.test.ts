import { afterEach, describe, expect, test, vi } from 'vitest'
import { isLoopbackTarget, loadOrderOf } from '../../../src/cli/commands/load.js'
import { faultsOf, orderOf } from '../../../src/cli/commands/run.js'
import { clockTime, oneOrMoreOf, positiveNumber, seconds, shard, wholeNumber } from '../../../src/cli/options.js'
import { faultCatalogue } from '../../../src/provider/faults.js'

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

  test('one word or several', () => {
    const read = oneOrMoreOf(['udp', 'tcp', 'tls'])
    expect(read('tls')).toEqual(['tls'])
    expect(read('tls, udp')).toEqual(['udp', 'tls'])
    for (const wrong of ['', 'sctp', 'udp,', 'udp,udp', 'udp;tls'])
      expect(() => read(wrong)).toThrow('Expected one of udp, tcp, tls')
  })

  test('times of day', () => {
    expect(clockTime('06:59')).toEqual({ hour: 6, minute: 59, second: 0 })
    expect(clockTime('23:00:07')).toEqual({ hour: 23, minute: 0, second: 7 })
    for (const wrong of ['', '24:00', '6:59', '06:60', '06:59:60', '0659'])
      expect(() => clockTime(wrong)).toThrow('Expected a time of day')
  })

  test('parts of a run', () => {
    expect(shard('2/3')).toEqual({ index: 2, of: 3 })
    for (const wrong of ['0/3', '4/3', '1', '1/0', 'a/b']) expect(() => shard(wrong)).toThrow('Expected I/N')
  })
})

describe('orders are checked before anything is done', () => {
  afterEach(() => void vi.unstubAllEnvs())

  test('a mistyped fault', () => {
    const [first] = faultCatalogue
    expect(faultsOf([first!.name])).toEqual([first!.name])
    expect(() => faultsOf([`${first!.name}x`])).toThrow(`did you mean '${first!.name}'?`)
    // Of relays, on one alone.
    expect(faultsOf(['relay-one-way@relay-3'])).toEqual(['relay-one-way@relay-3'])
    expect(() => faultsOf(['relay-one-way@relay-9'])).toThrow(/no relay 'relay-9': choose one of relay-1, /)
    expect(() => faultsOf(['relay-one-way@'])).toThrow(/no relay ''/)
    expect(() => faultsOf(['no-trying@relay-1'])).toThrow(/none of a relay/)
  })

  test('virtual time and faults are for the embedded provider', async () => {
    const env = 'targets/dus-net.yaml'
    for (const name of ['USER_1', 'PASSWORD_1', 'NUMBER_1', 'USER_2', 'PASSWORD_2', 'NUMBER_2'])
      vi.stubEnv(`RINGPROOF_${name}`, `00038710000${name.at(-1)}`)

    await expect(orderOf({ target: env, clock: 'virtual' })).rejects.toThrow(
      '--clock virtual works only with the embedded provider',
    )
    await expect(orderOf({ target: env, clock: 'wall', fault: [faultCatalogue[0]!.name] })).rejects.toThrow(
      '--fault works only with',
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
