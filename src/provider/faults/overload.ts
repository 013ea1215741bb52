/** Faults of the proxy where an account calls too often, or a device says that it is overloaded. */
import type { FaultEntries } from './fault.js'

export const overloadFaults = {
  'overload-harms-others': {
    title: 'while one account calls too often, nobody can call',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceStops: 'everybody' } },
  },
  'overload-without-retry-after': {
    title: 'who calls too often is refused with 503 and not told when to call again',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceWaitS: undefined } },
  },
  'overload-for-an-hour': {
    title: 'who calls too often for a second is told to stay away for an hour',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceWaitS: 3600 } },
  },
  'overload-as-404': {
    title: 'who calls too often is told that there is no such number',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceStatus: 404, paceWaitS: undefined } },
  },
  'overload-unanswered': {
    title: 'who calls too often gets no answer at all',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { beyondPace: 'is not answered' } },
  },
  'overload-refuses-hang-up': {
    title: 'while an account calls too often, all requests within its calls are refused too, BYE among them',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceRefuses: 'calls and requests in calls' } },
  },
  'overload-refuses-registration': {
    title: 'while an account calls too often, its telephones cannot renew their registrations',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceRefuses: 'calls and registrations' } },
  },
  'overload-locks-account': {
    title: 'an account that has called too often once cannot call for ten minutes, whatever Retry-After says',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { paceHoldsMs: 600_000 } },
  },
  'call-rate-not-kept': {
    title: 'an account may begin any number of calls a second, whatever its limit is',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { beyondPace: 'is put through' } },
  },
  'phone-503-blocks-account': {
    title: 'an account whose telephone has answered 503 once is not called for ten minutes',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { shunsOverloaded: 'the account' } },
  },
  'phone-503-blocks-address': {
    title: 'once a telephone has answered 503, nobody at its address is called for ten minutes',
    mayTurnRed: ['PRX-OVERLOAD'],
    rules: { proxy: { shunsOverloaded: 'all at its address' } },
  },
} satisfies FaultEntries
