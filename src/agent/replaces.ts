/** The Replaces header field: a new call that takes the place of one that is there (RFC 3891). */
import type { Dialog } from '../dialog/dialog.js'
import type { SipRequest } from '../message/message.js'
import type { Call } from './call.js'
import type { Capabilities } from './capabilities.js'

interface Replaces {
  readonly callId: string
  readonly toTag: string
  readonly fromTag: string
  readonly earlyOnly: boolean
}

/** §6.1; undefined where it is malformed. */
function parseReplaces(value: string): Replaces | undefined {
  const [callId = '', ...params] = value.split(';').map((part) => part.trim())
  const of = (name: string) => {
    const found = params.flatMap((param) => {
      const [key, text] = param.split('=').map((part) => part.trim())
      return key?.toLowerCase() === name ? [text ?? ''] : []
    })
    return found.length === 1 ? found[0] : undefined
  }
  const [toTag, fromTag] = [of('to-tag'), of('from-tag')]
  if (callId === '' || toTag === undefined || fromTag === undefined) return undefined
  return { callId, toTag, fromTag, earlyOnly: params.some((param) => param.toLowerCase() === 'early-only') }
}

/** The field by which the other side of a dialog recognises it: its own tag is the one that arrives in To (§3). */
export function replacesValue({ callId, localTag, remoteTag }: Dialog): string {
  return `${callId};to-tag=${remoteTag ?? '0'};from-tag=${localTag ?? '0'}`
}

/** §3; a tag of zero stands for none, too (§6.1). */
function isReplaced({ callId, toTag, fromTag }: Replaces, dialog: Dialog): boolean {
  const fits = (tag: string, own: string | undefined) => tag === own || (tag === '0' && own === undefined)
  return callId === dialog.callId && fits(toTag, dialog.localTag) && fits(fromTag, dialog.remoteTag)
}

/** The call whose place a new one is to take (§3), or the status that refuses it; undefined: it takes nobody's. */
export function replacedBy<C extends Pick<Call, 'dialogs' | 'state' | 'direction'>>(
  invite: SipRequest,
  { supported }: Capabilities,
  calls: () => readonly C[],
): C | number | undefined {
  const values = invite.headers.all('Replaces')
  // Who does not say that it knows the field does not (RFC 3261 §8.2.2).
  if (values.length === 0 || !supported.includes('replaces')) return undefined

  const replaces = values.length > 1 ? undefined : parseReplaces(values[0] ?? '')
  if (replaces === undefined) return 400

  const [call, ...more] = calls().filter(({ dialogs }) => dialogs.some((dialog) => isReplaced(replaces, dialog)))
  if (call === undefined || more.length > 0) return 481
  if (call.state === 'established') return replaces.earlyOnly ? 486 : call
  // An early call is replaced where it was made.
  return call.direction === 'outgoing' ? call : 481
}
