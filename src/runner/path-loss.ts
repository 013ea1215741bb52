/** What the path to the target loses, read off the signalling of all scenarios. */
import { promptExchanges, type Exchange } from '../evidence/exchanges.js'
import type { SipSighting } from '../evidence/record.js'
import type { PathLoss, Repeats } from '../verdict/facts.js'

/** T1: a request that is lost is sent again after it, when a burst of losses is over. */
const APART_MS = 500

export const NO_PATH: PathLoss = { requests: 0, again: 0, apart: { requests: 0, again: 0 } }

/** Of one scenario. Over TCP and TLS nothing is sent again. */
export function pathIn(messages: readonly SipSighting[]): PathLoss {
  const exchanges = promptExchanges(messages)
    .filter(({ transport }) => transport === 'udp')
    .sort((a, b) => a.at - b.at)
  const apart: Exchange[] = []
  for (const one of exchanges) {
    const last = apart.at(-1)
    if (last === undefined || one.at - last.answeredAt >= APART_MS) apart.push(one)
  }
  return { ...repeatsIn(exchanges), apart: repeatsIn(apart) }
}

const repeatsIn = (exchanges: readonly Exchange[]): Repeats => ({
  requests: exchanges.length,
  again: exchanges.filter(({ again }) => again).length,
})

/** Of all scenarios; undefined where no signalling over UDP was seen. */
export function pathOf(finished: readonly { readonly path: PathLoss }[]): PathLoss | undefined {
  const all = sumOf(finished.map(({ path }) => path))
  return all.requests === 0 ? undefined : { ...all, apart: sumOf(finished.map(({ path }) => path.apart)) }
}

const sumOf = (repeats: readonly Repeats[]): Repeats => ({
  requests: repeats.reduce((sum, { requests }) => sum + requests, 0),
  again: repeats.reduce((sum, { again }) => sum + again, 0),
})
