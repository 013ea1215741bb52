import { describe, expect, it } from 'vitest'
import { virtualStages } from '../../src/worlds/virtual-stages.js'
import type { Verdict } from '../../src/result/terms.js'
import { AccountPool } from '../../src/runner/account-pool.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import type { Parcel } from '../../src/transport/memory-network.js'
import { allScenarios } from './detection.js'
import { type Habits, runAt } from './switchboard.js'

/** What a scenario is to say, and of which of its rules, where its verdict is not `pass`. */
const cases: readonly (readonly [
  why: string,
  id: string,
  habits: Habits,
  verdict: Verdict,
  rules?: readonly string[],
])[] = [
  ['tells the caller first and the callee later', 'retransmission/cancel', { cancelsAfterMs: 300 }, 'pass'],
  ['never tells the callee', 'retransmission/cancel', { neverCancels: true }, 'fail', ['stops']],
  ['changes the media path of a call that is up', 'retransmission/invite-after-answer', { reinvites: true }, 'pass'],
  ['changes the media path of a call that is up', 'retransmission/lossy-call', { reinvites: true }, 'pass'],
  ['changes the media path of a call that is up', 'retransmission/cancel-too-late', { reinvites: true }, 'pass'],
  ['forgets what it answered', 'retransmission/lossy-call', { keepsAnswersMs: 0 }, 'fail', ['answeredAgain']],
  ['plays the ringing itself', 'retransmission/invite-repeated', { ringback: true }, 'pass'],
  ['plays tones before the callee speaks', 'dialog/early-and-final', { tones: true }, 'pass'],
  ['gives an INVITE up after 6 s', 'retransmission/invite-backoff', { givesUpAfterMs: 6_000 }, 'warn', ['patient']],
  ['gives an INVITE up after 0.4 s', 'retransmission/invite-backoff', { givesUpAfterMs: 400 }, 'inconclusive'],
  ['gives a BYE up after 6 s', 'retransmission/request-backoff', { givesUpAfterMs: 6_000 }, 'warn', ['patient']],
  ['sends a BYE once', 'retransmission/request-backoff', { givesUpAfterMs: 400 }, 'fail', ['resent']],
  ['rings another device, too', 'retransmission/invite-backoff', { othersRing: true }, 'inconclusive'],
  [
    'hangs up without ACK early',
    'retransmission/success-unacknowledged',
    { hangsUpWithoutAckMs: 10_000 },
    'warn',
    ['inTime'],
  ],
  [
    'hangs up without ACK at once',
    'retransmission/success-unacknowledged',
    { hangsUpWithoutAckMs: 300 },
    'inconclusive',
    ['inTime'],
  ],
  ['sends 100 to REGISTER', 'retransmission/register-repeated', { tryingForRegister: true }, 'pass'],
  ['writes From in its own way', 'retransmission/response-copies', { rewritesFrom: true }, 'pass'],
  ['answers INFO itself', 'retransmission/no-early-trying', { info: 'answered' }, 'not applicable'],
  ['loses INFO', 'retransmission/no-early-trying', { info: 'lost' }, 'inconclusive'],
  ['has no echo service today', 'dialog/body-type', { echo: 503 }, 'inconclusive'],
  ['has no echo service today', 'dialog/reliable-unasked', { echo: 503 }, 'inconclusive'],
]

describe('a provider that is another make than ours', () => {
  for (const [why, id, habits, verdict, rules = []] of cases) {
    it(`${why}: ${id} is ${verdict}`, async () => {
      const { result, board } = await runAt(id, habits)
      expect([result.verdict, result.reason]).toEqual([verdict, verdict === 'pass' ? '' : expect.any(String)])
      const broken = result.checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn')
      expect(broken.map((check) => check.id)).toEqual(rules)
      expect(board.bindings.size, 'bindings that were left behind').toBe(0)
    })
  }

  it('a datagram that is lost is sent again where the answer is what counts', async () => {
    let cancels = 0
    const lose = ({ data }: Parcel) => data.toString('latin1', 0, 7) === 'CANCEL ' && ++cancels === 1
    const { result } = await runAt('retransmission/cancel-too-late', { lose })
    expect([result.verdict, cancels]).toEqual(['pass', 2])
  })

  it("an ACK that is lost is nobody else's fault", async () => {
    for (const id of ['retransmission/success-until-ack', 'retransmission/success-passed-on']) {
      let acks = 0
      // The one for the 407 comes first.
      const lose = ({ from, data }: Parcel) =>
        from.address !== '203.0.113.5' && data.toString('latin1', 0, 4) === 'ACK ' && ++acks === 2
      const { result } = await runAt(id, { lose })
      expect([result.verdict, result.reason]).toEqual(['inconclusive', expect.stringContaining('may have been lost')])
    }
  })
})

it('PRACKs by hand leave no call behind: its BYE is not older than they are', async () => {
  const id = 'dialog/reliable-wrong-confirmation'
  const found = (await allScenarios()).find(({ definition }) => definition.id === id)!
  const { stages, document } = await virtualStages({ seed: 1, faults: [] })
  const lease = new AccountPool(document).take(found.definition)!
  const entry = { ...found, variant: { transport: 'udp', family: 'ipv4' } } as const
  const told = await stages.on(id, (world) => runScenario({ entry, world, lease, runStartMs: 0, brief: true }))
  const answers = told
    .read()
    .record.messages.flatMap(({ direction, message }) =>
      direction === 'in' && message.kind === 'response' && message.cseq.method === 'BYE' ? [message.status] : [],
    )
  expect(answers).toEqual([200])
})
