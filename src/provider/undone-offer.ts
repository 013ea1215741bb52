/** What an offer has changed about a bridge before its answer is there, so that it can be taken back. RFC 3261 §14.1 */
import type { CryptoAttribute } from '../sdp/crypto-attribute.js'
import type { Direction } from '../sdp/direction.js'
import type { MediaLeg } from './media-leg.js'
import type { SideName } from './passed-offers.js'
import type { Transcoder } from './transcoder.js'

/** What descriptions tell of one side of a stream. */
interface Told {
  readonly leg: MediaLeg
  secure: boolean | undefined
  profile: string
  direction: Direction
  theirs: readonly CryptoAttribute[]
  ours: readonly CryptoAttribute[]
}

type Stream = Readonly<Record<SideName, Told>> & { readonly transcoder: Transcoder }

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

function keptOf(told: Told): () => void {
  const { secure, profile, direction, theirs, ours } = told
  return () => {
    Object.assign(told, { secure, profile, direction, theirs, ours })
  }
}

const otherThan = (side: SideName): SideName => (side === 'caller' ? 'callee' : 'caller')
