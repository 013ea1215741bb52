/** `<send>` of a request: what the file's telephone does. */
import { oldDescription } from './header-fields.js'
import { keywordsIn, userOf } from './keywords.js'
import { quoted, ref } from './quoting.js'
import type { Command, Send } from './scenario-file.js'
import { argument, type Scene } from './scene.js'
import { fieldOf, type SipText } from './sip-text.js'

export function sendsRequest(scene: Scene, command: Send, at: number): void {
  const { method } = command.message
  const write = METHODS[method]
  if (write !== undefined) write(scene, command, at)
  else if (inCall(scene)) asksInCall(scene, command)
  else asksOutside(scene, command)
}

const METHODS: Readonly<Partial<Record<string, (scene: Scene, command: Send, at: number) => void>>> = {
  REGISTER: registers,
  INVITE: (scene, command, at) => (inCall(scene) ? reinvites(scene, command) : invites(scene, command, at)),
  ACK: acknowledges,
  BYE: hangsUp,
  CANCEL: cancels,
  PRACK: (scene) =>
    scene.draft.note('PRACK is sent by ringproof itself, for every reliable provisional response (RFC 3262).'),
  SUBSCRIBE: (scene, command) => (inCall(scene) ? asksInCall(scene, command) : subscribes(scene, command)),
}

const inCall = ({ call }: Scene): boolean => call !== undefined && call.stage === 'established'

function waitsFor(
  scene: Scene,
  command: Send,
  kind: 'exchange' | 'maybe exchange' | 'registration' | 'call',
  code: string,
): void {
  const logIn = scene.logIns.get(command)
  scene.pending = { method: command.message.method, kind, code, logIn, isAnswered: false }
}

function registers(scene: Scene, command: Send): void {
  const { draft, own } = scene
  const { message } = command
  const contact = fieldOf(message, 'Contact')
  const seconds = /;\s*expires=(\d+)/i.exec(contact ?? '')?.[1] ?? /^\d+/.exec(fieldOf(message, 'Expires') ?? '')?.[0]
  const members = [
    ...(seconds === undefined ? [] : [`expires: ${Math.min(Number(seconds), 2 ** 31)}`]),
    ...(contact === undefined ? ['contacts: []'] : contact.trim() === '*' ? ["contacts: ['*']"] : []),
    ...scene.carried(message),
  ]
  draft.note(
    "Accounts come from the target file: users, domains and passwords of the old file, and SIPp's -s, -au and -ap, are not used.",
    0,
  )
  const outcome = draft.has(
    seconds === '0' ? 'unregistered' : 'registered',
    `await ${own}.asksToRegister(${argument(members)})`,
  )
  waitsFor(scene, command, 'registration', outcome)
}

/** Whether the file has the device registered before it does anything else. */
export const registersItself = (commands: readonly Command[]): boolean => {
  for (const command of commands) {
    if (command.kind === 'send' && command.message.method === 'REGISTER') return true
    if (command.kind === 'recv' && command.request === 'INVITE') return false
    if (command.kind === 'send' && command.message.status === undefined) return false
  }
  return false
}

function invites(scene: Scene, command: Send, at: number): void {
  const { draft, own } = scene
  const { message } = command
  const end = endOfInvite(scene, at)
  const whom = whomOf(scene, message, end.finals)
  const description = oldDescription(message.body)
  const isPeer = whom === ref(scene.otherName)
  let byHand: string | undefined
  if (isPeer) byHand = preparesPeer(scene, end)
  const members = [
    ...scene.carried(message),
    ...(description === undefined && message.body === '' ? ['lateOffer: true'] : []),
    ...(/\b100rel\b/i.test(fieldOf(message, 'Require') ?? '') ? ["reliableProvisionals: 'required'"] : []),
    ...(end.ackCarries ? ['automatic: { acknowledge: false }'] : []),
    ...attributesOf(scene, message),
  ]
  const code = draft.has('call', `await ${own}.invites(${whom}${argument(members, ', ')})`)
  scene.call = { code, direction: 'outgoing', peer: undefined, stage: 'calling', byHand: undefined }
  if (byHand !== undefined)
    scene.call.byHand = draft.has('ringing', `await ${scene.other}.nextCall(${ref('WAITS_MS')})`)
  scene.call.peer = scene.call.byHand
  waitsFor(scene, command, 'call', code)
}

export const attributesOf = (scene: Scene, message: SipText): string[] => {
  const kept = (oldDescription(message.body)?.attributes ?? []).flatMap(
    (line) => scene.text(line, 'an attribute of the session description') ?? [],
  )
  return kept.length === 0 ? [] : [`edit: ${ref('addingToDescription')}([${kept.join(', ')}])`]
}

interface InviteEnd {
  /** Final responses that the file waits for, and takes. */
  readonly finals: readonly number[]
  /** Provisional ones that it insists on. */
  readonly provisionals: readonly number[]
  readonly isCancelled: boolean
  /** Its ACK has header fields of its own. */
  readonly ackCarries: boolean
}

/** What becomes of an INVITE, by what the file does until the call is up or over. */
function endOfInvite({ commands }: Scene, at: number): InviteEnd {
  const finals: number[] = []
  const provisionals: number[] = []
  for (const command of commands.slice(at + 1)) {
    if (command.kind === 'recv' && command.status !== undefined && !command.optional)
      (command.status < 200 ? provisionals : finals).push(command.status)
    if (command.kind !== 'send') continue
    const { method } = command.message
    if (method === 'CANCEL') return { finals: [487], provisionals, isCancelled: true, ackCarries: false }
    if (method === 'ACK') {
      const isSpecial = command.message.fields.some(
        ({ name }) => /^(?:x-|p-)/i.test(name) || !KNOWN_IN_ACK.has(name.toLowerCase()),
      )
      return { finals, provisionals, isCancelled: false, ackCarries: isSpecial && (finals[0] ?? 200) < 300 }
    }
    if (method !== 'PRACK') break
  }
  return { finals, provisionals, isCancelled: false, ackCarries: false }
}

const KNOWN_IN_ACK = new Set([
  '',
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'max-forwards',
  'subject',
  'content-length',
  'content-type',
  'route',
  'authorization',
  'proxy-authorization',
  'user-agent',
  'allow',
  'supported',
])

/** Who is called: a number that the file names, `-s`, or the other device. Marked name, or code of a text. */
function whomOf(scene: Scene, message: SipText, finals: readonly number[]): string {
  const { draft, options } = scene
  const user = userOf(message.rest) ?? ''
  const [keyword] = keywordsIn(user)
  if (keyword === 'service' && options.service === undefined) {
    if (finals.some((status) => NOBODY.has(status))) {
      draft.note(
        'The file waits for the refusal of a number that nobody has: a name is dialled that belongs to nobody. --service dials a number instead.',
      )
      return quoted('ringproof-nobody-1')
    }
    draft.note(
      '[service] is another device of the run, which answers. --service NUMBER dials a number of the target instead.',
    )
    return scene.other
  }
  if (keyword === 'service') return dials(scene, options.service ?? '')
  if (keyword !== undefined) {
    const code = keyword.startsWith('field') ? scene.meaning(keyword) : undefined
    if (code !== undefined && user.length === keyword.length + 2) return code
    draft.note(
      `'[${keyword}]' in the Request-URI has no value${keyword.startsWith('field') ? ': name the injection file with --inf FILE.csv' : ''}; another device of the run is called.`,
    )
    return scene.other
  }
  if (/^[+*#0-9][-+*#0-9().]*$/.test(user)) return dials(scene, user)
  draft.note(`'${user}' is a name of the old test bed: another device of the run is called in its place.`)
  return scene.other
}

const NOBODY = new Set([404, 410, 484, 604])

function dials(scene: Scene, number: string): string {
  const why = scene.options.whyNotDialled?.(number)
  scene.draft.note(
    why === undefined
      ? `${number} is dialled: the target file must name it, under services or limits.mayDial.`
      : `The call will not be made. ${why}`,
  )
  return quoted(number)
}

/** The other device does what the file waits for. @returns defined: the story has its call in hand */
function preparesPeer(scene: Scene, { finals, provisionals, isCancelled }: InviteEnd): string | undefined {
  const { draft } = scene
  const [final] = finals
  if (provisionals.some((status) => status > 100 && status !== 180)) {
    draft.does(`${scene.other}.waitsForTheStory()`)
    return 'by hand'
  }
  if (isCancelled) {
    draft.does(`${scene.other}.rings()`)
  } else if (final !== undefined && final >= 300) {
    draft.does(`${scene.other}.rejects(${final})`)
    draft.note(
      `The file waits for ${final}: the called device gives that answer, and the target has to pass it on. Where the target itself should refuse, dial a number that it refuses: --service NUMBER.`,
    )
  }
  return undefined
}

function reinvites(scene: Scene, command: Send): void {
  const { draft, call } = scene
  if (call === undefined) return
  const description = oldDescription(command.message.body)
  const wasHeld = draft.lines.some((line) => line.kind === 'code' && line.code.includes(`${call.code}.hold(`))
  const verb = description?.holds === true ? 'hold' : wasHeld ? 'resume' : 'reinvite'
  const members = [
    ...scene.carried(command.message),
    ...(verb === 'reinvite' && description === undefined ? ['sdp: false'] : []),
  ]
  waitsFor(
    scene,
    command,
    'exchange',
    draft.has(
      verb === 'hold' ? 'held' : verb === 'resume' ? 'resumed' : 'changed',
      `await ${call.code}.${verb}(${argument(members)})`,
    ),
  )
}

function acknowledges(scene: Scene, { message }: Send): void {
  const { draft, call } = scene
  draft.note(
    'ACK is sent by ringproof itself: at once for a 2xx, by the transaction for all else (RFC 3261 §13.2.2.4, §17.1.1.3).',
  )
  const isByHand = draft.lines.some(
    (line) => line.kind === 'code' && line.code.includes('automatic: { acknowledge: false }'),
  )
  if (call === undefined || !isByHand || call.stage !== 'established') return
  draft.does(`await ${call.code}.acknowledge(${argument(scene.carried(message))})`)
}

function hangsUp(scene: Scene, command: Send): void {
  const { draft, call } = scene
  if (call === undefined) {
    draft.todo('BYE outside of a call is not sent: ringproof has no dialog for it.')
    scene.pending = undefined
    return
  }
  call.stage = 'over'
  waitsFor(
    scene,
    command,
    'maybe exchange',
    draft.has('hungUp', `await ${call.code}.hangUp(${argument(scene.carried(command.message))})`),
  )
}

function cancels(scene: Scene, command: Send): void {
  const { draft, call, pending } = scene
  if (call === undefined || call.direction !== 'outgoing') {
    draft.todo('CANCEL without an INVITE of its own is not sent.')
    return
  }
  scene.invite = pending?.kind === 'call' ? pending : scene.invite
  waitsFor(
    scene,
    command,
    'maybe exchange',
    draft.has('cancelled', `await ${call.code}.cancel(${argument(scene.carried(command.message))})`),
  )
}

function asksInCall(scene: Scene, command: Send): void {
  const { draft, call } = scene
  const { message } = command
  if (call === undefined) return
  const { method } = message
  const isSession = oldDescription(message.body) !== undefined
  if (method === 'UPDATE' && (isSession || message.body === '')) {
    const members = [...scene.carried(message), ...(isSession ? [] : ['sdp: false'])]
    waitsFor(scene, command, 'exchange', draft.has('updated', `await ${call.code}.update(${argument(members)})`))
    return
  }
  const referTo = fieldOf(message, 'Refer-To')
  if (method === 'REFER' && referTo !== undefined) {
    draft.note(
      'REFER: the number in Refer-To must be one that the target file allows, and the other device has to take transfers.',
    )
  }
  const event = ['Event', 'Refer-To', 'Subscription-State', 'Expires'].flatMap((name) => {
    const value = fieldOf(message, name)
    const code = value === undefined ? undefined : scene.text(value, `header field ${name}`)
    return code === undefined ? [] : [`${quoted(name)}: ${code}`]
  })
  const members = [...scene.carried(message, event), ...scene.bodyOf(message)]
  waitsFor(
    scene,
    command,
    'exchange',
    draft.has('answer', `await ${call.code}.request(${quoted(method)}${argument(members, ', ')})`),
  )
}

function asksOutside(scene: Scene, command: Send): void {
  const { draft, own } = scene
  const { message } = command
  const user = userOf(message.rest)
  const toWhom =
    user === undefined ? `\`sip:\${${own}.domain}\`` : `\`sip:\${${numberIn(scene, user)}}@\${${own}.domain}\``
  const members = [
    ...(user === undefined
      ? [`to: \`<sip:\${${own}.domain}>\``]
      : [`to: \`<sip:\${${numberIn(scene, user)}}@\${${own}.domain}>\``]),
    ...scene.carried(message),
    ...scene.bodyOf(message),
  ]
  waitsFor(
    scene,
    command,
    'exchange',
    draft.has('answer', `await ${own}.sends(${quoted(message.method)}, ${toWhom}${argument(members, ', ')})`),
  )
}

/** Code of the user that a request outside of calls is for. */
function numberIn(scene: Scene, user: string): string {
  const [keyword] = keywordsIn(user)
  if (keyword === undefined && /^[+*#0-9][-+*#0-9().]*$/.test(user)) return quoted(user)
  return (keyword === undefined ? undefined : scene.meaning(keyword)) ?? `${scene.other}.number`
}

function subscribes(scene: Scene, command: Send): void {
  const { draft, own } = scene
  const { message } = command
  const event = (fieldOf(message, 'Event') ?? 'presence').split(';')[0]?.trim() ?? ''
  if (keywordsIn(event).length > 0 || event === '') {
    draft.todo('SUBSCRIBE without a known event package is not sent.')
    scene.pending = undefined
    return
  }
  const user = userOf(message.rest)
  const whom =
    user === undefined
      ? own
      : keywordsIn(user)[0] === 'service' && scene.options.service === undefined
        ? scene.other
        : numberIn(scene, user)
  draft.note('The subscription is refreshed and ended by ringproof, which answers every NOTIFY.')
  const asked = draft.has('asked', `await ${own}.asksToSubscribe(${quoted(event)}, ${whom})`)
  waitsFor(scene, command, 'exchange', `${asked}.exchange`)
}
