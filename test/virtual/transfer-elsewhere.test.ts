/** Holds and transfers at providers that do them otherwise, or not at all: what cannot be done is unsupported, what is lost fails. */
import { expect, it } from 'vitest'
import type { SipMessage, SipRequest } from '../../src/message/message.js'
import type { Verdict } from '../../src/result/terms.js'
import { allScenarios } from './detection.js'
import { runDisguised } from './disguise.js'
import { answersItself, type Box, isBackToBack } from './middlebox.js'

const scenarios = await allScenarios()

const asks = (method: string, status: number) => (): Box =>
  answersItself((request: SipRequest) => (request.method === method ? status : undefined))

/** Takes a method out of what devices are told of each other. */
const hides = (method: string) => (): Box => ({
  down: (message: SipMessage) => {
    const allowed = message.headers.values('Allow').filter((one) => one !== method)
    if (message.headers.has('Allow')) message.headers.set('Allow', allowed.join(', '))
    return true
  },
})

const TRANSFERS = ['dialog/transfer-blind', 'dialog/transfer-failed', 'dialog/transfer-attended']
const HOLDS = ['dialog/hold-by-caller', 'dialog/hold-by-called', 'dialog/hold-by-both', 'dialog/codec-change-by-caller']

const cases: [what: string, box: () => Box, ids: readonly string[], verdict: Verdict][] = [
  ...[403, 405, 420, 501, 603].map((status): (typeof cases)[number] => [
    `refuses REFER with ${status}`,
    asks('REFER', status),
    TRANSFERS,
    'unsupported',
  ]),
  ['does not answer REFER', asks('REFER', 0), ['dialog/transfer-blind'], 'fail'],
  ['knows no dialog for REFER', asks('REFER', 481), ['dialog/transfer-blind'], 'fail'],
  ['refuses UPDATE with 405', asks('UPDATE', 405), ['dialog/hold-by-update'], 'unsupported'],
  ['does not say that devices take UPDATE', hides('UPDATE'), ['dialog/hold-by-update'], 'unsupported'],
  ['does not say that devices take REFER', hides('REFER'), TRANSFERS, 'pass'],
  ['is a back-to-back user agent', isBackToBack, [...HOLDS, 'dialog/transfer-blind', 'dialog/transfer-failed'], 'pass'],
]
it.each(cases)('a provider that %s', async (_what, box, ids, verdict) => {
  const some = scenarios.filter(({ definition }) => ids.includes(definition.id))
  const { scenarios: told } = await runDisguised(some, { box }, false)
  expect(told.map(({ id, verdict: one, reason }) => (one === verdict ? one : `${id}: ${one}: ${reason}`))).toEqual(
    ids.map(() => verdict),
  )
})
