/** What a scenario of SIPp says, as a list of commands. */
import { parseSipText, type SipText } from './sip-text.js'
import { SippFileError } from './sipp-file-error.js'
import { parseXml, type XmlElement } from './xml.js'

/** What every command can have. */
interface Common {
  readonly line: number
  readonly attributes: ReadonlyMap<string, string>
  readonly actions: readonly XmlElement[]
}

export type Command =
  | (Common & { readonly kind: 'send'; readonly message: SipText })
  | (Common & {
      readonly kind: 'recv'
      readonly request: string | undefined
      readonly status: number | undefined
      readonly optional: boolean
    })
  | (Common & { readonly kind: 'pause' | 'nop' | 'sendCmd' | 'recvCmd' | 'timewait' })
  | (Common & { readonly kind: 'label'; readonly id: string })

export type Send = Extract<Command, { kind: 'send' }>
export type Recv = Extract<Command, { kind: 'recv' }>

export interface SippScenario {
  /** Its `name`. */
  readonly name: string
  readonly commands: readonly Command[]
  /** Elements that are no commands, by name with their lines: tables of the statistics, `Global` and the like. */
  readonly others: readonly XmlElement[]
}

/** Of SIPp's statistics, and hints to its parser: they say nothing of the target. */
const WITHOUT_MEANING = new Set(['ResponseTimeRepartition', 'CallLengthRepartition', 'Reference', 'init'])

/** @throws SippFileError */
export function readScenario(text: string, file: string): SippScenario {
  const root = parseXml(text, file)
  if (root.name !== 'scenario') {
    throw new SippFileError(
      file,
      `its root element is <${root.name.slice(0, 40)}>, not <scenario>. Name a scenario of SIPp, as sipp -sf takes it.`,
      {
        line: root.line,
        column: 1,
      },
    )
  }
  const commands: Command[] = []
  const others: XmlElement[] = []
  for (const element of root.children) {
    // What is done once, before the first call, is the beginning of the story.
    if (element.name === 'init') commands.unshift(...element.children.flatMap((one) => commandOf(one, file) ?? []))
    const command = commandOf(element, file)
    if (command !== undefined) commands.push(command)
    else if (!WITHOUT_MEANING.has(element.name)) others.push(element)
  }
  if (commands.length === 0) {
    throw new SippFileError(file, 'it has neither <send> nor <recv>, so that it does nothing.', {
      line: root.line,
      column: 1,
    })
  }
  return { name: root.attributes.get('name') ?? '', commands, others }
}

function commandOf(element: XmlElement, file: string): Command | undefined {
  const { name, line, attributes, children } = element
  const actions = children.filter((child) => child.name === 'action').flatMap((action) => action.children)
  const common = { line, attributes, actions }
  if (name === 'send') return { kind: 'send', ...common, message: messageIn(element, file) }
  if (name === 'recv') {
    const response = attributes.get('response')
    const request = attributes.get('request')
    const status = response === undefined ? undefined : Number(response)
    if (request === undefined && !(status !== undefined && /^\d{3}$/.test(response ?? ''))) {
      const found = response === undefined ? 'neither response nor request' : `response="${response.slice(0, 40)}"`
      throw new SippFileError(
        file,
        `this <recv> has ${found}. Give it a status, response="200", or a method, request="BYE".`,
        { line, column: 1 },
      )
    }
    return {
      kind: 'recv',
      ...common,
      request,
      status,
      optional: ['true', 'global'].includes(attributes.get('optional') ?? ''),
    }
  }
  if (name === 'label') return { kind: 'label', ...common, id: attributes.get('id') ?? '' }
  const plain = (['pause', 'nop', 'sendCmd', 'recvCmd', 'timewait'] as const).find((kind) => kind === name)
  return plain && { kind: plain, ...common }
}

function messageIn({ text, line }: XmlElement, file: string): SipText {
  const message = parseSipText(text)
  if (message !== undefined) return message
  throw new SippFileError(
    file,
    'this <send> holds no SIP message: its first line must be that of a request, METHOD uri SIP/2.0, or of a response, SIP/2.0 200 OK.',
    {
      line,
      column: 1,
    },
  )
}
