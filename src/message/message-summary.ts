/** The body that tells of waiting messages: application/simple-message-summary, RFC 3842 §5.2. */

/** Media type. */
export const MESSAGE_SUMMARY = 'application/simple-message-summary'

/** Messages of one kind. */
export interface MessageCount {
  /** Not listened to yet. */
  readonly fresh: number
  readonly old: number
}

export interface MessageSummary {
  /** Messages-Waiting; undefined: the line is missing, or says neither yes nor no. */
  readonly waiting: boolean | undefined
  /** Message-Account, a URI. */
  readonly account: string | undefined
  /** By context class in lower case: `voice-message`. */
  readonly counts: ReadonlyMap<string, MessageCount>
}

/** RFC 3842 §3.5: a larger count is to be taken for this one. */
const MOST = 2 ** 32 - 1

/** Reads a body. Names and words are case-insensitive (§5.2); what cannot be read is left out. */
export function parseMessageSummary(body: string): MessageSummary {
  let waiting: boolean | undefined
  let account: string | undefined
  const counts = new Map<string, MessageCount>()
  for (const line of body.split(/\r\n|\r|\n/)) {
    const [, name = '', value = ''] = /^([^\s:]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    const key = name.toLowerCase()
    // §5.2: headers of single messages follow an empty line.
    if (line.trim() === '' && waiting !== undefined) break
    if (key === 'messages-waiting') {
      waiting = { yes: true, no: false }[value.toLowerCase()]
    } else if (key === 'message-account') {
      account = value
    } else {
      const [, fresh, old] = /^(\d+)\s*\/\s*(\d+)(?:\s*\(\s*\d+\s*\/\s*\d+\s*\))?$/.exec(value) ?? []
      if (fresh !== undefined && old !== undefined) counts.set(key, { fresh: count(fresh), old: count(old) })
    }
  }
  return { waiting, account, counts }
}

/** Writes a body. @param account URI, without angle brackets (§3.5) */
export function formatMessageSummary(o: { waiting: boolean; account?: string; voice?: MessageCount }): string {
  const { account, voice } = o
  return [
    `Messages-Waiting: ${o.waiting ? 'yes' : 'no'}`,
    ...(account === undefined ? [] : [`Message-Account: ${account}`]),
    ...(voice === undefined ? [] : [`Voice-Message: ${voice.fresh}/${voice.old}`]),
    '',
  ].join('\r\n')
}

const count = (digits: string): number => Math.min(Number(digits), MOST)
