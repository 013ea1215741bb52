/** Requests that are sent again and again and get no answer at all (RFC 3261 §17.1). */
import { type Endpoint, formatEndpoint } from '../../transport/network.js'
import { kindOf } from '../addresses.js'
import { bindingsIn } from '../registrations.js'
import type { JudgedSide } from '../../result/judge-result.js'
import type { JudgeRule, Observation, RuleText } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, roleOf, side, silenceOf } from '../sides.js'
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
  if (!view.seesBothWays(client.address, server.address) && !view.isOutOfReach(server.address, client.address))
    return false
  const first = firstOf(one)
  if (first.transport === 'udp') return requests.length >= SENDINGS
  if (until - first.at <= STREAM_MS) return false
  // Where anything came back afterwards, the answer may be what the capture lacks.
  return !messages.some(
    ({ from, to, at }) => at > first.at && from.address === server.address && to.address === client.address,
  )
}

/** What is said of messages that are too large for one packet (RFC 3261 §18.1.1), where smaller ones are answered. */
function sizeOf(
  one: Transaction,
  { view, messages, transactions, icmp }: Scene,
): (Partial<RuleText> & { seen: string; side: JudgedSide; kind: string }) | undefined {
  const { cut, pieces, bytes } = firstOf(one)
  if (pieces === undefined) return undefined
  const isAnswered = transactions.some(
    (other) =>
      other.responses.length > 0 &&
      other.client.address === one.client.address &&
      other.server.address === one.server.address &&
      firstOf(other).pieces === undefined,
  )
  if (!isAnswered) return undefined
  const common = {
    rule: 'RFC 3261 §18.1.1',
    expected: 'requests of more than 1300 bytes over TCP or TLS',
    harm: 'Some calls do not come about, again and again: those with many codecs, or through many servers.',
    advice: 'Let the telephone use TCP or TLS, or offer fewer codecs; let firewalls and routers pass fragments of IP.',
  } as const
  const isInPart = icmp.some(
    ({ says, from }) => says === 'reassembly time exceeded' && from.address === one.server.address,
  )
  if (cut === undefined) {
    return {
      ...common,
      kind: `${one.method} large`,
      title: 'Requests that are too large for one packet get no answer',
      seen: `; with its ${bytes.length} bytes it goes in ${pieces} fragments, while smaller ones are answered.`,
      side: isInPart
        ? side('network', `${one.server.address} says by ICMP that only a part has arrived`)
        : side(
            'unknown',
            'routers and firewalls often lose fragments; a capture on the other side shows whether all of them arrive',
          ),
    }
  }
  // A capture filter by port leaves out all fragments but the first.
  const takesFragments = messages.some((seen) => seen.pieces !== undefined && seen.cut === undefined)
  return {
    ...common,
    kind: `${one.method} in part`,
    title: 'Requests that are too large for one packet arrive in part',
    seen: `; of each only the first ${pieces === 1 ? 'fragment' : `${pieces} fragments`}, ${bytes.length} bytes, came to this point, and the rest is missing.`,
    side:
      takesFragments || isInPart
        ? side(
            'network',
            isInPart
              ? `the rest is lost on the way: ${one.server.address} says by ICMP that only a part has arrived`
              : 'the rest is lost before this point: of other messages all fragments are in the capture',
          )
        : side(
            'unknown',
            `the rest is lost before this point, or the capture filter left it out (one by port does); ${named(one.client.address, view)} may have sent all of it`,
          ),
  }
}

/** Where a registration came from whose Contact is private, and a call is sent to that. */
function privateContact({ server, client }: Transaction, { view, registrations }: Scene): Endpoint | undefined {
  if (!view.isOutOfReach(server.address, client.address)) return undefined
  for (const { transactions } of registrations) {
    for (const register of transactions) {
      const bindings = bindingsIn(firstOf(register))
      if (bindings === '*' || kindOf(register.client.address) !== 'public') continue
      if (bindings.some(({ host }) => host === server.address)) return register.client
    }
  }
  return undefined
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
  const size = sizeOf(one, scene)
  const common = { about, seen, frames: requests.map(({ frame }) => frame), side: silenceOf(server.address, view) }
  if (size !== undefined) return { ...common, ...size, seen: `${seen.slice(0, -1)}${size.seen}` }
  if (toProvider) {
    const own = method === 'INVITE' || method === 'REGISTER' || method === 'BYE' ? OF_PROVIDER[method] : undefined
    return {
      ...common,
      kind: `${method} provider`,
      ...(own ?? { severity: 'warn', gravity: 'harm', title: `The provider does not answer ${method}` }),
    }
  }
  const address = privateContact(one, scene)
  if (address !== undefined) {
    return {
      ...common,
      kind: `${method} private`,
      cause: 'nat-unreachable',
      title: 'Calls to a telephone behind NAT are sent to its private address',
      rule: 'RFC 3581 §4',
      expected: 'calls to where the registration came from',
      harm: 'Telephones behind NAT can call, and cannot be called.',
      advice:
        'Let the registrar keep where a REGISTER came from (received, rport) and send calls there (Kamailio: fix_nated_register; Asterisk: rewrite_contact), or let the telephone find its public address (STUN).',
      step: 'call',
      seen: `${method} was sent ${times} to a private address, ${formatEndpoint(server)}, as Contact of the registration says, which came from ${formatEndpoint(address)}; nothing came back.`,
      side: doingOf(
        client.address,
        view,
        'the capture shows where the registration came from, and where the call is sent',
      ),
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
