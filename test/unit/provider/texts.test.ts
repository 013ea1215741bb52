import { describe, expect, it } from 'vitest'
import type { UserAgent } from '../../../src/agent/user-agent.js'
import type { SipRequest } from '../../../src/message/message.js'
import type { FaultName } from '../../../src/provider/embedded-provider.js'
import { Town } from './town.js'

const TEXT = 'Grüße 🙂'

/** What came of a text message of the first account, and what arrived at the second one's telephone. */
async function written(o: {
  faults?: FaultName[]
  isThere?: boolean
  from?: (town: Town) => string
  authenticate?: boolean
}): Promise<{ status: number | undefined; arrived: SipRequest[] }> {
  const town = new Town()
  let status: number | undefined
  await town.run(async () => {
    await town.open({ faults: o.faults ?? [] })
    const alice: UserAgent = await town.phone(1)
    const bob = await town.phone(2)
    await alice.register()
    if (o.isThere !== false) await bob.register()
    const exchange = await alice.request(
      'MESSAGE',
      `sip:${town.provider.accounts[1]!.numbers[0]!}@proxy.ringproof.test`,
      {
        body: TEXT,
        contentType: 'text/plain;charset=UTF-8',
        ...(o.from === undefined ? {} : { from: o.from(town) }),
        ...(o.authenticate === undefined ? {} : { authenticate: o.authenticate }),
      },
    )
    status = exchange.status
    await town.clock.sleep(100)
  })
  const arrived = town.parcels.flatMap(({ to, message }) =>
    to.address === '192.0.2.2' && message?.kind === 'request' && message.method === 'MESSAGE' ? [message] : [],
  )
  return { status, arrived }
}

const carols = (town: Town) => `<sip:${town.provider.accounts[2]!.user}@proxy.ringproof.test>`

describe('text messages', () => {
  it('arrive as they were written, and make no dialog', async () => {
    const { status, arrived } = await written({})
    expect(status).toBe(200)
    expect(arrived.map(({ body }) => body.toString())).toEqual([TEXT])
    expect(arrived[0]?.headers.has('Contact')).toBe(false)
    expect(arrived[0]?.headers.has('Record-Route')).toBe(false)
  })

  it('are refused where no telephone is there, where From is another account, and without log-in', async () => {
    expect(await written({ isThere: false })).toEqual({ status: 480, arrived: [] })
    expect(await written({ from: carols })).toEqual({ status: 403, arrived: [] })
    expect(await written({ authenticate: false })).toEqual({ status: 407, arrived: [] })
  })

  it.each([
    ['text-swallowed', {}, 200, 0],
    ['text-for-nobody-accepted', { isThere: false }, 200, 0],
    ['text-without-login', { authenticate: false }, 200, 1],
    ['text-from-unchecked', { from: carols }, 200, 1],
  ] as const)('with %s', async (fault, o, status, count) => {
    const came = await written({ ...o, faults: [fault] })
    expect([came.status, came.arrived.length]).toEqual([status, count])
  })

  it('with text-letters-lost and text-with-contact: as their titles say', async () => {
    const { arrived } = await written({ faults: ['text-letters-lost', 'text-with-contact'] })
    expect(arrived[0]?.body.toString()).toBe('Gr??e ?')
    expect(arrived[0]?.headers.has('Contact')).toBe(true)
  })
})
