/** Tags of k6's metrics, of calls and of their ends: the same in k6 (`k6/lib/metrics.ts`), in waves and in the agent's own sums. */
import type { CallRecord, LegRecord } from './call-record.js'

export type Tags = Readonly<Record<string, string>>

type Tagged = Pick<CallRecord, 'relay' | 'codec' | 'transport' | 'family' | 'status' | 'name'>

export const tagsOfCall = (record: Tagged): Tags => ({ relay: nameOf(record.relay), ...common(record) })

export const tagsOfLeg = (record: Tagged, { relay, role }: Pick<LegRecord, 'relay' | 'role'>): Tags => ({
  relay: nameOf(relay),
  ...common(record),
  leg: role,
})

const common = ({ codec, transport, family, status, name }: Tagged): Tags => ({
  codec: codec ?? 'none',
  transport,
  family,
  sip_status: String(status),
  ...(name === undefined ? {} : { call: name }),
})

const nameOf = (relay: string): string => (relay === '' ? 'none' : relay)
