/** The body that tells what a line does: application/dialog-info+xml, RFC 4235 §4. */
import sax from 'sax'

/** Media type. */
export const DIALOG_INFO = 'application/dialog-info+xml'
const NAMESPACE = 'urn:ietf:params:xml:ns:dialog-info'

/** States of the machine of §3.7.1. */
const STATES = ['trying', 'proceeding', 'early', 'confirmed', 'terminated'] as const
export type LineState = (typeof STATES)[number]

/** One end of a dialog: its identities (§4.1.6.1) and where its requests go (§4.1.6.2). */
export interface Participant {
  readonly identities: readonly { readonly uri: string; readonly display: string | undefined }[]
  readonly target: string | undefined
}

/** One `dialog` element, §4.1.1. */
export interface DialogElement {
  /** Empty: the attribute is missing. */
  readonly id: string
  /** Undefined: the element is missing, or names no state. */
  readonly state: LineState | undefined
  readonly callId: string | undefined
  readonly localTag: string | undefined
  readonly remoteTag: string | undefined
  /** From the watched line's point of view. */
  readonly direction: 'initiator' | 'recipient' | undefined
  readonly local: Participant
  readonly remote: Participant
}

export interface DialogInfo {
  /** Undefined: the attribute is missing, or is no number of §4.1. */
  readonly version: number | undefined
  /** Does it tell of all dialogs, or of those that have changed? Undefined: neither is said. */
  readonly extent: 'full' | 'partial' | undefined
  /** URI of who is watched; undefined: the attribute is missing. */
  readonly entity: string | undefined
  readonly dialogs: readonly DialogElement[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }
type Side = { identities: { uri: string; display: string | undefined }[]; target: string | undefined }
type Element = Writable<Omit<DialogElement, 'local' | 'remote'>> & { local: Side; remote: Side }

/** More than a line ever has: what comes beyond is not kept. */
const MOST_DIALOGS = 1000
/** `dialog-info/dialog/local/target`: nothing that is read lies deeper. */
const DEEPEST = 4

/**
 * Reads a body. Undefined: it is no well-formed XML, or something else than dialog information. Elements of other namespaces, and
 * document types, are passed over; entities are never expanded beyond those of XML itself.
 */
export function parseDialogInfo(body: string): DialogInfo | undefined {
  const parser = sax.parser(true, { xmlns: true })
  const info: Writable<Omit<DialogInfo, 'dialogs'>> & { readonly dialogs: Element[] } = {
    version: undefined,
    extent: undefined,
    entity: undefined,
    dialogs: [],
  }
  let isOurs = false
  let failed = false
  /** Names from the root down to `DEEPEST`. */
  const path: string[] = []
  /** Elements that are open below that. */
  let below = 0
  /** The one that is open; undefined where it is not kept. */
  let dialog: Element | undefined
  let text = ''
  let display: string | undefined
  const onerror = () => {
    failed = true
  }
  const onopentag = (tag: sax.Tag | sax.QualifiedTag) => {
    if (!('uri' in tag)) return
    const name = tag.uri === NAMESPACE ? tag.local : ''
    const value = (attribute: string): string | undefined => tag.attributes[attribute]?.value
    text = ''
    if (path.length >= DEEPEST) {
      below += 1
      return
    }
    path.push(name)
    switch (path.join('/')) {
      case 'dialog-info':
        isOurs = true
        info.version = versionOf(value('version'))
        info.extent = oneOf(['full', 'partial'], value('state'))
        info.entity = value('entity')
        break
      case 'dialog-info/dialog':
        dialog = info.dialogs.length < MOST_DIALOGS ? dialogOf(value) : undefined
        if (dialog) info.dialogs.push(dialog)
        break
      case 'dialog-info/dialog/local/target':
        if (dialog) dialog.local.target = value('uri')
        break
      case 'dialog-info/dialog/remote/target':
        if (dialog) dialog.remote.target = value('uri')
        break
      case 'dialog-info/dialog/local/identity':
      case 'dialog-info/dialog/remote/identity':
        display = value('display')
        break
    }
  }
  const ontext = (more: string) => {
    text += more
  }
  const onclosetag = () => {
    if (below > 0) {
      below -= 1
      text = ''
      return
    }
    const [place, side] = [path.join('/'), path.at(-2)]
    if (place === 'dialog-info/dialog/state' && dialog) dialog.state = oneOf(STATES, text.trim().toLowerCase())
    if (path.at(-1) === 'identity' && dialog && path.length === 4 && (side === 'local' || side === 'remote'))
      dialog[side].identities.push({ uri: text.trim(), display })
    path.pop()
    text = ''
  }
  Object.assign(parser, { onerror, onopentag, onclosetag, ontext, oncdata: ontext })
  try {
    parser.write(body.replace(/^\uFEFF/, '')).close()
  } catch {
    return undefined
  }
  return isOurs && !failed ? info : undefined
}

/** Writes a body. What is undefined is left out. */
export function formatDialogInfo(info: DialogInfo): string {
  const { version, extent, entity } = info
  const lines = [
    '<?xml version="1.0"?>',
    `<dialog-info xmlns="${NAMESPACE}"${attributes({ version: version === undefined ? undefined : String(version), state: extent, entity })}>`,
  ]
  for (const dialog of info.dialogs) {
    const { id, callId, localTag, remoteTag, direction, state } = dialog
    const named = attributes({ id, 'call-id': callId, 'local-tag': localTag, 'remote-tag': remoteTag, direction })
    lines.push(`<dialog${named}>`)
    if (state !== undefined) lines.push(`<state>${state}</state>`)
    lines.push(...participant('local', dialog.local), ...participant('remote', dialog.remote), '</dialog>')
  }
  return [...lines, '</dialog-info>', ''].join('\r\n')
}

function participant(side: string, { identities, target }: Participant): string[] {
  if (identities.length === 0 && target === undefined) return []
  return [
    `<${side}>`,
    ...identities.map(({ uri, display }) => `<identity${attributes({ display })}>${escaped(uri)}</identity>`),
    ...(target === undefined ? [] : [`<target${attributes({ uri: target })}/>`]),
    `</${side}>`,
  ]
}

function dialogOf(value: (attribute: string) => string | undefined): Element {
  return {
    id: value('id') ?? '',
    state: undefined,
    callId: value('call-id'),
    localTag: value('local-tag'),
    remoteTag: value('remote-tag'),
    direction: oneOf(['initiator', 'recipient'], value('direction')),
    local: { identities: [], target: undefined },
    remote: { identities: [], target: undefined },
  }
}

/** §4.1: not negative, 32 bits. */
function versionOf(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\+?\d{1,10}$/.test(text.trim()) ? Number(text) : Number.NaN
  return value < 2 ** 32 ? value : undefined
}

const oneOf = <const T extends string>(words: readonly T[], word: string | undefined): T | undefined =>
  words.find((one) => one === word)

const attributes = (values: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escaped(value)}"`))
    .join('')

const escaped = (value: string): string =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')
