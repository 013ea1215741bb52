/** Audio of a call's own. Signatures first; bodies follow. */
import type { CodecName } from '../sdp/offer-answer.js'
export class AudioPattern {
  readonly id: number
  /** 24 bits. */
  constructor(id: number) {
    this.id = id
  }
  /** 20 ms, 160 octets; shared, not to be written to. */
  frame(index: number, codec: CodecName): Buffer {
    throw new Error(`not yet ${index} ${codec}`)
  }
  /** Any number of octets from any sample on. */
  read(sample: number, count: number, codec: CodecName): Buffer {
    throw new Error(`not yet ${sample} ${count} ${codec}`)
  }
}
export interface HeardPattern {
  readonly id: number
  readonly seconds: number
  /** ms of the `at` given to push. */
  readonly firstAt: number
  readonly lastAt: number
  /** 0 to 1. */
  readonly confidence: number
}
export class PatternListener {
  push(payload: Uint8Array, codec: CodecName, timestamp: number, at = 0): void {
    throw new Error(`not yet ${payload.length} ${codec} ${timestamp} ${at}`)
  }
  heard(): HeardPattern[] {
    throw new Error('not yet')
  }
}
