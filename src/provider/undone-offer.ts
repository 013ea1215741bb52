/** What an offer has changed about a bridge before its answer is there, so that it can be taken back. RFC 3261 §14.1 */
import type { Half, Stream } from './media-stream.js'
import type { SideName } from './passed-offers.js'

/** Offers that wait for their answer. */
export class UndoneOffers {
  readonly #pending: Record<SideName, (() => void)[]> = { caller: [], callee: [] }

  /** Called before anything is learnt from an offer. @param from who offers */
  offered(streams: readonly Stream[], from: SideName): void {
    const to = otherThan(from)
    const undo = streams.flatMap((stream) => [
      stream[from].leg.kept(),
      stream.transcoder.kept(stream[from].leg, stream[to].leg),
      keptOf(stream[from]),
      keptOf(stream[to]),
    ])
    this.#pending[from].push(() => {
      for (const one of undo) one()
    })
  }

  /** What was offered counts. @param from who answers */
  answered(from: SideName): void {
    this.#pending[otherThan(from)] = []
  }

  /** The last offer of that side was refused: all is as it was before. */
  refused(from: SideName): void {
    this.#pending[from].pop()?.()
  }
}

function keptOf(told: Half): () => void {
  const { secure, profile, direction, theirs, ours } = told
  return () => {
    Object.assign(told, { secure, profile, direction, theirs, ours })
  }
}

const otherThan = (side: SideName): SideName => (side === 'caller' ? 'callee' : 'caller')
