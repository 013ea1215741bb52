/** A provider that does everything right behind a box that is right, too, or broken elsewhere: what single scenarios say of it. */
import { expect, it } from 'vitest'
import { createRequest, createResponse } from '../../src/message/build.js'
import type { SipMessage, SipRequest, SipResponse } from '../../src/message/message.js'
import type { Verdict } from '../../src/result/terms.js'
import type { TargetDocument } from '../../src/target/target-file.js'
import { allScenarios, inFirstVariant } from './detection.js'
import { runDisguised } from './disguise.js'
import { answersItself, type Box, inRow, isBackToBack } from './middlebox.js'

/** The provider's own. */
const HOST = '127.0.0.71'
const OVER_UDP = { transport: 'udp', family: 'ipv4' } as const

const all = inFirstVariant(await allScenarios())

/** With the checks that did not hold, where the verdict is fail or warn. */
const cases: [what: string, ids: readonly string[], verdict: Verdict, box: () => Box, broken?: readonly string[]][] = [
  [
    'refuses Contact: *',
    ['registrar/contact-expires-wins', 'registrar/same-address', 'registrar/escaped-account'],
    'pass',
    () => answersItself((request) => (request.headers.get('Contact') === '*' ? 400 : undefined)),
  ],
  [
    'rings by itself, too',
    ['proxy/to-tag'],
    'pass',
    () => ({
      down: (message, line) => {
        if (message.kind === 'response' && message.status === 100 && message.cseq.method === 'INVITE')
          line.deliver(createResponse(asRequest(message), 183, undefined, { toTag: 'tones' }))
        return true
      },
    }),
  ],
  [
    'gives refusals a To tag of its own',
    ['retransmission/response-copies'],
    'warn',
    () => ({
      down: (message) => {
        if (message.kind === 'response' && message.status === 486)
          message.headers.set('To', (message.headers.get('To') ?? '').replace(/tag=.*/, 'tag=own'))
        return true
      },
    }),
    ['tagKept'],
  ],
  [
    'writes the address that it saw into Request-URIs',
    ['dialog/moved-contact', 'dialog/strict-router'],
    'pass',
    () => ({
      down: (message) => {
        if (message.kind === 'request') message.uri = message.uri.replace(/@[^;>]*/, '@203.0.113.9:6000')
        return true
      },
    }),
  ],
  [
    'challenges whoever calls under another account, again and again',
    ['security/somebody-elses-number'],
    'pass',
    () =>
      answersItself((request) => {
        const user = /username="([^"]*)"/.exec(request.headers.get('Proxy-Authorization') ?? '')?.[1]
        const isForeign = user !== undefined && !request.from.uri.includes(user)
        return request.method === 'INVITE' && isForeign ? 407 : undefined
      }),
  ],
  ['answers in a reliable 183', ['dialog/early-and-final'], 'pass', answersReliably],
  [
    'announces refusals before it says them',
    ['proxy/refusals'],
    'pass',
    () => {
      const repeats = new Map<string, number>()
      return {
        down: (message, line) => {
          if (!isRefusal(message)) return true
          const key = `${message.callId} ${message.cseq.number}`
          const nth = repeats.get(key) ?? 0
          repeats.set(key, nth + 1)
          if (nth === 0) line.deliver(createResponse(asRequest(message), 183, undefined, { toTag: 'announcement' }))
          // The sixth comes after 11.5 s.
          return nth >= 5 || message.status !== 486
        },
      }
    },
  ],
  [
    'is overloaded',
    ['proxy/refusals'],
    'inconclusive',
    () => ({
      down: (message) => {
        if (isRefusal(message)) {
          message.status = 503
          message.headers.set('Retry-After', '10')
        }
        return true
      },
    }),
  ],
  [
    'drops fragments',
    ['tcp/large-datagram'],
    'warn',
    () => ({ up: (message) => message.toBytes().length < 1_500 }),
    ['fragments'],
  ],
]

const isRefusal = (message: SipMessage): message is SipResponse =>
  message.kind === 'response' && message.cseq.method === 'INVITE' && message.status >= 400 && message.status !== 407

/** A request that this would be a response to. */
function asRequest(response: SipResponse): SipRequest {
  return createRequest({
    method: response.cseq.method,
    uri: 'sip:any@example.com',
    from: response.headers.get('From') ?? '',
    to: (response.headers.get('To') ?? '').replace(/;tag=.*/, ''),
    callId: response.callId,
    cseq: response.cseq.number,
    via: response.headers.get('Via') ?? '',
  })
}

/** The 183 with the description asks to be confirmed, and the 200 comes without one (RFC 3262 §5, RFC 3261 §13.3.1.4). */
function answersReliably(): Box {
  return inRow(
    answersItself((request) => (request.method === 'PRACK' ? 200 : undefined)),
    {
      down: (message) => {
        if (message.kind !== 'response' || message.cseq.method !== 'INVITE') return true
        if (message.status === 183) {
          message.headers.set('Require', '100rel')
          message.headers.set('RSeq', '1')
        }
        if (message.status === 200) {
          message.body = Buffer.alloc(0)
          message.headers.remove('Content-Type')
          message.headers.set('Content-Length', '0')
        }
        return true
      },
    },
  )
}

it.each(cases)('behind a box that %s, %j are %s', async (_what, ids, verdict, box, broken = []) => {
  const scenarios = all.filter(({ definition }) => ids.includes(definition.id))
  expect(scenarios.length).toBe(ids.length)
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  expect(told.map((one) => [one.id, one.verdict, one.reason])).toEqual(
    told.map(({ id }) => [id, verdict, verdict === 'pass' ? '' : expect.any(String)]),
  )
  const red = told.flatMap(({ checks }) =>
    checks.filter((check) => check.verdict === 'fail' || check.verdict === 'warn'),
  )
  expect(red.map(({ id }) => id)).toEqual(broken)
})

it('where no provisional response comes, nothing is said of how it is sent', async () => {
  const box = (): Box => ({
    down: (message) =>
      message.kind !== 'response' ||
      message.cseq.method !== 'INVITE' ||
      message.status === 100 ||
      message.status >= 200,
  })
  const scenarios = all.filter(({ definition }) => definition.id === 'dialog/reliable-repeated')
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  expect(told.map(({ reason }) => reason)).toEqual(['no provisional response came'])
  expect(new Set(told.flatMap(({ checks }) => checks.map(({ verdict }) => verdict)))).toEqual(new Set(['inconclusive']))
})

it('a registrar that does not list bindings has not lost them', async () => {
  const queries = new Set<string>()
  const box = (): Box => ({
    up: (message) => {
      if (message.kind === 'request' && message.method === 'REGISTER' && !message.headers.has('Contact'))
        queries.add(message.via.branch ?? '')
      return true
    },
    down: (message) => {
      if (queries.has(message.via.branch ?? '')) message.headers.remove('Contact')
      return true
    },
  })
  const scenarios = all.filter(({ definition }) => definition.id === 'registrar/query-changes-nothing')
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  const red = told.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict === 'fail'))
  expect(red.map(({ id }) => id)).toEqual(['complete'])
})

it('a back-to-back user agent that answers INFO itself is judged by its BYE', async () => {
  const box = () =>
    inRow(
      isBackToBack(),
      answersItself((request) => (request.method === 'INFO' ? 200 : undefined)),
    )
  const scenarios = all
    .filter(({ definition }) => definition.id === 'tcp/no-repeats')
    .map(({ definition, file }) => ({ file, definition: { ...definition, variants: [OVER_UDP] } }))
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  // Over UDP everything is repeated: that each of the three is seen is what matters here.
  expect(told.flatMap(({ checks }) => checks.map(({ id, verdict }) => [id.split('#').at(-1), verdict]))).toEqual([
    ['invite', 'warn'],
    ['request', 'warn'],
    ['failure', 'warn'],
  ])
})

it('who answers an offer of fax with port 0 has none (RFC 3264 §6)', async () => {
  const box = (): Box => {
    const answered = new Set<string>()
    const nameOf = ({ callId, cseq }: SipMessage) => `${callId} ${cseq.number}`
    return {
      up: (message, line) => {
        if (message.kind !== 'request') return true
        if (message.method === 'ACK') return !answered.has(nameOf(message))
        const offer = message.body.toString()
        if (message.method !== 'INVITE' || !/^m=image [1-9]/m.test(offer)) return true
        answered.add(nameOf(message))
        const headers: [string, string][] = [['Contact', `<${message.uri}>`]]
        const response = createResponse(message, 200, undefined, { toTag: message.to.tag ?? '', headers })
        response.headers.set('Content-Type', 'application/sdp')
        response.body = Buffer.from(offer.replace(/^(m=image )\d+/m, '$10'))
        line.deliver(response)
        return false
      },
    }
  }
  const scenarios = all.filter(({ definition }) => /^media\/fax(?!-refused)/.test(definition.id))
  const { scenarios: told } = await runDisguised(scenarios, { box, confirms: false })
  expect(told.map(({ verdict, reason }) => [verdict, reason])).toEqual(
    Array.from({ length: 2 }, () => ['unsupported', 'fax (T.38) is answered with port 0']),
  )
})

it('a dead call that is ended a moment after the limit of silence is ended within it', async () => {
  const scenarios = all.filter(({ definition }) => definition.id === 'dialog/dead-call')
  const options = { policy: { mediaTimeoutMs: 30_000 } }
  const ended = async (deadCallSeconds: number) => {
    const says = (document: TargetDocument) => ({ ...document, media: { ...document.media, deadCallSeconds } })
    const { scenarios: told } = await runDisguised(scenarios, { options, says, confirms: false })
    return told.map(({ verdict }) => verdict)
  }
  // The provider looks now and then: it ends 58 to 59 s after the telephone died.
  expect([await ended(50), await ended(57)]).toEqual([['fail'], ['pass']])
})

it('an access network that trusts registered telephones is not blamed for accepting wrong passwords', async () => {
  const box = (): Box => ({
    up: (message) => {
      if (message.kind === 'request' && message.method === 'INVITE' && message.to.tag === undefined)
        message.headers.set('Route', `<sip:${HOST};lr>`)
      return true
    },
  })
  const scenarios = all.filter(({ definition }) => definition.id === 'digest/wrong-password')
  const options = { faults: ['preloaded-route-trusted'] } as const
  const { scenarios: told } = await runDisguised(scenarios, { box, options, confirms: false })
  expect(told.map(({ verdict, reason }) => [verdict, reason])).toEqual([['inconclusive', 'INVITE was not challenged']])
})

it('a border controller that drops OPTIONS is asked otherwise', async () => {
  const ids = ['tcp/excess-bytes', 'tcp/large-datagram', 'tcp/header-forms']
  const scenarios = all
    .filter(({ definition }) => ids.includes(definition.id))
    .map(({ definition, file }) => ({ file, definition: { ...definition, variants: [OVER_UDP] } }))
  const box = () => answersItself((request) => (request.method === 'OPTIONS' ? 0 : undefined))
  const facts = { serves: { options: false } }
  const { scenarios: told } = await runDisguised(scenarios, { box, facts, confirms: false })
  expect(told.map(({ id, verdict }) => [id, verdict])).toEqual(ids.toSorted().map((id) => [id, 'pass']))
})
