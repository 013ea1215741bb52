/** What can be watched: an event package of RFC 6665 §5, as the provider serves it. */
import type { ProviderAccount } from '../account.js'
import type { LineUse } from './line-book.js'

/** What is to be told. */
export interface ToTell {
  readonly watcher: ProviderAccount
  readonly watched: ProviderAccount
  /** How many documents the subscriber has had before. */
  readonly version: number
  /** Since the document before; undefined: the whole state is told. */
  readonly changes: readonly LineUse[] | undefined
}

export interface EventPackage {
  /** As Event names it. */
  readonly name: string
  /** Of its bodies. */
  readonly contentType: string
  /** Milliseconds between two notifications that nobody has asked for; what changes in between is told with the next one. */
  readonly leastGapMs: number
  /** May this account watch that one? */
  mayWatch(watcher: ProviderAccount, watched: ProviderAccount): boolean
  /** The body of a notification. */
  state(what: ToTell): string
}
