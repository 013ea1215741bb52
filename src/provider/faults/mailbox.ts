/** Faults of the mailbox. */
import type { FaultEntries } from './fault.js'

export const mailboxFaults = {
  'mailbox-keeps-nothing': {
    title: 'what callers say to the mailbox is not kept',
    mayTurnRed: ['MAILBOX', 'MWI', 'MWI-UNASKED'],
    rules: { mailbox: { keepsMessages: false } },
  },
  'mailbox-plays-nothing': {
    title: 'the mailbox plays silence in place of messages',
    mayTurnRed: ['MAILBOX'],
    rules: { mailbox: { playsMessages: false } },
  },
  'mailbox-deletes-nothing': {
    title: 'a message that was deleted is still there',
    mayTurnRed: ['MAILBOX', 'MWI'],
    rules: { mailbox: { deletesMessages: false } },
  },
  'mailbox-of-everybody': {
    title: 'the mailbox plays the messages of all customers to anybody',
    mayTurnRed: ['MAILBOX', 'MWI', 'MWI-UNASKED'],
    rules: { mailbox: { ofOwner: false } },
  },
} satisfies FaultEntries
