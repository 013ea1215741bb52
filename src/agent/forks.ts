/** The branches of one forked INVITE: each has a dialog, and an offer/answer exchange, of its own (RFC 3261 §13.2.1). */
import { Dialog } from '../dialog/dialog.js'
import type { SipRequest, SipResponse } from '../message/message.js'
import type { Flow } from '../transport/flow.js'
import { lists } from './capabilities.js'

/** One branch, known by the To tag of its responses. */
export interface Fork {
  readonly dialog: Dialog
  /** The first session description that came; later ones of the same dialog are ignored. */
  answer: string | undefined
  /** Last in-order RSeq (RFC 3262 §4). */
  rseq: number | undefined
  acknowledged: boolean
}

export class Forks {
  readonly #byTag = new Map<string, Fork>()
  /** The dialog of the branch that was heard of last, while it is early. */
  latest: Dialog | undefined

  get size(): number {
    return this.#byTag.size
  }

  /** To tags. */
  get tags(): Iterable<string> {
    return this.#byTag.keys()
  }

  ofTag(tag: string | undefined): Fork | undefined {
    return this.#byTag.get(tag ?? '')
  }

  /** A new branch, from its first response with a To tag. @throws ParseError where that makes no dialog */
  add(invite: SipRequest, response: SipResponse, flow?: Flow): Fork {
    const dialog = Dialog.ofCaller(invite, response, { overTls: flow?.transport === 'tls' })
    const fork: Fork = { dialog, answer: undefined, rseq: undefined, acknowledged: false }
    this.#byTag.set(response.to.tag ?? '', fork)
    if (response.status < 200) this.latest = dialog

    return fork
  }

  /** Forgets branches, and returns their dialogs. @param which those that nobody has answered, or all */
  forget(which: 'early' | 'all'): Dialog[] {
    const gone: Dialog[] = []
    for (const [tag, { dialog }] of this.#byTag) {
      if (which === 'early' && dialog.state !== 'early') continue

      dialog.terminate()
      gone.push(dialog)
      this.#byTag.delete(tag)
    }
    return gone
  }
}

/**
 * RSeq of a reliable provisional response (RFC 3262 §4): `undefined` where the response is not reliable, or has none that can
 * be read; `'repeated'` where it is a repeat, or out of order.
 */
export function takeReliable(fork: Fork, response: SipResponse): number | 'repeated' | undefined {
  if (!lists(response, 'Require', '100rel')) return undefined

  const rseq = Number(response.headers.get('RSeq'))
  if (!Number.isInteger(rseq) || rseq < 1) return undefined

  if (fork.rseq !== undefined && rseq !== fork.rseq + 1) return 'repeated'

  fork.rseq = rseq
  return rseq
}
