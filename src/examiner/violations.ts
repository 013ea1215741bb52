/** What the message parser named, sorted: what is the target's own doing, and which check's matter it is. */
import type { Report, StandingCheck } from './check.js'
import type { SentRequest } from './memory/calls.js'
import type { Memory } from './memory/memory.js'
import type { SeenMessage } from './types.js'

/** Header fields that a response copies from its request (RFC 3261 §8.2.6.2, §12.1.1). */
const COPIED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'timestamp', 'record-route'])

interface Owner {
  readonly check: StandingCheck
  readonly report: Report
}

export class Violations {
  readonly #memory: Memory
  readonly #owners = new Map<string, Owner>()
  #grammar: Owner | undefined

  constructor(memory: Memory) {
    this.#memory = memory
  }

  /** A check, and how it notes what it sees. */
  add(check: StandingCheck, report: Report): void {
    for (const code of Object.keys(check.violations ?? {})) this.#owners.set(code, { check, report })
    if (check.otherViolation !== undefined) this.#grammar = { check, report }
  }

  /** @param sent the request that the message answers */
  judge(seen: SeenMessage, sent?: SentRequest): void {
    if (seen.violations.length === 0) return
    const { message } = seen
    const isResponse = message.kind === 'response'
    // A scenario that sends wrong messages may get them back, in one form or another.
    if (isResponse ? this.#memory.oddResponses : this.#memory.oddRequests) return
    const fields = message.headers.list()
    for (const violation of seen.violations) {
      const { code, rule, offset, expected, actual } = violation
      const owner = this.#owners.get(code) ?? this.#grammar
      const kind = owner?.check.violations?.[code] ?? owner?.check.otherViolation?.(violation)
      if (owner === undefined || kind === undefined || kind === 'own look') continue
      // Copied from the request.
      if (isResponse && (code === 'from-tag-missing' || code.startsWith('via-'))) continue
      const field = fields.find((one) => one.offset === offset)
      if (sent?.odd === true && (field === undefined || COPIED.has(field.key) || code.endsWith('-missing'))) continue
      if (field !== undefined && this.#memory.sentMessages.hasField(field.key, field.value)) continue
      owner.report({ rule, ...(typeof kind === 'function' ? kind(seen) : kind), expected, actual })
    }
  }
}
