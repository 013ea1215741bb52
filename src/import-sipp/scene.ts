/** What is known while a story is being written: who acts, which call is up, which request waits for its answer. */
import type { Draft } from './draft.js'
import type { LogIn } from './log-ins.js'
import { keptFields } from './header-fields.js'
import { keywordsIn, partsOf } from './keywords.js'
import { type Part, propertyName, quoted, ref, templateOf } from './quoting.js'
import type { Command, Recv } from './scenario-file.js'
import { fieldOf, type SipText } from './sip-text.js'

export interface ImportOptions {
  /** Name of the file, for messages. */
  readonly file: string
  /** What `[service]` stands for (`-s`); absent: another device of the run. */
  readonly service?: string
  /** What `<pause/>` stands for (`-d`), ms. */
  readonly pauseMs?: number
  /** Why a number may not be dialled at the target; undefined: it may, or nobody knows. */
  readonly whyNotDialled?: (number: string) => string | undefined
  /** Rows of the injection file (`-inf`). */
  readonly rows?: readonly (readonly string[])[]
}

/** A request of the file's, whose responses it waits for. */
export interface Pending {
  readonly method: string
  /** Marked name of what came of it: an exchange, a registration, or a call for the first INVITE. */
  readonly code: string
  readonly kind: 'exchange' | 'maybe exchange' | 'registration' | 'call'
  readonly logIn: LogIn | undefined
  isAnswered: boolean
}

export interface CallInHand {
  /** Marked name. */
  readonly code: string
  readonly direction: 'outgoing' | 'incoming'
  /** Marked name of the other end's call, where it is a device of the run; may be undefined in the story. */
  peer: string | undefined
  stage: 'calling' | 'established' | 'over'
  /** The peer leaves ringing and answering to the story. Marked name of its call. */
  byHand: string | undefined
}

/** What is known at one place of the story. */
interface Moment {
  readonly call: CallInHand | undefined
  readonly pending: Pending | undefined
  readonly asked: Recv | undefined
}

export class Scene {
  readonly draft: Draft
  readonly options: ImportOptions
  readonly commands: readonly Command[]
  readonly logIns: ReadonlyMap<Command, LogIn>
  /** The file's own device, and the one that it meets. */
  readonly ownName: string
  readonly otherName: string
  usesOther = false
  call: CallInHand | undefined
  pending: Pending | undefined
  /** The INVITE, while a CANCEL of it is pending. */
  invite: Pending | undefined
  /** Request that came last: what the file's responses answer. */
  asked: Recv | undefined
  /** Code of the message that came last, for actions. */
  seen: string | undefined
  readonly #atLabels = new Map<string, Moment>()
  readonly variables = new Map<string, string>()
  /** Fields of the injection file that the story uses. */
  readonly fields = new Set<number>()

  constructor(draft: Draft, options: ImportOptions, commands: readonly Command[], logIns: ReadonlyMap<Command, LogIn>) {
    this.draft = draft
    this.options = options
    this.commands = commands
    this.logIns = logIns
    const calls = commands.some((one) => one.kind === 'send' && one.message.method === 'INVITE')
    const isCalled = firstInvite(commands) === 'recv'
    this.ownName = isCalled ? 'called' : calls ? 'caller' : 'phone'
    this.otherName = isCalled ? 'caller' : calls ? 'called' : 'other'
    for (const name of [
      'caller',
      'called',
      'phone',
      'other',
      'expect',
      'within',
      'waits',
      'note',
      'now',
      'figure',
      'random',
      'clock',
      'variant',
      'row',
      'scenario',
      'owed',
      'whereReached',
      'found',
      'WAITS_MS',
      'ROWS',
    ])
      draft.name(name)
  }

  /** Where the story goes on at a label, things are as they were where it was left. */
  leavesFor(label: string): void {
    const { call, pending, asked } = this
    if (!this.#atLabels.has(label))
      this.#atLabels.set(label, { call: call && { ...call }, pending: pending && { ...pending }, asked })
  }

  /** @param isReached from above, too */
  comesTo(label: string, isReached: boolean): void {
    const left = this.#atLabels.get(label)
    if (left === undefined || isReached) return
    this.call = left.call
    this.pending = left.pending
    this.asked = left.asked
  }

  get own(): string {
    return ref(this.ownName)
  }
  get other(): string {
    this.usesOther = true
    return ref(this.otherName)
  }

  /** Code of what stands for a keyword. */
  meaning(keyword: string): string | undefined {
    const [word = ''] = keyword.split(/[\s+-]/)
    const variable = /^\$(\w+)$/.exec(keyword)?.[1]
    if (variable !== undefined) {
      const found = this.variables.get(variable)
      return found && `${found} ?? ''`
    }
    const field = /^field(\d+)/.exec(keyword)?.[1]
    if (field !== undefined) return this.field(Number(field))
    if (word === 'service') return this.service()
    if (['remote_ip', 'remote_host', 'server_ip'].includes(word)) return `${this.own}.domain`
    if (['local_ip', 'media_ip'].includes(word)) return `${this.own}.localAddress`
    if (['local_ip_type', 'media_ip_type'].includes(word)) return `(${ref('variant')}.family === 'ipv6' ? '6' : '4')`
    if (word === 'clock_tick') return `Math.round(${ref('now')}())`
    const last = /^last_([\w-]+):(value)?$/.exec(keyword)
    if (last !== null) return this.last(last[1] ?? '', last[2] !== undefined)
    if (word === 'transport') return `${ref('variant')}.transport.toUpperCase()`
    if (word === 'call_id') return this.call && `${this.call.code}.id`
    if (['call_number', 'pid', 'users', 'userid'].includes(word)) return "'1'"
    return undefined
  }

  /** Code of a field of the message that came last: its name with it, as SIPp has it, or the value alone. */
  private last(name: string, isValue: boolean): string | undefined {
    if (this.seen === undefined) return undefined
    const value = `${ref('textOf')}(${this.seen}, ${quoted(name)})`
    return isValue ? value : `${quoted(`${name}: `)} + ${value}`
  }

  field(index: number): string | undefined {
    const width = Math.max(0, ...(this.options.rows ?? []).map((row) => row.length))
    if (index >= width) return undefined
    this.fields.add(index)
    return `(${ref('row')}[${index}] ?? '')`
  }

  private service(): string {
    const { service } = this.options
    return service === undefined ? `${this.other}.number` : quoted(service)
  }

  /** Code of a text with keywords; undefined where a keyword has no meaning here, which is noted. */
  text(text: string, what: string): string | undefined {
    const { parts, unknown } = partsOf(text, (keyword) => this.meaning(keyword))
    if (unknown.length > 0) {
      this.draft.todo(
        `${what} is left out: ${[...new Set(unknown)].join(', ')} ${unknown.length === 1 ? 'has' : 'have'} no meaning here.`,
      )
      return undefined
    }
    return templateOf(parts)
  }

  /** For lines of the story: what has no meaning stands there as it is. */
  words(text: string): string {
    const { parts } = partsOf(text, (keyword) => this.meaning(keyword))
    return templateOf(parts.filter((part: Part) => !('text' in part) || part.text !== ''))
  }

  /** Options that a message carries over, as members of an object literal. @param more header fields, as members */
  carried(message: SipText, more: readonly string[] = []): string[] {
    const members = [...more, ...this.fieldsOf(message)]
    return members.length === 0 ? [] : [`headers: ${objectOf(members)}`]
  }

  private fieldsOf(message: SipText): string[] {
    const fields = new Map<string, string[]>()
    for (const { name, value } of keptFields(message)) {
      const code = this.text(value, `header field ${name}`)
      if (code !== undefined) fields.set(name, [...(fields.get(name) ?? []), code])
    }
    const members = [...fields].map(
      ([name, [only = '', ...more]]) =>
        `${propertyName(name)}: ${more.length === 0 ? only : `[${[only, ...more].join(', ')}]`}`,
    )
    return members
  }

  /** The body of a request that is no session description. */
  bodyOf(message: SipText): string[] {
    if (message.body === '') return []
    const body = this.text(message.body.replaceAll('\n', '\r\n'), 'the body')
    const type = fieldOf(message, 'Content-Type')
    if (body === undefined) return []
    return [
      `body: ${body}`,
      ...(type === undefined || keywordsIn(type).length > 0 ? [] : [`contentType: ${quoted(type)}`]),
    ]
  }
}

/** Code of an argument: nothing where there is nothing to say. @param before what stands between it and the arguments before */
export const argument = (members: readonly string[], before = ''): string =>
  members.length === 0 ? '' : `${before}${objectOf(members)}`

const WIDTH = 80

/** An object literal, over several lines where it is long. */
export function objectOf(members: readonly string[]): string {
  const line = `{ ${members.join(', ')} }`
  if (line.length <= WIDTH && !line.includes('\n')) return line
  return `{\n${members.map((member) => `  ${member.replaceAll('\n', '\n  ')},`).join('\n')}\n}`
}

function firstInvite(commands: readonly Command[]): 'send' | 'recv' | undefined {
  for (const command of commands) {
    if (command.kind === 'send' && command.message.method === 'INVITE') return 'send'
    if (command.kind === 'recv' && command.request === 'INVITE') return 'recv'
  }
  return undefined
}
