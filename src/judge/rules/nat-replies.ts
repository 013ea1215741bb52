/** Answers and calls that do not find a telephone behind NAT (RFC 3581 §4, RFC 5626). */
import { formatEndpoint, sameEndpoint } from '../../transport/network.js'
import type { SipMessage } from '../../message/message.js'
import { isPrivate } from '../addresses.js'
import { bindingsIn } from '../registrations.js'
import type { JudgeRule } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named, roleOf, side } from '../sides.js'
import { seconds } from '../texts.js'
import { finalOf, firstOf, type Transaction } from '../transactions.js'
import { isUnanswered } from './unanswered.js'

const REPEATS = 3

export const natReplies: JudgeRule = {
  id: 'nat-replies',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'reply-address-wrong',
    title: 'Answers do not go back to where the request came from',
    rule: 'RFC 3581 §4',
    expected: 'the answer to the address and port that the request came from',
    harm: 'Telephones behind NAT get no answers: they can neither register nor call.',
    advice: 'Let the server answer to the source of the request (rport, received), whatever Via says.',
    step: 'register',
  },
  look(scene, report) {
    for (const one of scene.transactions) {
      const wrong = misdirected(one)
      if (wrong !== undefined) {
        const first = firstOf(one)
        report({
          about:
            scene.registrations.find(({ transactions }) => transactions.includes(one)) ??
            scene.calls.find(({ callId }) => callId === one.callId),
          seen: `${one.method} came from ${formatEndpoint(one.client)}, the answers went to ${formatEndpoint(wrong)}, and it was sent again ${one.requests.length - 1} times.`,
          frames: [first.frame, ...one.responses.map(({ frame }) => frame)],
          side: doingOf(one.server.address, scene.view, 'the capture shows where it sends its answers'),
        })
      }
      forgotten(one, scene, report)
    }
  },
}

/** Where all answers went, where that is another place than the request came from, and they did not help. */
function misdirected({ requests, responses, client }: Transaction) {
  const [first] = responses
  if (first === undefined || first.transport !== 'udp' || requests.length <= REPEATS) return undefined
  // The address in Via, as RFC 3261 §18.2.2 had it before RFC 3581.
  const strays = responses.filter(({ to, message }) => !sameEndpoint(to, client) && viaHost(message) === to.address)
  const after = requests.filter(({ at }) => at > first.at)
  return strays.length === responses.length && after.length >= REPEATS ? first.to : undefined
}

function viaHost(message: SipMessage): string | undefined {
  try {
    return message.via.host
  } catch {
    return undefined
  }
}

/** A call or another request to a telephone that is registered, and gets nothing. */
function forgotten(one: Transaction, scene: Scene, report: Parameters<JudgeRule['look']>[1]): void {
  const { view, registrations, messages, behind } = scene
  if (one.method !== 'INVITE' || roleOf(one.server.address, view) !== 'telephone' || !isUnanswered(one, scene)) return
  const first = firstOf(one)
  // Captured on the router itself, the telephone has its private address.
  const inner = behind.get(formatEndpoint(one.server))
  const address = inner?.address ?? one.server.address
  const registration = registrations.find(({ transactions }) =>
    transactions.some((register) => register.client.address === address && isValid(register, first.at)),
  )
  if (registration === undefined) return
  const heard = messages.findLast(({ from, at }) => at < first.at && from.address === address)
  const again = messages.find(({ from, at }) => at > first.at && from.address === address)
  const idle = first.at - (heard?.at ?? first.at)
  const isBehindNat = registration.transactions.some((register) => {
    const bindings = bindingsIn(firstOf(register))
    return (
      bindings !== '*' &&
      bindings.some(({ host }) => isPrivate(host) && (inner !== undefined || host !== register.client.address))
    )
  })
  report({
    about: registration,
    kind: 'forgotten',
    severity: inner !== undefined || (isBehindNat && again !== undefined && idle > 25_000) ? 'fail' : 'warn',
    gravity: 'outage',
    cause: 'nat-forgotten',
    title: 'A telephone that is registered cannot be called',
    rule: 'RFC 5626 §4.4.1',
    expected: 'an answer of a telephone that is registered',
    harm: 'Calls to it do not arrive, though telephone and provider say that it is registered.',
    advice:
      'Set keep-alives of the telephone to less than its router remembers it (25 s is safe), use TCP or TLS, or let the provider send keep-alives.',
    step: 'call',
    seen: `${inner === undefined ? named(one.server.address, view) : `the telephone (${address}, behind ${formatEndpoint(one.server)})`} was registered, was last heard ${seconds(idle)} before the call, and answered nothing${again === undefined ? '' : `; ${seconds(again.at - first.at)} later it was heard again${again.from.port === one.server.port ? '' : `, from port ${again.from.port}`}`}.`,
    frames: [
      ...one.requests.map(({ frame }) => frame),
      ...(heard === undefined ? [] : [heard.frame]),
      ...(again === undefined ? [] : [again.frame]),
    ],
    side:
      inner !== undefined
        ? side(
            'network',
            'captured on the router: the call came to its outer side, and it did not pass it on to the telephone',
          )
        : side(
            'unknown',
            isBehindNat
              ? 'it is behind NAT: its router may have forgotten it, or it was switched off'
              : 'it was switched off, or what was sent to it is lost on the way',
          ),
  })
}

function isValid(register: Transaction, at: number): boolean {
  const answer = finalOf(register)
  if (answer === undefined || answer.status >= 300 || answer.at > at) return false
  const listed = bindingsIn(answer)
  const expires = listed === '*' ? 0 : Math.max(0, ...listed.map((one) => one.expires ?? 3600))
  return at < answer.at + expires * 1000
}
