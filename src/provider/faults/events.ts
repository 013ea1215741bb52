/** Faults of event notification: mailbox lights and busy lamps. */
import type { FaultEntries } from './fault.js'

export const eventFaults = {
  'no-notify-at-subscribe': {
    title: 'a SUBSCRIBE is answered 200, and no NOTIFY follows before something changes',
    mayTurnRed: ['EVT-SUB', 'EVT-REFRESH', 'EVT-RESTART', 'MWI'],
    rules: { events: { notifiesAtOnce: false } },
  },
  'notify-without-body': {
    title: 'NOTIFY comes without a body',
    mayTurnRed: ['EVT-SUB', 'EVT-REFRESH', 'EVT-RESTART', 'MWI', 'MWI-UNASKED'],
    rules: { events: { sendsBody: false } },
  },
  'notify-without-state': {
    title: 'NOTIFY comes without Subscription-State',
    mayTurnRed: ['EVT-SUB', 'EVT-REFRESH'],
    rules: { events: { tellsState: false } },
  },
  'notify-outside-dialog': {
    title: 'NOTIFY comes without the tag of the subscription: devices cannot tell what it belongs to',
    mayTurnRed: ['EVT-SUB', 'EVT-REFRESH', 'EVT-RESTART', 'MWI'],
    rules: { events: { notifiesInDialog: false } },
  },
  'refresh-forgotten': {
    title: 'a refresh is answered 200, and the subscription ends when the first one would have',
    mayTurnRed: ['EVT-REFRESH'],
    rules: { events: { lengthensAtRefresh: false } },
  },
  'subscription-end-untold': {
    title: 'a subscription that ends is not told by a last NOTIFY',
    mayTurnRed: ['EVT-SUB'],
    rules: { events: { tellsEnd: false } },
  },
  'unknown-refresh-accepted': {
    title: 'a refresh of a subscription that was lost in a restart is answered 200, and nothing follows',
    mayTurnRed: ['EVT-RESTART'],
    rules: { events: { refusesUnknown: false } },
  },
  'restart-not-followed': {
    title: 'a device that subscribes again after a restart is told once: changes go to where it was before',
    mayTurnRed: ['EVT-RESTART'],
    rules: { events: { followsRestart: false } },
  },
  'brief-subscription-untold': {
    title: '423 to a subscription does not tell the least interval',
    mayTurnRed: ['EVT-SUB', 'EVT-REFRESH'],
    rules: { events: { tellsMinimum: false } },
  },
  'subscription-time-untold': {
    title: '2xx to a subscription do not tell how long it lasts',
    mayTurnRed: ['EVT-SUB'],
    rules: { events: { tellsTime: false } },
  },
  'unsubscribe-ignored': {
    title: 'a subscription that its device ends goes on',
    mayTurnRed: ['EVT-SUB', 'BLF-ASKED'],
    rules: { events: { endsWhenAsked: false } },
  },
  'lamp-version-stuck': {
    title: 'what is told of a line has the version 0, whatever was told before',
    mayTurnRed: ['BLF'],
    rules: { events: { countsLampDocuments: false } },
  },
  'lamp-ids-change': {
    title: 'a call of a watched line has another id in each notification',
    mayTurnRed: ['BLF', 'BLF-END', 'BLF-ASKED', 'BLF-FORK'],
    rules: { events: { keepsLampIds: false } },
  },
  'lamp-never-rings': {
    title: 'watchers are told of a line once it has answered, not that it rings',
    mayTurnRed: ['BLF'],
    rules: { events: { lampsShowRinging: false } },
  },
  'lamp-dark-at-first': {
    title: 'who subscribes is told of no call, whatever the line does: only what changes afterwards is told',
    mayTurnRed: ['BLF-ASKED'],
    rules: { events: { lampsBeginRight: false } },
  },
  'lamp-dark-when-calling': {
    title: 'watchers of a line are told of calls that it takes, not of those that it makes',
    mayTurnRed: ['BLF'],
    rules: { events: { lampsFollowOutgoing: false } },
  },
  'lamp-follows-one-device': {
    title: 'of a line with two telephones only the one that registered first is watched',
    mayTurnRed: ['BLF-FORK'],
    rules: { events: { lampsFollowEveryDevice: false } },
  },
  'lamp-lit-after-cancel': {
    title: 'a busy lamp stays on when the caller has given up',
    mayTurnRed: ['BLF-END'],
    rules: { events: { lampsFollowCancel: false } },
  },
  'lamp-lit-after-rejection': {
    title: 'a busy lamp stays on when the call was rejected',
    mayTurnRed: ['BLF-END'],
    rules: { events: { lampsFollowRefusal: false } },
  },
  'lamp-lit-while-bye-waits': {
    title: 'a busy lamp goes out once the BYE is answered: not at all, where the telephone is dead',
    mayTurnRed: ['BLF-END'],
    rules: { events: { lampsFollowHangUp: 'once it is answered' } },
  },
  'lamp-shows-withheld': {
    title: 'watchers of a line are told the numbers of callers who withhold them',
    mayTurnRed: ['BLF-PRIV'],
    rules: { events: { lampsHideWithheld: false } },
  },
  'mwi-not-sent': {
    title: 'mailbox lights are not told of new messages',
    mayTurnRed: ['MWI', 'MWI-UNASKED'],
    rules: { events: { tellsNewMessages: false } },
  },
  'mwi-not-cleared': {
    title: 'mailbox lights are not told when the last message was listened to or deleted',
    mayTurnRed: ['MWI', 'MWI-UNASKED'],
    rules: { events: { tellsDeletedMessages: false } },
  },
  'mwi-for-anyone': {
    title: 'any customer may watch the mailbox of any other',
    mayTurnRed: ['MWI-PRIVATE'],
    rules: { events: { mailboxForOwnerOnly: false } },
  },
} satisfies FaultEntries
