import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { IncomingCall } from '../../src/agent/call.js'
import type { UserAgent } from '../../src/agent/user-agent.js'
import { type Kind, kindName, kinds, missingPrograms, Switchboard } from './kamailio.js'

const missing = missingPrograms()
if (missing && process.env['CI']) throw new Error(`Kamailio cannot be started: ${missing}`)
if (missing) console.log(`Kamailio cannot be started, its tests are skipped: ${missing}`)

describe.skipIf(missing)('Kamailio with rtpengine', () => {
  let board: Switchboard
  beforeAll(async () => {
    board = await Switchboard.start()
  })
  afterEach(() => board.hangUpAll())
  afterAll(() => board.stop())

  /** Takes every call at once; returns them as they come. */
  const answering = (agent: UserAgent): IncomingCall[] => {
    const calls: IncomingCall[] = []
    agent.onCall = (call) => {
      calls.push(call)
      void call.ring().then(() => call.answer())
    }
    return calls
  }
  const registered = async (name: string, kind: Kind) => {
    const phone = await board.phone(name, kind)
    const outcome = await phone.register({ expires: 600 })
    expect([name, outcome.status]).toEqual([name, 200])
    return phone
  }

  it('lets telephones of every transport and family call each other, with audio both ways', async () => {
    const callers = await Promise.all(
      kinds.map(async (kind) => ({ kind, phone: await registered(`caller ${kindName(kind)}`, kind) })),
    )
    const callees = await Promise.all(
      kinds.map(async (kind) => ({ kind, phone: await registered(`callee ${kindName(kind)}`, kind) })),
    )
    const rung = new Map(callees.map(({ phone }) => [phone, answering(phone)]))
    const calls = callers.flatMap((from) =>
      callees.map((to) => ({ from, to, call: from.phone.invite(to.phone.account.user) })),
    )
    const answers = await Promise.all(calls.map(({ call }) => call.answered))
    expect(answers.map((answer) => answer?.status)).toEqual(calls.map(() => 200))
    await board.clock.sleep(2_500)

    for (const { from, to, call } of calls) {
      const peer = rung.get(to.phone)!.find(({ id }) => id === call.id)!
      const who = `${kindName(from.kind)} to ${kindName(to.kind)}`
      for (const [mine, theirs, kind] of [
        [call.media!, peer.media!, from.kind],
        [peer.media!, call.media!, to.kind],
      ] as const) {
        const report = mine.report()
        expect([who, report.heard.map((heard) => heard.patternId)]).toEqual([who, [theirs.patternId]])
        expect([who, report.received.lost, report.received.refused]).toEqual([who, 0, {}])
        expect([who, report.srtp !== undefined]).toEqual([who, kind.transport === 'tls'])
        const sources = report.received.sources.map(({ address, port }) =>
          board.target.published.relayOf(address, port),
        )
        expect([who, sources]).toEqual([who, [expect.stringMatching(/^relay-\d$/)]])
      }
    }
    const goodbyes = await Promise.all(calls.map(({ call }) => call.hangUp()))
    expect(goodbyes.map((goodbye) => goodbye?.final?.status)).toEqual(calls.map(() => 200))
  })
})
