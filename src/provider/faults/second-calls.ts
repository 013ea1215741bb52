/** Faults of the proxy where a device has two calls at a time. */
import type { FaultEntries } from './fault.js'

export const secondCallFaults = {
  'second-call-ends-first': {
    title: 'when a device that is in a call answers or makes a second one, the first is ended',
    mayTurnRed: ['SECOND-CALL', 'TRANSFER'],
    rules: { proxy: { callsOfADevice: 'one at a time' } },
  },
  'calls-of-a-device-end-together': {
    title: 'when one of two calls of a device is hung up, the other is ended, too',
    mayTurnRed: ['SECOND-CALL', 'TRANSFER'],
    rules: { proxy: { callsOfADevice: 'end together' } },
  },
  'second-call-takes-relay': {
    title: 'a device has ports of the relay for one call: a second one takes those of the first',
    mayTurnRed: ['SECOND-CALL', 'TRANSFER'],
    rules: { proxy: { callsOfADevice: 'share a relay' } },
  },
  'second-caller-not-named': {
    title: 'a device that is in a call is not told who calls',
    mayTurnRed: ['SECOND-CALL'],
    rules: { proxy: { secondCallsNameCaller: false } },
  },
} satisfies FaultEntries
