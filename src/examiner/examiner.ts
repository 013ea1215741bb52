/**
 * The standing checks: everything that the target sends in any scenario and under load goes through them, whatever its
 * purpose. What cannot be told for certain to be the target's doing is passed over: a wrong alarm is worse than none.
 */
import type { MediaPacketEvent } from '../media/media-events.js'
import type { SipMessage } from '../message/message.js'
import type { StandingNote } from '../result/finding.js'
import type { Report } from './check.js'
import { Descriptions } from './descriptions.js'
import { Media } from './media.js'
import { Memory } from './memory/memory.js'
import { NoteCollector } from './note-collector.js'
import { quietly } from './reading.js'
import { Signalling } from './signalling.js'
import { STANDING_CHECKS } from './standing-checks.js'
import type { ExaminerOptions, SeenGarbage, SeenMessage } from './types.js'
import { Violations } from './violations.js'
import { Watches } from './watches.js'

/**
 * Reads along. Messages and packets of both directions go in, in the order in which they happened: what our devices
 * sent is never judged, but tells what the target may be blamed for. Both ends of a call between two of our devices should be
 * fed to the same examiner.
 */
export class Examiner {
  readonly #collector: NoteCollector
  readonly #watches = new Watches()
  readonly #signalling: Signalling
  readonly #media: Media

  constructor(options: ExaminerOptions = {}) {
    this.#collector = new NoteCollector(options.noted)
    const memory = new Memory(options)
    const violations = new Violations(memory)
    for (const check of STANDING_CHECKS) {
      const report: Report = (seen, times) => this.#collector.add(check, seen, times)
      this.#watches.add(check, memory, report)
      violations.add(check, report)
    }
    this.#media = new Media(memory, this.#watches)
    const descriptions = new Descriptions(memory, this.#watches)
    this.#signalling = new Signalling(memory, this.#watches, violations, descriptions)
  }

  /** A SIP message, sent or received. */
  message(seen: SeenMessage): void {
    this.#collector.about(methodOf(seen.message))
    this.#signalling.message(seen)
    this.#collector.about(undefined)
  }

  /**
   * An RTP or RTCP packet, sent or received; `local` should be the same object for all packets of a session. Under load
   * the sent ones may be left out: then streams that only pass through the target are judged as if they were its own.
   */
  packet(event: MediaPacketEvent): void {
    this.#media.packet(event)
  }

  /** Bytes on a signalling port that are no SIP. */
  garbage(garbage: SeenGarbage): void {
    this.#signalling.garbage(garbage)
  }

  /** What was noticed so far, the gravest first. */
  notes(): StandingNote[] {
    return this.#collector.notes((id) => this.#watches.judgedBy(id))
  }
}

/** Of a response, the method that its CSeq names; undefined where that cannot be read. */
const methodOf = (message: SipMessage): string | undefined =>
  message.kind === 'request' ? message.method : quietly(() => message.cseq.method)
