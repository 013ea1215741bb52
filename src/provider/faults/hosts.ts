/** Faults of the second of two SIP hosts. */
import type { FaultEntries } from './fault.js'

export const hostFaults = {
  'hosts-share-no-bindings': {
    title: 'each of two servers knows only the telephones that have registered with itself',
    mayTurnRed: ['DNS-HOSTS', 'DNS-LOST'],
    rules: { proxy: { sharesBindings: false } },
  },
  'hosts-share-no-calls': {
    title: 'requests in a call that come by the other of two servers are refused with 481',
    mayTurnRed: ['DNS-HOSTS-CALLS', 'DNS-LOST'],
    rules: { proxy: { sharesCalls: false } },
  },
  'second-host-silent': {
    title: 'the second server that DNS names does not answer',
    mayTurnRed: ['DNS-HOSTS', 'DNS-DEAD', 'DNS-RECORDS'],
    rules: { proxy: { secondAnswers: false } },
  },
  'second-host-refuses-registrations': {
    title: 'the second server that DNS names refuses all registrations',
    mayTurnRed: ['DNS-HOSTS', 'DNS-LOST'],
    rules: { proxy: { secondRegisters: false } },
  },
  'calls-from-other-host': {
    title: 'telephones that have registered with the second server are called from the first: their routers drop that',
    mayTurnRed: ['DNS-HOSTS'],
    rules: { proxy: { callsFromOwnHost: false } },
  },
  'lost-host-takes-calls': {
    title: 'when one of two servers is lost, requests to devices that came by it still go that way',
    mayTurnRed: ['DNS-LOST'],
    rules: { proxy: { leavesLostHost: false } },
  },
  'lost-host-takes-state': {
    title: 'when one of two servers is lost, the other refuses requests in calls that began there',
    mayTurnRed: ['DNS-LOST'],
    rules: { proxy: { survivesLoss: false } },
  },
} satisfies FaultEntries
