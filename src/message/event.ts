/** What Event and Subscription-State say: RFC 6665 §8.2.1, §8.2.3. */

/** An event type with its `id`, as far as they count in a comparison. */
export interface EventName {
  readonly type: string
  readonly id: string | undefined
}

/** Undefined: the field is absent or names nothing. */
export function parseEvent(value: string | undefined): EventName | undefined {
  const [type = '', ...params] = (value ?? '').split(';').map((part) => part.trim())
  return type === '' ? undefined : { type, id: paramsOf(params).get('id') }
}

/** RFC 6665 §8.2.1: byte by byte, `id` too; no other parameter counts. */
export function isSameEvent(a: EventName | undefined, b: EventName | undefined): boolean {
  return a !== undefined && b !== undefined && a.type === b.type && a.id === b.id
}

export interface SubscriptionState {
  /** `active`, `pending`, `terminated`, or what else stands there, in lower case. */
  readonly state: string
  /** Seconds that are left. */
  readonly expires: number | undefined
  /** Why it was terminated. */
  readonly reason: string | undefined
  /** Seconds. */
  readonly retryAfter: number | undefined
}

/** Undefined: the field is absent. */
export function parseSubscriptionState(value: string | undefined): SubscriptionState | undefined {
  if (value === undefined) return undefined
  const [state = '', ...rest] = value.split(';').map((part) => part.trim())
  const params = paramsOf(rest)
  return {
    state: state.toLowerCase(),
    expires: seconds(params.get('expires')),
    reason: params.get('reason')?.toLowerCase(),
    retryAfter: seconds(params.get('retry-after')),
  }
}

function paramsOf(parts: readonly string[]): Map<string, string> {
  return new Map(
    parts.map((part) => {
      const at = part.indexOf('=')
      return at < 0 ? [part.toLowerCase(), ''] : [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]
    }),
  )
}

function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
