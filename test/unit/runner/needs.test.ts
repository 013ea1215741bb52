import { expect, test } from 'vitest'
import { availability } from '../../../src/runner/needs.js'
import type { AnyScenario } from '../../../src/scenario/scenario.js'
import { targetOf } from '../../../src/target/target-file.js'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- more is not looked at
const restarting = { needs: ['restart'], devices: {} } as unknown as AnyScenario

test('a scenario that restarts the target is told why it is not run', () => {
  const why = (more: { launch?: string; restarts?: boolean }) => {
    const document = targetOf({
      name: 'small',
      domain: 'example.net',
      endpoints: { udp: { host: '192.0.2.1' } },
      accounts: [{ user: '1', password: 'x' }],
      ...more,
    })
    const can = availability(restarting, { transport: 'udp', family: 'ipv4' }, document, 'sockets')
    return can.can ? undefined : can.why
  }
  expect(why({})).toMatch(/there is no 'launch' in the target file/)
  expect(why({ launch: './run' })).toMatch(/does not say that its launch script knows how \('restarts: true'\)/)
  expect(why({ launch: './run', restarts: true })).toBeUndefined()
  expect(why({ launch: 'embedded' })).toBeUndefined()
})
