/** `<recv response>`: what the file waits for becomes a rule. Those of one request, one after the other, are one wait. */
import type { Gravity } from '../result/terms.js'
import { actsOn } from './actions.js'
import { follows, labelOf } from './branches.js'
import { ref } from './quoting.js'
import type { LogIn } from './log-ins.js'
import type { Command, Recv } from './scenario-file.js'
import type { Pending, Scene } from './scene.js'

type Response = Recv & { readonly status: number }
const isResponse = (command: Command | undefined): command is Response =>
  command?.kind === 'recv' && command.status !== undefined

/** @returns index of the first command after them */
export function waitsForResponses(scene: Scene, commands: readonly Command[], at: number): number {
  const group: Response[] = []
  let next = at
  for (let command = commands[next]; isResponse(command); command = commands[next]) {
    group.push(command)
    next += 1
    // A final response that must come ends the wait.
    if (command.status >= 200 && !command.optional) break
  }
  const pending = whose(scene, group)
  if (pending === undefined) {
    for (const one of group) {
      scene.draft.line = one.line
      scene.draft.todo(`a ${one.status} is waited for, and no request of the file is without its answer.`)
    }
    return next
  }
  for (const one of group.filter(({ status }) => status < 200)) provisional(scene, pending, one)
  const finals = group.filter(({ status, optional }) => status >= 200 && !(optional && isChallenge(status)))
  for (const one of group.filter(({ status, optional }) => optional && isChallenge(status))) leftToStack(scene, one)
  if (finals.length > 0) final(scene, pending, finals)
  return next
}

const isChallenge = (status: number): boolean => status === 401 || status === 407

/** Which request is answered: after a CANCEL that may be the INVITE. */
function whose(scene: Scene, group: readonly Response[]): Pending | undefined {
  const { pending, invite } = scene
  const status = group.find((one) => one.status >= 200)?.status
  const isOfInvite =
    pending?.method === 'CANCEL' &&
    invite !== undefined &&
    status !== undefined &&
    (status === 487 || pending.isAnswered)
  return isOfInvite ? invite : pending
}

function leftToStack({ draft }: Scene, { line, status }: Response): void {
  draft.note(`${status} is answered by ringproof itself, with the account of the target file.`, line)
}

function provisional(scene: Scene, pending: Pending, command: Response): void {
  const { draft, call, own } = scene
  const { status, optional, line, attributes } = command
  draft.line = line
  if (optional) {
    if (attributes.has('next'))
      draft.todo(`what the file does after ${status} is not taken over: the story waits for the final response.`)
    return
  }
  if (pending.kind !== 'call' || call === undefined) {
    draft.note(`${status} to ${pending.method} is not waited for.`)
    return
  }
  if (call.byHand !== undefined && status > 100) {
    const does = status === 183 ? 'progress183({ sdp: true })' : status === 180 ? 'ring()' : `provisional(${status})`
    draft.does(`await ${call.byHand}?.${does}`)
  }
  const came = draft.has('came', `await ${own}.hears(${status}, { callId: ${call.code}.id }).next(${ref('WAITS_MS')})`)
  const rule = { paraphrase: `the INVITE is answered with ${status} first`, gravity: 'harm' as const }
  draft.checks(status === 180 ? 'rang' : 'progressed', rule, `${came} !== undefined`, '.toBeTrue()', came)
  scene.seen = came
  actsOn(scene, command)
  follows(scene, command)
}

const GRAVITIES: Readonly<Partial<Record<string, Gravity>>> = { REGISTER: 'outage', INVITE: 'outage' }
const NAMES: Readonly<Partial<Record<string, string>>> = {
  REGISTER: 'registrationTaken',
  INVITE: 'callAnswered',
  BYE: 'byeAnswered',
  CANCEL: 'cancelAnswered',
}

function final(scene: Scene, pending: Pending, finals: readonly Response[]): void {
  const { draft } = scene
  const [first] = finals
  if (first === undefined) return
  draft.line = first.line
  if (finals.every(({ status }) => isChallenge(status))) {
    challenged(scene, pending, first)
    return
  }
  const last = finals.at(-1) ?? first
  const isOptional = last.optional
  const timed = finals.find(({ attributes }) => attributes.has('timeout')) ?? last
  const isUsedAgain =
    timed.attributes.has('ontimeout') || (finals.some((one) => one.attributes.has('next')) && finals.length > 1)
  const status = statusOf(scene, pending, timed, isUsedAgain)
  pending.isAnswered = true
  const label = labelOf(scene, timed.attributes.get('ontimeout'))
  if (label !== undefined) draft.jump(label, `typeof ${status} === 'string'`)
  checksChallenge(scene, pending)
  const taken = [...new Set(finals.map((one) => one.status))]
  draft.line = last.line
  if (isOptional) {
    draft.note(`The answer to ${pending.method} is not checked: each of ${taken.join(', ')} is optional.`, last.line)
  } else {
    const rule = {
      paraphrase: `${pending.method} is answered with ${taken.join(' or ')}`,
      gravity: GRAVITIES[pending.method] ?? ('harm' as const),
    }
    draft.checks(
      NAMES[pending.method] ?? 'answered',
      rule,
      status,
      taken.length === 1 ? `.toBe(${taken[0]})` : `.toBeOneOf([${taken.join(', ')}])`,
    )
  }
  if (pending.kind === 'call' && scene.call !== undefined) scene.call.stage = last.status < 300 ? 'established' : 'over'
  for (const one of finals) {
    draft.line = one.line
    // After those that go on elsewhere, the last one is the one that came.
    const isLeft = one === last && finals.every((other) => other === last || other.attributes.has('next'))
    scene.seen = seenAt(scene, pending, one.status)
    if (isLeft) actsOn(scene, one)
    else if (one.actions.length > 0) draft.todo(`what is done on ${one.status} alone is not taken over.`)
    follows(scene, one, isLeft ? undefined : `${status} === ${one.status}`)
  }
}

/** The file is content with being asked for a log-in. A device of ringproof's logs in then; that it was asked is the rule. */
function challenged(scene: Scene, pending: Pending, command: Response): void {
  const { draft, own } = scene
  const { status, line, actions } = command
  if (pending.kind === 'call') {
    draft.does(`await ${ref('within')}(${pending.code}.answered, ${ref('WAITS_MS')})`)
    if (scene.call !== undefined) scene.call.stage = 'over'
  }
  draft.note(
    `The file is content with ${status}. The device here logs in then, with an account of the target file.`,
    line,
  )
  asksForLogIn(scene, pending, { status, line })
  pending.isAnswered = true
  scene.seen = `${own}.hears(${status}, { to: '${pending.method}' }).last`
  if (actions.length > 0) actsOn(scene, command)
  follows(scene, command)
}

/** Code of the message, for actions. */
function seenAt({ own, call }: Scene, { method, kind }: Pending, status: number): string {
  const isOfCall = call !== undefined && (kind === 'call' || method === 'BYE' || method === 'CANCEL')
  return `${own}.hears(${status}, { to: '${method}'${isOfCall ? `, callId: ${call.code}.id` : ''} }).last`
}

/** Marked name of the status, or a text where none came. */
function statusOf(scene: Scene, pending: Pending, { attributes }: Response, isUsedAgain: boolean): string {
  const { draft, call } = scene
  const named = (code: string): string => (isUsedAgain ? draft.has('status', code, { pure: true }) : code)
  if (pending.kind === 'registration') return `${pending.code}.status`
  if (pending.kind === 'exchange') return named(`${pending.code}.status ?? 'no answer'`)
  if (pending.kind === 'maybe exchange') return named(`${pending.code}?.status ?? 'no answer'`)
  if (call?.byHand !== undefined) draft.does(`await ${call.byHand}?.answer()`)
  const timeout = Number(attributes.get('timeout'))
  const waits = timeout > 0 ? String(Math.min(timeout, 60_000)) : ref('WAITS_MS')
  const answer = draft.has('answer', `await ${ref('within')}(${pending.code}.answered, ${waits})`)
  return named(`${answer}?.status ?? 'no answer'`)
}

function checksChallenge(scene: Scene, pending: Pending): void {
  const { draft } = scene
  const { logIn, method } = pending
  if (logIn === undefined) return
  pending.isAnswered = true
  if (logIn.isLookedAt)
    draft.todo(`what is done with the ${logIn.status} is not taken over: ringproof answers the challenge itself.`)
  draft.note(
    `The log-in is ringproof's own, with an account of the target file: ${logIn.status}, [authentication] and the second ${method} are one request.`,
    logIn.line,
  )
  if (logIn.isRequired) asksForLogIn(scene, pending, logIn)
}

/** The file fails where nobody asks for its log-in. */
function asksForLogIn({ draft }: Scene, { kind, code, method }: Pending, logIn: Pick<LogIn, 'status' | 'line'>): void {
  const exchange = kind === 'registration' || kind === 'call' ? `${code}.exchange` : code
  const challenges = kind === 'maybe exchange' ? `(${exchange}?.challenges ?? [])` : `${exchange}.challenges`
  draft.checks(
    'loginAsked',
    {
      paraphrase: `${method} is answered with ${logIn.status} before the log-in`,
      gravity: 'exposure',
      line: logIn.line,
    },
    `${challenges}.map((challenge) => challenge.status)`,
    `.toContain(${logIn.status})`,
  )
}
