/** Pieces of sentences, and of messages, that several rules use. */
import { parseUri } from '../message/uri.js'
import type { SipSeen } from './sip-reader.js'

/** The host in the first Contact; undefined where there is none. */
export function contactHost({ message }: SipSeen): string | undefined {
  try {
    const contacts = message.contacts()
    const first = contacts === '*' ? undefined : contacts[0]
    return first === undefined ? undefined : parseUri(first.uri).host
  } catch {
    return undefined
  }
}

export const seconds = (ms: number): string =>
  ms < 9_950 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`

/** `INVITE`, `200 OK`. */
export const labelOf = ({ message }: SipSeen): string =>
  message.kind === 'request' ? message.method : `${message.status} ${message.reason}`.trim()
