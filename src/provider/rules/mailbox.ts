/** What the mailbox goes by (SC-1, SC-2, SC-5). Faults change single values. */
export interface MailboxRules {
  /** What a caller says is kept. */
  readonly keepsMessages: boolean
  /** Owners hear their messages. */
  readonly playsMessages: boolean
  /** Messages that are deleted are gone. */
  readonly deletesMessages: boolean
  /** Owners hear their own messages, and nobody else's. */
  readonly ofOwner: boolean
}

export const RIGHT_MAILBOX: MailboxRules = {
  keepsMessages: true,
  playsMessages: true,
  deletesMessages: true,
  ofOwner: true,
}
