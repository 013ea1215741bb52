/** Messages that a story leaves in the mailbox of a device: whatever becomes of the story, they are deleted. */
import type { OutgoingCall } from '../agent/call.js'
import type { DeviceWiring } from './device-wiring.js'
import { deletesIn, isHeardFrom, type MailboxKeys, playsIn } from './mailbox-menu.js'

/** Messages are announced first, some with the time and the caller's number. */
const HEARD_MS = 10_000
const ANSWER_MS = 8_000
/** A caller who still speaks is hung up by then, ms, and what was said is kept a moment later. */
const HUNG_UP_MS = 3_000
const KEPT_MS = 500
/** Until a key has been obeyed, ms. */
const OBEYED_MS = 1_000

export class LeftMessages {
  readonly #wiring: DeviceWiring
  readonly #dials: (number: string) => Promise<OutgoingCall>
  /** By the voice that speaks in it: the call that leaves it. */
  readonly #owed = new Map<number, OutgoingCall>()

  constructor(wiring: DeviceWiring, dials: (number: string) => Promise<OutgoingCall>) {
    this.#wiring = wiring
    this.#dials = dials
  }

  get owes(): boolean {
    return this.#owed.size > 0 && this.#mailbox !== undefined
  }

  /** What this call says is deleted at the end. @param call to the mailbox */
  owe(voice: number, call: OutgoingCall): void {
    this.#owed.set(voice, call)
  }

  /** The story has deleted it. */
  settle(voice: number): void {
    this.#owed.delete(voice)
  }

  /** Deletes what is still owed, each once its own voice was recognised: nobody else's. */
  async deletes(): Promise<void> {
    const mailbox = this.#mailbox
    if (mailbox === undefined) return
    for (const [voice, left] of this.#owed) {
      this.#owed.delete(voice)
      await this.#wiring.within(left.ended, HUNG_UP_MS)
      await this.#wiring.clock.sleep(KEPT_MS)
      // What cannot be reached is given up; the next one may be.
      const call = await this.#dials(mailbox.number).catch(() => undefined)
      if (call !== undefined) await this.#deletesIn(call, voice, mailbox.keys)
    }
  }

  async #deletesIn(call: OutgoingCall, voice: number, keys: MailboxKeys): Promise<void> {
    const { clock } = this.#wiring
    const final = await this.#wiring.within(call.answered, ANSWER_MS)
    if (final !== undefined && final.status < 300) {
      await this.#wiring.attempts(playsIn(call, keys, clock))
      if (await isHeardFrom(call, voice, HEARD_MS)) {
        await this.#wiring.attempts(deletesIn(call, keys))
        await clock.sleep(OBEYED_MS)
      }
    }
    await this.#wiring.within(call.hangUp(), ANSWER_MS)
  }

  /** Undefined: the target file does not tell how a message is deleted. */
  get #mailbox(): { number: string; keys: MailboxKeys } | undefined {
    const { mailbox } = this.#wiring.world.target.document.services
    const { internal: number, keys } = mailbox ?? {}
    if (number === undefined || keys?.delete === undefined) return undefined
    return { number, keys }
  }
}
