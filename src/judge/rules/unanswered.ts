/** Requests that are sent again and again and get no answer at all (RFC 3261 §17.1). */
import { formatEndpoint } from '../../transport/network.js'
import { isOutOfReachOf } from '../addresses.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { named, roleOf, silenceOf } from '../sides.js'
import { seconds } from '../texts.js'
import { firstOf, lastOf, type Transaction } from '../transactions.js'

/** Sent so often on UDP, or this long ago on a stream, ms: one or two that are lost are the network's. */
const SENDINGS = 5
const STREAM_MS = 16_000

const OF_PROVIDER = {
  INVITE: {
    cause: 'not-reachable',
    title: 'The provider does not answer calls',
    harm: 'Calls do not come about: the telephone shows an error after half a minute.',
    step: 'call',
  },
  REGISTER: {
    cause: 'not-reachable',
    title: 'The provider does not answer registrations',
    harm: 'The telephone is not registered: it can neither call nor be called.',
    step: 'register',
  },
  BYE: {
    cause: 'hang-up-lost',
    gravity: 'harm',
    title: 'Hanging up gets no answer',
    harm: 'The other side may stay in the call, and may be billed on.',
    step: 'hang up',
  },
} as const

export const unanswered: JudgeRule = {
  id: 'unanswered',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'not-reachable',
    title: 'Requests get no answer at all',
    rule: 'RFC 3261 §17.1',
    expected: 'an answer',
    harm: 'What was asked for does not happen.',
    advice:
      'Capture on the other side, too: does the request arrive there? If not, look at firewalls and at the size of the message. If so, look at the logs there.',
  },
  look(scene, report) {
    for (const one of scene.transactions) {
      if (!isUnanswered(one, scene)) continue
      const observation = told(one, scene)
      if (observation !== undefined) report(observation)
    }
  },
}

/** Whether a request got nothing, and was watched for long enough to say so. */
export function isUnanswered(
  one: Transaction,
  { until, view, messages }: Pick<Scene, 'until' | 'view' | 'messages'>,
): boolean {
  const { requests, responses, client, server } = one
  if (responses.length > 0) return false
  // Where nothing of the other side is ever seen, the capture may show one direction alone.
  if (!view.seesBothWays(client.address, server.address) && !isOutOfReachOf(server.address, client.address))
    return false
  const first = firstOf(one)
  if (first.transport === 'udp') return requests.length >= SENDINGS
  if (until - first.at <= STREAM_MS) return false
  // Where anything came back afterwards, the answer may be what the capture lacks.
  return !messages.some(
    ({ from, to, at }) => at > first.at && from.address === server.address && to.address === client.address,
  )
}

function told(one: Transaction, scene: Scene): Observation | undefined {
  const { method, server, client, callId, requests } = one
  const { view, calls, registrations } = scene
  const about =
    registrations.find(({ transactions }) => transactions.includes(one)) ?? calls.find((call) => call.callId === callId)
  const toProvider = roleOf(server.address, view) !== 'telephone'
  const times =
    requests.length === 1 ? 'once' : `${requests.length} times in ${seconds(lastOf(one).at - firstOf(one).at)}`
  const seen = `${method} was sent ${times} by ${named(client.address, view)} to ${formatEndpoint(server)}, and nothing came back.`
  const common = { about, seen, frames: requests.map(({ frame }) => frame), side: silenceOf(server.address, view) }
  if (toProvider) {
    const own = method === 'INVITE' || method === 'REGISTER' || method === 'BYE' ? OF_PROVIDER[method] : undefined
    return {
      ...common,
      kind: `${method} provider`,
      ...(own ?? { severity: 'warn', gravity: 'harm', title: `The provider does not answer ${method}` }),
    }
  }
  // Whether a telephone is there at all, the provider cannot help; that it does not clear a dead one is another matter.
  return {
    ...common,
    kind: `${method} telephone`,
    severity: 'warn',
    gravity: 'harm',
    cause: 'call-not-delivered',
    title:
      method === 'INVITE'
        ? 'Calls do not reach a telephone: it answers nothing'
        : `A telephone does not answer ${method}`,
    harm: 'Whoever calls it hears ringing or nothing, and then an announcement.',
    advice:
      'Is the telephone switched on, and was it registered from where the request went? Behind NAT, look at its keep-alives.',
  }
}
