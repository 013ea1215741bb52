/** Through which relays the audio of a scenario went: seen in its packets, named by the target's published list. */
import { ownersOf, type Placed } from '../evidence/places.js'
import type { ScenarioRecord } from '../evidence/record.js'
import type { PublishedList } from '../target/published-list.js'
import { formatEndpoint } from '../transport/network.js'

/** Names of relays as published, addresses of those that are not; in order of first use. Not what devices sent each other. */
export function relaysUsed(
  { wire }: Pick<ScenarioRecord, 'wire'>,
  published: PublishedList,
  devices: readonly Placed[] = [],
): string[] {
  const media = wire.filter(({ packet }) => packet === 'rtp' || packet === 'rtcp')
  const own = ownersOf(media, devices)
  const remotes = new Map(media.map(({ remote }) => [formatEndpoint(remote), remote]))
  const names = [...remotes].flatMap(([text, { address, port }]) =>
    own.has(text) ? [] : (published.relayOf(address, port) ?? address),
  )
  return [...new Set(names)]
}
