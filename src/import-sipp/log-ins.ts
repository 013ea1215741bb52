/** A challenge, its ACK, and the request once more with credentials are one request of a telephone: it logs in by itself. */
import type { Command, Recv, Send } from './scenario-file.js'

/** What was folded into a request. */
export interface LogIn {
  /** 401 or 407, as the file waits for it. */
  readonly status: number
  /** The file fails where the target does not ask. */
  readonly isRequired: boolean
  readonly line: number
  /** The file looks at the challenge. */
  readonly isLookedAt: boolean
}

export interface Folded {
  readonly commands: readonly Command[]
  /** By the request that is sent in the end. */
  readonly logIns: ReadonlyMap<Command, LogIn>
}

const asks = (command: Command): command is Recv =>
  command.kind === 'recv' && (command.status === 401 || command.status === 407)

export function foldLogIns(commands: readonly Command[]): Folded {
  const logIns = new Map<Command, LogIn>()
  const left: Command[] = []
  let at = 0
  while (at < commands.length) {
    const command = commands[at]
    if (command === undefined) break
    const found = command.kind === 'send' ? challengeAfter(commands, at) : undefined
    if (command.kind === 'send' && found !== undefined) {
      const { challenge, again, end } = found
      // What the second request says is what counts, at the place of the first.
      const request: Send = { ...again, line: command.line }
      logIns.set(request, {
        status: challenge.status ?? 401,
        isRequired: !challenge.optional,
        line: challenge.line,
        isLookedAt: challenge.actions.length > 0,
      })
      left.push(request, ...found.between)
      at = end
      continue
    }
    left.push(command)
    at += 1
  }
  return { commands: left, logIns }
}

interface Challenged {
  readonly challenge: Recv
  readonly again: Send
  /** Responses that the file takes before the challenge. */
  readonly between: readonly Command[]
  /** First command after the second request. */
  readonly end: number
}

/** The challenge that is answered by sending the request at `at` once more. */
function challengeAfter(commands: readonly Command[], at: number): Challenged | undefined {
  const first = commands[at]
  if (first?.kind !== 'send' || first.message.status !== undefined) return undefined
  const between: Command[] = []
  let next = at + 1
  for (; next < commands.length; next += 1) {
    const command = commands[next]
    if (command?.kind !== 'recv' || command.status === undefined || asks(command)) break
    between.push(command)
  }
  const challenge = commands[next]
  if (challenge === undefined || !asks(challenge)) return undefined
  const label = labelAfter(commands, next, challenge)
  if (label === undefined) return undefined
  for (next = label + 1; next < commands.length; next += 1) {
    const command = commands[next]
    if (command === undefined) return undefined
    if (command.kind === 'send' && command.message.method === first.message.method)
      return { challenge, again: command, between, end: next + 1 }
    // Its ACK is the stack's, and a pause or a log line before the answer changes nothing.
    const isPassed =
      command.kind === 'nop' ||
      command.kind === 'pause' ||
      command.kind === 'label' ||
      (command.kind === 'send' && command.message.method === 'ACK')
    if (!isPassed) return undefined
  }
  return undefined
}

/** Where the file goes on after the challenge: there, or at a label behind other answers. @returns index; undefined: nobody knows */
function labelAfter(commands: readonly Command[], at: number, challenge: Recv): number | undefined {
  const wanted = challenge.attributes.get('next')
  if (wanted === undefined) return at
  if (challenge.attributes.has('test') || challenge.attributes.has('chance')) return undefined
  const label = commands.findIndex((one, index) => index > at && one.kind === 'label' && one.id === wanted)
  // What lies between is what the file does where nobody asks for a log-in: it takes the answer that comes at once.
  const isPassed = commands.slice(at + 1, Math.max(label, 0)).every((one) => one.kind === 'recv' && !asks(one))
  return label >= 0 && isPassed ? label : undefined
}
