/** Which relay served its calls worst, and by what. */
import type { RelayResult } from '../result/load-relays.js'
import { number, percent } from './format.js'

/** How bad a relay was in one respect; of several relays the most of the first respect in which they differ decides. */
interface Respect {
  readonly of: (relay: RelayResult) => number
  readonly words: (relay: RelayResult) => string
}

const RESPECTS: readonly Respect[] = [
  {
    of: ({ packetsReceived }) => (packetsReceived === 0 ? 1 : 0),
    words: () => 'nothing came from it',
  },
  {
    of: ({ oneWayCalls, calls }) => oneWayCalls / calls,
    words: ({ oneWayCalls, calls }) => `${number(oneWayCalls, 0)} of ${number(calls, 0)} calls one-way`,
  },
  {
    of: ({ wrongAudioCalls = 0, calls }) => wrongAudioCalls / calls,
    words: ({ wrongAudioCalls = 0, calls }) =>
      `${number(wrongAudioCalls, 0)} of ${number(calls, 0)} calls with wrong audio`,
  },
  {
    of: ({ packetsLost, packetsReceived }) => packetsLost / Math.max(1, packetsLost + packetsReceived),
    words: ({ packetsLost, packetsReceived }) =>
      `${percent(packetsLost, packetsLost + packetsReceived)} of its packets lost`,
  },
]

/** Relays that are this near to the worst have what it has. */
const ALIKE = 0.8

/** @returns undefined where no relay was used, or none was worse than nothing at all */
export function worstRelay(relays: readonly RelayResult[]): { name: string; why: string } | undefined {
  const used = relays.filter(({ calls }) => calls > 0)
  for (const { of, words } of RESPECTS) {
    const [worst] = used.toSorted((a, b) => of(b) - of(a))
    if (!worst || of(worst) <= 0) continue
    const least = Math.min(...used.map(of))
    const alike = used.length > 1 && least > of(worst) * ALIKE ? '; the others are hardly better' : ''
    return { name: worst.name, why: `${words(worst)}${alike}` }
  }
  return undefined
}
