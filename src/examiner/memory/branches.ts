/** Branches that the target put into the topmost Via of its requests. */
import type { Via } from '../../message/message.js'
import { BoundedMap } from './bounded-map.js'

/** The first request under a branch. */
export interface BranchUse {
  readonly callId: string
  readonly cseq: number
  readonly method: string
  readonly device: string
}

/** RFC 3261 §8.1.1.7: the cookie, and something behind it. */
export function isProperBranch(branch: string | undefined): branch is string {
  return branch?.startsWith('z9hG4bK') === true && branch.length > 7
}

export class Branches {
  readonly #uses: BoundedMap<string, BranchUse>

  constructor(limit: number) {
    this.#uses = new BoundedMap(limit)
  }

  /** The request that came under this branch before; where there is none, this one is remembered. */
  earlier(via: Via, callId: string, cseq: number, method: string, device: string): BranchUse | undefined {
    if (!isProperBranch(via.branch)) return undefined
    const key = `${via.branch} ${via.host}:${via.port ?? 0}`
    const before = this.#uses.get(key)
    if (before === undefined) this.#uses.set(key, { callId, cseq, method, device })
    return before
  }
}
