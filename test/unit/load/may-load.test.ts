import { expect, test } from 'vitest'
import { accountsForLoad, assertAccounts, assertMayLoad, nobodyToCall } from '../../../src/load/may-load.js'
import type { Target } from '../../../src/scenario/target.js'
import { targetOf } from '../../../src/target/target-file.js'

/** A target with one way for each address. */
const targetAt = (...addresses: string[]) => {
  const ways = [...addresses]
  return {
    name: 'dus.net',
    hop: ({ transport, family }) => {
      const address = ways.find((one) => one.includes(':') === (family === 'ipv6'))
      return transport === 'udp' && address !== undefined ? { transport, remote: { address, port: 5060 } } : undefined
    },
  } satisfies Pick<Target, 'name' | 'hop'>
}
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- more is not looked at
const whole = (target: Pick<Target, 'name' | 'hop'>) => target as Target

test('a target whose every address is on this machine may be loaded', () => {
  expect(() => assertMayLoad(whole(targetAt('127.0.0.71', '::1')), undefined)).not.toThrow()
})
test('one address elsewhere, and its name is wanted', () => {
  expect(() => assertMayLoad(whole(targetAt('127.0.0.71', '2001:db8::1')), undefined)).toThrow('--allow-load dus.net')
  expect(() => assertMayLoad(whole(targetAt('192.0.2.1')), 'something-else')).toThrow('--allow-load dus.net')
  expect(() => assertMayLoad(whole(targetAt('192.0.2.1')), 'dus.net')).not.toThrow()
})

test('where nobody can be called, no load is begun', () => {
  const document = (users: string[], echo?: string) =>
    targetOf({
      name: 'small',
      domain: 'example.net',
      endpoints: { udp: { host: '192.0.2.1' } },
      accounts: users.map((user) => ({ user, password: 'x' })),
      ...(echo === undefined ? {} : { services: { echo } }),
    })
  expect(nobodyToCall(document(['1']), 1, [])).toMatch(/nobody to call.*services\.echo.*\(1 of 1 did\)/)
  expect(nobodyToCall(document(['1', '2']), 1, ['2: 403'])).toMatch(/\(1 of 2 did: 2: 403\)/)
  expect(nobodyToCall(document(['1'], '100'), 0, ['1: 403'])).toMatch(/none of the 1 accounts could register: 1: 403/)
  expect(nobodyToCall(document(['1'], '100'), 1, [])).toBeUndefined()
  expect(nobodyToCall(document(['1', '2']), 2, [])).toBeUndefined()
})

test('a load uses accounts for any use; in their place others, but never those whose calls are counted', () => {
  const document = (...roles: ('any' | 'trunk' | 'limited')[]) =>
    targetOf({
      name: 'small',
      domain: 'example.net',
      endpoints: { udp: { host: '192.0.2.1' } },
      accounts: roles.map((role) => ({
        user: role,
        password: 'x',
        roles: [role],
        ...(role === 'limited' ? { callsAtATime: 2 } : {}),
      })),
    })
  const used = (...roles: ('any' | 'trunk' | 'limited')[]) =>
    accountsForLoad(document(...roles)).map(({ user }) => user)
  expect(used('limited', 'trunk', 'any')).toEqual(['any'])
  expect(used('limited', 'trunk')).toEqual(['trunk'])
  expect(() => used('limited')).toThrow(/^small has no account for a load: each has the role limited or paced/)
  expect(() => assertAccounts(undefined, document('limited'))).toThrow('no account for a load')
  expect(() => assertAccounts(2, document('limited', 'any'))).toThrow('small has 1 accounts for any use')
})
