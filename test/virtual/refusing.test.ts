/** Silence, or a refusal for another reason, is never taken for the refusal that a scenario asks for. */
import { expect, it } from 'vitest'
import type { SipRequest } from '../../src/message/message.js'
import { allScenarios } from './detection.js'
import { runDisguised } from './disguise.js'
import { answersItself, bringsLogin } from './middlebox.js'

const aboutSignalling = ['registrar', 'digest', 'flapping', 'security', 'proxy', 'services']
const scenarios = (await allScenarios()).filter(({ definition }) => aboutSignalling.includes(definition.area))

const beginsCall = ({ method, to }: SipRequest) => method === 'INVITE' && to.tag === undefined
const registers = ({ method }: SipRequest) => method === 'REGISTER'

/** What is about the challenge alone has been seen. */
const CHALLENGES = ['digest/asked-once', 'digest/order-of-algorithms']
const REGISTRATIONS = ['digest/challenge', 'digest/quality-of-protection', 'flapping/contact-set']

const cases: [what: string, pick: (request: SipRequest) => number | undefined, mayPass: readonly string[]][] = [
  ['says nothing', () => 0, []],
  ['answers 503 to everything', () => 503, []],
  ['answers 403 to everything', () => 403, []],
  ['answers 404 to everything', () => 404, []],
  ['asks for a log-in for ever', () => 401, CHALLENGES],
  ['does so as a proxy', () => 407, CHALLENGES],
  ['refuses every log-in', (request) => (bringsLogin(request) ? 403 : undefined), CHALLENGES],
  [
    'refuses every registration',
    (request) => (registers(request) && bringsLogin(request) ? 503 : undefined),
    CHALLENGES,
  ],
  ...[0, 403, 404, 480, 503].map((status): (typeof cases)[number] => [
    `answers calls with ${status || 'silence'}`,
    (request) => (beginsCall(request) ? status : undefined),
    REGISTRATIONS,
  ]),
]
it.each(cases)('passes nothing that was not reached at a provider that %s', async (_what, pick, mayPass) => {
  const { scenarios: told } = await runDisguised(scenarios, { box: () => answersItself(pick) }, false)
  const callsOnly = mayPass === REGISTRATIONS
  const passed = told.filter(({ id, verdict }) => verdict === 'pass' && !(callsOnly && isOfRegistrar(id)))
  expect(passed.map(({ id }) => id).filter((id) => !mayPass.includes(id))).toEqual([])
  expect(told.filter(({ verdict }) => verdict === 'error').map(({ id, reason }) => `${id}: ${reason}`)).toEqual([])
  expect(told.length).toBeGreaterThan(50)
})

/** Registrations and their log-ins go on as ever where only calls are refused. */
function isOfRegistrar(id: string): boolean {
  const [area = '', name = ''] = id.split('/')
  const callsToo = ['contact-of-third-party', 'several-accounts', 'binding-ends', 'wrong-password', 'replayed-login']
  const aboutCalls = ['ack-and-cancel', 'asked-once', 'made-for-another-number']
  return ['registrar', 'digest'].includes(area) && ![...callsToo, ...aboutCalls].includes(name)
}
