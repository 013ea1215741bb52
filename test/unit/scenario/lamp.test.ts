import { describe, expect, it } from 'vitest'
import type { Notification } from '../../../src/agent/notification.js'
import { createRequest } from '../../../src/message/build.js'
import { DIALOG_INFO, type DialogElement, formatDialogInfo, type LineState } from '../../../src/message/dialog-info.js'
import { notificationOf } from '../../../src/agent/notification.js'
import { shownAfter } from '../../../src/scenario/lamp.js'

const nobody = { identities: [], target: undefined }
const dialog = (id: string, state: LineState): DialogElement => ({
  id,
  state,
  callId: undefined,
  localTag: undefined,
  remoteTag: undefined,
  direction: undefined,
  local: nobody,
  remote: nobody,
})

function notify(
  version: number | undefined,
  extent: 'full' | 'partial',
  dialogs: DialogElement[],
  o: { tag?: string; contentType?: string } = {},
): Notification {
  const request = createRequest({
    method: 'NOTIFY',
    uri: 'sip:alice@192.0.2.1',
    from: { uri: 'sip:bob@x.test', tag: o.tag ?? 'one' },
    to: { uri: 'sip:alice@x.test', tag: 'two' },
    callId: 'c',
    cseq: 1,
    body: formatDialogInfo({ version, extent, entity: 'sip:bob@x.test', dialogs }),
    contentType: o.contentType ?? DIALOG_INFO,
  })
  return notificationOf(request, 0, false)
}

describe('what a lamp shows', () => {
  it.each([
    ['nothing was told', [], 'unknown'],
    ['another kind of body', [notify(0, 'full', [], { contentType: 'application/pidf+xml' })], 'unknown'],
    ['no calls', [notify(0, 'full', [])], 'dark'],
    [
      'a call that is over stands in the whole state, as some servers have it',
      [notify(0, 'full', [dialog('a', 'terminated')])],
      'dark',
    ],
    ['one that rings', [notify(0, 'full', [dialog('a', 'early')])], 'ringing'],
    [
      'one that talks beside one that rings',
      [notify(0, 'full', [dialog('a', 'confirmed'), dialog('b', 'early')])],
      'busy',
    ],
    [
      'a part is told: the rest stays',
      [notify(0, 'full', [dialog('a', 'confirmed')]), notify(1, 'partial', [dialog('b', 'terminated')])],
      'busy',
    ],
    ['all is told: the rest goes', [notify(0, 'full', [dialog('a', 'confirmed')]), notify(1, 'full', [])], 'dark'],
    [
      'an older document is passed over',
      [notify(3, 'full', [dialog('a', 'confirmed')]), notify(2, 'full', [])],
      'busy',
    ],
    [
      'numbers may skip',
      [notify(0, 'full', [dialog('a', 'early')]), notify(7, 'partial', [dialog('a', 'terminated')])],
      'dark',
    ],
    [
      'without a number the latest counts',
      [notify(0, 'full', [dialog('a', 'early')]), notify(undefined, 'full', [])],
      'dark',
    ],
    [
      'each notifier has its own table',
      [notify(0, 'full', [dialog('a', 'early')]), notify(0, 'full', [], { tag: 'other' })],
      'ringing',
    ],
  ] as const)('%s', (_what, notifications, shown) => expect(shownAfter(notifications)).toBe(shown))
})
