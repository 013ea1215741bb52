/**
 * A provider that does everything right, with the habits of softswitches and PBXs that are in use: the whole suite has nothing to
 * say of them. What only a proxy is held to is not applicable to a back-to-back user agent.
 */
import { expect, it } from 'vitest'
import type { SipMessage } from '../../src/message/message.js'
import type { Verdict } from '../../src/result/terms.js'
import { allScenarios } from './detection.js'
import { type Disguise, runDisguised } from './disguise.js'
import { answersItself, type Box, cutsTo, inRow, isBackToBack } from './middlebox.js'
import { shareOf } from './share.js'
import {
  addressesAnew,
  asksAsUserAgent,
  asksWithinDialogs,
  changesAtOnce,
  disturbsCalls,
  isOwn,
  keepsNoState,
  mapsRefusals,
  pings,
  writesItsOwnWay,
} from './strangers-boxes.js'

const scenarios = (await allScenarios()).filter(({ definition: { seconds } }) => seconds <= 200)

/** What a B2BUA does with requests that are none of a call's own. */
const knowsCallsOnly = () =>
  answersItself((request) => {
    if (['INVITE', 'REGISTER', 'BYE', 'CANCEL', 'PRACK', 'INFO'].includes(request.method)) return undefined
    if (request.method === 'OPTIONS') return request.to.tag === undefined ? undefined : 0
    return { UPDATE: 405, MESSAGE: 405, REFER: 603, SUBSCRIBE: 489 }[request.method] ?? 501
  })

interface Case {
  readonly disguise: Disguise & { box: () => Box }
  /** Verdicts that some scenarios may have, though they do not pass. */
  readonly besides?: Readonly<Record<string, Verdict>>
  /** What the box has asked of telephones, and how they answered: at least so many times. */
  readonly answers: Readonly<Record<string, number>>
}

const cases: readonly [like: string, of: Case][] = [
  [
    'Asterisk: pings telephones, sends re-INVITEs once calls are up, asks with 401, grants a second less',
    {
      disguise: {
        box: () =>
          inRow(
            pings(),
            disturbsCalls('offers'),
            asksAsUserAgent(),
            cutsTo((granted) => Math.max(0, granted - 1)),
          ),
      },
      answers: { 'INVITE 200': 50, 'OPTIONS 200': 50 },
    },
  ],
  [
    'FreeSWITCH: writes header fields its own way, sends UPDATE once calls are up, asks for a log-in within dialogs',
    {
      disguise: { box: () => inRow(disturbsCalls('updates'), writesItsOwnWay(), asksWithinDialogs()) },
      // The box asks for the realm of the provider, which asks again where a device has moved.
      besides: { 'nat/moved-in-call': 'inconclusive' },
      answers: { 'UPDATE 200': 50 },
    },
  ],
  [
    'a server that is about to change each call itself',
    { disguise: { box: changesAtOnce }, besides: { 'media/version': 'inconclusive' }, answers: {} },
  ],
  [
    'a B2BUA: addresses and refusals of its own, re-INVITEs without a description, no methods but those of calls',
    {
      disguise: {
        box: () =>
          inRow(disturbsCalls('asks for an offer'), addressesAnew(), mapsRefusals(), knowsCallsOnly(), isBackToBack()),
        facts: { role: 'b2bua' },
      },
      // They need UPDATE, REFER or SUBSCRIBE.
      besides: {
        'dialog/hold-by-update': 'unsupported',
        'dialog/transfer-attended': 'unsupported',
        'dialog/transfer-blind': 'unsupported',
        'dialog/transfer-failed': 'unsupported',
        'lamps/busy-lamp': 'unsupported',
        'lamps/busy-lamp-after-restart': 'unsupported',
        'lamps/busy-lamp-asked': 'unsupported',
        'lamps/busy-lamp-dead-telephone': 'unsupported',
        'lamps/busy-lamp-goes-out': 'unsupported',
        'lamps/busy-lamp-refreshed': 'unsupported',
        'lamps/busy-lamp-subscription': 'unsupported',
        'lamps/busy-lamp-withheld': 'unsupported',
        'lamps/mailbox-light-after-restart': 'unsupported',
        'lamps/mailbox-light': 'unsupported',
        'lamps/mailbox-light-of-others': 'unsupported',
        'lamps/mailbox-light-refreshed': 'unsupported',
        'lamps/mailbox-light-subscription': 'unsupported',
        'lamps/text-message': 'unsupported',
        'lamps/text-message-away': 'unsupported',
        'lamps/text-message-of-others': 'unsupported',
        'services/transfer-outside': 'unsupported',
        'services/transfer-to-echo': 'unsupported',
      },
      answers: { 'INVITE 200': 50 },
    },
  ],
]

/** Its INVITE is too large for UDP with a log-in (RFC 3261 §18.1.1), and goes over TCP, where no box is: half of what follows is changed by one. */
const PAST_THE_BOX = ['media/ice-between']

/** Each scenario meets half of the boxes; `npm run trust` lets it meet all. */
const SHARE = 2

it.each(cases)('nothing is wrong with %s', async (like, { disguise, besides = {}, answers }) => {
  const seen = new Map<string, number>()
  // Next to the telephone: how it answers what the box asks of it.
  const counts: Box = {
    up: (message: SipMessage) => {
      const key = message.kind === 'response' && isOwn(message) ? `${message.cseq.method} ${message.status}` : undefined
      if (key !== undefined) seen.set(key, (seen.get(key) ?? 0) + 1)
      return true
    },
  }
  const box = () => inRow(counts, disguise.box())
  const { scenarios: told, notes } = await runDisguised(shareOf(SHARE, scenarios, like), {
    ...disguise,
    box,
    confirms: false,
  })
  const isB2bua = disguise.facts?.role === 'b2bua'
  const wrong = told.filter(
    ({ id, verdict }) => verdict !== 'pass' && verdict !== besides[id] && !(isB2bua && verdict === 'not applicable'),
  )
  expect(wrong.map(({ id, verdict, reason }) => `${id}: ${verdict}: ${reason}`)).toEqual([])
  expect(told.filter(({ verdict }) => verdict === 'pass').length).toBeGreaterThan((told.length * 4) / 5)
  const met = notes.filter(({ place }) => !('scenario' in place) || !PAST_THE_BOX.includes(place.scenario))
  expect(met.filter(({ note }) => note.severity !== 'info')).toEqual([])
  for (const [answer, times] of Object.entries(answers))
    expect([answer, seen.get(answer)]).toEqual([answer, expect.toSatisfy((count: number) => count >= times)])
})

it('what binds stateful proxies is not applicable to one without transactions', async () => {
  const some = (id: string) => scenarios.filter(({ definition }) => definition.id === id)
  const cases = [
    ['retransmission/trying', []],
    ['retransmission/stray-response', ['strays-forwarded']],
  ] as const
  for (const [id, faults] of cases) {
    const { scenarios: told } = await runDisguised(some(id), {
      box: keepsNoState(),
      options: { faults },
      confirms: false,
    })
    expect([id, ...told.map(({ verdict }) => verdict)]).toEqual([id, 'not applicable'])
  }
  // One that keeps transactions is held to them.
  const { scenarios: held } = await runDisguised(some('retransmission/stray-response'), {
    options: { faults: ['strays-forwarded'] },
    confirms: false,
  })
  expect(held.map(({ verdict }) => verdict)).toEqual(['fail'])
})
