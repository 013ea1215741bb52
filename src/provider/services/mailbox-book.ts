/** The messages that callers have left, by account. Kept in memory, and bounded. */
import type { Law } from '../../media/g711.js'

/** 20 ms of audio, as it came. */
export interface RecordedFrame {
  readonly codec: Law
  readonly payload: Buffer
}

export interface RecordedMessage {
  readonly frames: readonly RecordedFrame[]
  /** Has its owner listened to it? */
  isOld: boolean
}

/** Frames of the longest message: a minute. */
export const MOST_FRAMES = 3000
const MOST_MESSAGES = 20
/** Of all mailboxes together; the oldest goes first. */
const MOST_IN_ALL = 100

/** What has happened to a mailbox. */
export type MailboxChange = 'left' | 'heard' | 'deleted'

export class MailboxBook {
  /** Told after every change. @param user whose mailbox it is */
  onChange: ((user: string, change: MailboxChange) => void) | undefined
  readonly #byUser = new Map<string, RecordedMessage[]>()

  /** Unheard messages first, each the oldest first. */
  of(user: string): readonly RecordedMessage[] {
    const all = this.#byUser.get(user) ?? []
    return [...all.filter(({ isOld }) => !isOld), ...all.filter(({ isOld }) => isOld)]
  }

  /** What is in all mailboxes. */
  get everything(): readonly RecordedMessage[] {
    return [...this.#byUser.values()].flat()
  }

  count(user: string): { readonly fresh: number; readonly old: number } {
    const all = this.#byUser.get(user) ?? []
    const old = all.filter(({ isOld }) => isOld).length
    return { fresh: all.length - old, old }
  }

  leave(user: string, frames: readonly RecordedFrame[]): void {
    const all = this.#byUser.get(user) ?? []
    all.push({ frames: frames.slice(0, MOST_FRAMES), isOld: false })
    if (all.length > MOST_MESSAGES) all.shift()
    this.#byUser.delete(user)
    this.#byUser.set(user, all)
    this.#forgetOldest()
    this.onChange?.(user, 'left')
  }

  hear(user: string, message: RecordedMessage): void {
    if (message.isOld) return
    message.isOld = true
    this.onChange?.(user, 'heard')
  }

  delete(user: string, message: RecordedMessage): void {
    const left = (this.#byUser.get(user) ?? []).filter((one) => one !== message)
    if (left.length === 0) this.#byUser.delete(user)
    else this.#byUser.set(user, left)
    this.onChange?.(user, 'deleted')
  }

  /** How many messages there are. */
  get size(): number {
    return this.everything.length
  }

  #forgetOldest(): void {
    for (const [user, messages] of this.#byUser) {
      if (this.size <= MOST_IN_ALL) return
      messages.shift()
      if (messages.length === 0) this.#byUser.delete(user)
    }
  }
}
