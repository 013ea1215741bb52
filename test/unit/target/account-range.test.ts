import { describe, expect, test } from 'vitest'
import { parseTarget } from '../../../src/target/target-file.js'

const target = (...accounts: readonly string[]) =>
  parseTarget(
    [
      'name: many',
      'domain: example.test',
      'endpoints: { udp: { host: 127.0.0.1 } }',
      'accounts:',
      ...accounts.map((account) => `  - ${account}`),
      '',
    ].join('\n'),
    { file: 'many.yaml', env: { SECRET: 's3' } },
  )

describe('an entry with from and to', () => {
  test('is an account for each number', () => {
    const { accounts } = target(
      '{ user: alice, password: a }',
      "{ user: 'phone-{n:3}', password: '${SECRET}-{n}', authUser: 'auth-{n}', numbers: ['49301{n:2}'], roles: [trunk], from: 8, to: 10 }",
      '{ user: bob, password: b }',
    )
    expect(accounts.map(({ user }) => user)).toEqual(['alice', 'phone-008', 'phone-009', 'phone-010', 'bob'])
    expect(accounts[3]).toEqual({
      user: 'phone-010',
      password: 's3-10',
      authUser: 'auth-10',
      numbers: ['4930110'],
      roles: ['trunk'],
    })
  })
  test('is an error where hardly any of them may be dialled', () => {
    expect(() => target("{ user: '0{n}', password: x, from: 110, to: 112 }")).toThrow(
      /accounts\[0\]\.user: '0110' is, or looks/,
    )
  })
  test('may be 100,000 accounts', () => {
    const { accounts } = target("{ user: 'p{n}', password: same, from: 1, to: 100000 }")
    expect(accounts).toHaveLength(100_000)
    expect(accounts.at(-1)).toMatchObject({ user: 'p100000', password: 'same' })
  })
  test.each([
    ["{ user: 'p{n}', password: x, from: 1 }", /accounts\[0\]\.to.*both 'from' and 'to'/],
    ["{ user: 'p{n}', password: x, to: 1 }", /accounts\[0\]\.from.*both 'from' and 'to'/],
    ["{ user: 'p{n}', password: x, from: 2, to: 1 }", /accounts\[0\]\.to.*a number from 2 on/],
    ["{ user: 'p{n}', password: x, from: 1, to: 5000000 }", /accounts\[0\]\.to.*at most 1000000 accounts/],
    ['{ user: p, password: x, from: 1, to: 2 }', /accounts\[0\]\.user.*\{n\} where the number goes/],
    [
      "{ user: 'p{n}', password: x, numbers: ['1234'], from: 1, to: 2 }",
      /accounts\[0\]\.numbers.*\{n\} in each number/,
    ],
    ["{ user: 'p{n}', passwordFile: f, from: 1, to: 2 }", /accounts\[0\]\.passwordFile.*'password' for a range/],
    ["{ user: p, password: x, numbers: ['1{n}'] }", /accounts\[0\]\.numbers.*'from' and 'to' in this entry/],
  ])('%s is an error that says what to do', (account, error) => {
    expect(() => target(account)).toThrow(error)
  })
  test('and an account of one of its names are an error at the later entry', () => {
    expect(() => target("{ user: 'p{n}', password: x, from: 1, to: 9 }", '{ user: p4, password: x }')).toThrow(
      /accounts\[1\]\.user.*accounts\[0\]/,
    )
  })
})

test('without from and to, {n} in a user is what it says', () => {
  expect(target("{ user: 'p{n}', password: x }").accounts).toMatchObject([{ user: 'p{n}' }])
})
