/** Faults of DNS. */
import type { FaultEntries } from './fault.js'

export const dnsFaults = {
  'dns-no-naptr': {
    title: 'there are no NAPTR records',
    mayTurnRed: ['DNS-RECORDS'],
    rules: { dns: { hasNaptr: false } },
  },
  'dns-no-aaaa': {
    title: 'there are no AAAA records',
    mayTurnRed: ['DNS-RECORDS', 'V6-DUAL'],
    rules: { dns: { hasAaaa: false } },
  },
  'dns-srv-dead-port': {
    title: 'SRV records name ports where nobody listens',
    mayTurnRed: ['DNS-RECORDS', 'DNS-DEAD', 'DNS-HOSTS'],
    rules: { dns: { srvPortError: 7 } },
  },
  'dns-dead-address': {
    title: 'one of the addresses is dead',
    mayTurnRed: ['DNS-RECORDS', 'DNS-DEAD', 'DNS-HOSTS'],
    rules: { dns: { hasDeadAddress: true } },
  },
} satisfies FaultEntries
