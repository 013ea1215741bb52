/** What an access line does to traffic, and how a user writes it: `loss=1%,delay=40ms±15,reorder=0.5%,dup=0.2%`. */
import { nearestWord } from '../target/did-you-mean.js'
import type { LinkConditions } from './link-conditions.js'

/** Conditions of each direction, as the devices see it; what is left out goes well. */
export interface AccessLine {
  /** From the devices to the target. */
  readonly up: Partial<LinkConditions>
  readonly down: Partial<LinkConditions>
}

type Mutable = { -readonly [K in keyof LinkConditions]?: number }

const KEYS: Readonly<Record<string, (value: string) => Mutable>> = {
  loss: (value) => ({ loss: share(value) }),
  burst: (value) => ({ burstMs: milliseconds(value) }),
  delay: (value) => {
    const [mean = '', spread] = value.split(/±|\+-/)
    const meanMs = milliseconds(mean)
    const spreadMs = spread === undefined ? 0 : milliseconds(spread)
    if (spreadMs > meanMs) throw new RangeError(`'${value}' varies by more than the delay itself`)
    return { delayMs: meanMs - spreadMs, jitterMs: 2 * spreadMs }
  },
  reorder: (value) => ({ reorder: share(value) }),
  dup: (value) => ({ duplicate: share(value) }),
}

/**
 * Reads `loss=1%,delay=40ms±15,reorder=0.5%,dup=0.2%,burst=120ms`. The delay is one way. Each word holds for both
 * directions; `up.loss=1%` and `down.delay=80ms` for one. `burst` is the mean length of a burst in which all is lost;
 * without it each datagram is lost on its own.
 * @throws RangeError with a sentence for the user
 */
export function parseAccessLine(text: string): AccessLine {
  const up: Mutable = {}
  const down: Mutable = {}
  const given = new Set<string>()
  for (const word of text.split(',').map((part) => part.trim())) {
    const [, direction, key = '', value = ''] = /^(?:(up|down)\.)?([a-z]+)=(.+)$/.exec(word) ?? []
    if (key === '') throw new RangeError(`'${word}' is no condition; write for example loss=1% or delay=40ms±15`)
    const read = KEYS[key]
    if (read === undefined) {
      const near = nearestWord(key, Object.keys(KEYS))
      const advice = near === undefined ? `known are ${Object.keys(KEYS).join(', ')}` : `did you mean '${near}'?`
      throw new RangeError(`There is no condition '${key}'; ${advice}`)
    }
    const conditions = read(value)
    for (const one of direction === undefined ? ['up', 'down'] : [direction]) {
      const name = `${one}.${key}`
      if (given.has(name)) throw new RangeError(`${name} is given twice`)
      given.add(name)
      Object.assign(one === 'up' ? up : down, conditions)
    }
  }
  for (const [name, { loss = 0, burstMs = 0 }] of Object.entries({ up, down }))
    if (burstMs > 0 && loss === 0) throw new RangeError(`burst needs a loss: add ${name}.loss=1%, for example`)

  return { up, down }
}

/** `1%` or `0.01`. */
function share(text: string): number {
  const [, number = '', percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(text) ?? []
  const value = Number(number) / (percent === undefined ? 1 : 100)
  // A bare 1 may be meant as one per cent.
  if (number === '' || value > 1 || (percent === undefined && value === 1))
    throw new RangeError(`'${text}' is no share: write 1%, or 0.01`)
  return value
}

/** `40ms`, `40` or `1.5s`. */
function milliseconds(text: string): number {
  const [, number = '', unit] = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text) ?? []
  if (number === '') throw new RangeError(`'${text}' is no time: write 40ms`)
  return Number(number) * (unit === 's' ? 1000 : 1)
}
