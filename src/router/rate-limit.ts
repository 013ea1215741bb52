/** How much anybody may ask for: a bucket of tokens for each source, and one for all. */
import type { Clock } from '../clock/clock.js'
import { addressBytes } from '../transport/network.js'

export interface RateLimits {
  /** Answers a second, in the long run. */
  readonly perSecond: number
  /** Answers at once, after a pause. */
  readonly burst: number
}

/** Sources that are remembered; those beyond begin anew, which costs the limit for all nothing. */
const MOST_SOURCES = 10_000

export class RateLimiter {
  readonly #clock: Clock
  readonly #each: RateLimits
  readonly #all: Bucket
  readonly #sources = new Map<string, Bucket>()

  constructor(clock: Clock, each: RateLimits, all: RateLimits) {
    this.#clock = clock
    this.#each = each
    this.#all = new Bucket(all, clock.now())
  }

  /** Whether one more answer may go there. */
  admits(address: string): boolean {
    const now = this.#clock.now()
    const key = sourceOf(address)
    let bucket = this.#sources.get(key)
    if (bucket === undefined) {
      if (this.#sources.size >= MOST_SOURCES) this.#sources.clear()
      bucket = new Bucket(this.#each, now)
      this.#sources.set(key, bucket)
    }
    return bucket.takes(now) && this.#all.takes(now)
  }
}

class Bucket {
  readonly #limits: RateLimits
  #tokens: number
  #at: number

  constructor(limits: RateLimits, now: number) {
    this.#limits = limits
    this.#tokens = limits.burst
    this.#at = now
  }

  takes(now: number): boolean {
    const { perSecond, burst } = this.#limits
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#at) / 1000) * perSecond)
    this.#at = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

/** An IPv6 network of 64 bits is one customer's. */
function sourceOf(address: string): string {
  const bytes = addressBytes(address)
  return bytes.length === 4 ? address : bytes.toString('hex', 0, 8)
}
