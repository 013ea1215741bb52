/** Cookies that prove that an address asked: who shows one has received it there. Nothing is stored. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../clock/clock.js'
import type { Endpoint } from '../transport/network.js'
import { COOKIE_BYTES, endpointBytes } from './reflector-message.js'

/** One is good for as long to twice as long: lifetimes of half an hour can be measured. */
const PERIOD_MS = 1_800_000

export class Cookies {
  readonly #clock: Clock
  readonly #secret: Buffer

  /** @param secret 16 bytes or more, of this start alone */
  constructor(clock: Clock, secret: Buffer) {
    this.#clock = clock
    this.#secret = secret
  }

  for(endpoint: Endpoint): Buffer {
    return this.#of(endpoint, this.#period())
  }

  proves(endpoint: Endpoint, cookie: Buffer): boolean {
    if (cookie.length !== COOKIE_BYTES) return false
    const now = this.#period()
    return [now, now - 1].some((period) => timingSafeEqual(this.#of(endpoint, period), cookie))
  }

  #period(): number {
    return Math.floor(this.#clock.now() / PERIOD_MS)
  }

  #of(endpoint: Endpoint, period: number): Buffer {
    return createHmac('sha256', this.#secret)
      .update(endpointBytes(endpoint))
      .update(String(period))
      .digest()
      .subarray(0, COOKIE_BYTES)
  }
}
