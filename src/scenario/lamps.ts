/** What shines on a telephone without a call: its mailbox light (RFC 3842) and busy lamps (RFC 4235). */
import { DIALOG_INFO, parseDialogInfo } from '../message/dialog-info.js'
import { MESSAGE_SUMMARY, parseMessageSummary } from '../message/message-summary.js'
import type { Device } from './device.js'
import type { Rules } from './rule.js'
import type { StageTools } from './stage.js'

export interface LampKind {
  readonly id: string
  /** The event package. */
  readonly event: string
  readonly what: string
  readonly whose: string
  /** What a notification has to say. */
  readonly body: { readonly source: string; readonly type: string; readonly reads: (body: string) => boolean }
  /** Whom a device subscribes to for it. */
  readonly watched: (owner: Device, services: StageTools<Rules>['services']) => Device | string
}

export const LAMPS: readonly LampKind[] = [
  {
    id: 'mailbox-light',
    event: 'message-summary',
    what: 'mailbox light',
    whose: 'their mailbox',
    body: {
      source: 'RFC 3842 §3.8',
      type: MESSAGE_SUMMARY,
      reads: (body) => parseMessageSummary(body).waiting !== undefined,
    },
    watched: (owner, { mailbox }) => mailbox?.light ?? owner,
  },
  {
    id: 'busy-lamp',
    event: 'dialog',
    what: 'busy lamp',
    whose: 'a line',
    body: {
      source: 'RFC 4235 §4.1',
      type: DIALOG_INFO,
      reads: (body) => {
        const { version, extent, entity } = parseDialogInfo(body) ?? {}
        return version !== undefined && extent !== undefined && entity !== undefined
      },
    },
    watched: (owner) => owner,
  },
]
