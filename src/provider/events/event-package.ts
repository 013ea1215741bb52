/** What can be watched: an event package of RFC 6665 §5, as the provider serves it. */
import type { ProviderAccount } from '../account.js'

export interface EventPackage {
  /** As Event names it. */
  readonly name: string
  /** Of its bodies. */
  readonly contentType: string
  /** May this account watch that one? */
  mayWatch(watcher: ProviderAccount, watched: ProviderAccount): boolean
  /** The present state. @param version how many documents the subscriber has had before */
  state(watched: ProviderAccount, version: number): string
}
