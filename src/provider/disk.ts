/** What the provider keeps where a restart of its servers does not reach it. */
import { ReplayCache } from '../media/mikey/replay-cache.js'
import type { ProviderContext } from './context.js'
import { MailboxBook } from './services/mailbox-book.js'
import { WakeUpBook } from './services/wake-up.js'
import type { AccountSettings } from './settings.js'

/** All that outlives a restart, accounts and certificate aside. */
export interface Disk {
  /** What customers have switched, by account. */
  readonly settings: Map<string, AccountSettings>
  readonly mailboxes: MailboxBook
  readonly wakeUps: WakeUpBook
  /** Whose wake-up call was ordered in a call with DTLS-SRTP: it comes with it. */
  readonly wokenByDtls: Set<string>
  /** RFC 3830 §5.4: who has lost track of them would have to refuse all for an hour. */
  readonly mikeySeen: ReplayCache
}

export const emptyDisk = (context: ProviderContext): Disk => ({
  settings: new Map(),
  mailboxes: new MailboxBook(),
  wakeUps: new WakeUpBook(context),
  wokenByDtls: new Set(),
  mikeySeen: new ReplayCache(),
})
