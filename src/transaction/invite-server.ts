/** The INVITE server transaction: RFC 3261 §17.2.1 as changed by RFC 6026 §7.1 and §8.5–8.8. */
import { arm, armDoubled, type MachineTable, type ServerAction, to } from './machine.js'
import type { TimerTable } from './timers.js'
import type { InviteServerState } from './transaction.js'

export type InviteServerEvent =
  | 'start'
  | 'request' // the INVITE again
  | 'ack'
  | '1xx' // responses from the user
  | '2xx'
  | '300-699'
  | 'error'

export function inviteServer(
  timers: TimerTable,
  reliable: boolean,
): MachineTable<InviteServerState, InviteServerEvent, ServerAction> {
  // RFC 3261 §17.2.1: timer G only over an unreliable transport, timer H over any.
  const onRefusal = reliable ? [arm('H', timers.H)] : [arm('G', timers.G), arm('H', timers.H)]

  return {
    initial: 'proceeding',
    states: {
      proceeding: {
        on: {
          start: to('proceeding', ['request-to-user'], [arm('trying', timers.trying)]),
          // The latest provisional again, if there was one.
          request: to('proceeding', ['send-response']),
          trying: to('proceeding', ['send-trying']),
          '1xx': to('proceeding', ['send-response'], [], 'trying'),
          '2xx': to('accepted', ['send-response'], [arm('L', timers.L)]),
          '300-699': to('completed', ['send-response'], onRefusal),
          // RFC 6026 §8.8: told to the user, and the state stays, so that repeats of the INVITE are still recognised.
          error: to('proceeding', ['error-to-user']),
        },
      },
      completed: {
        on: {
          request: to('completed', ['send-response']),
          G: to('completed', ['send-response'], [armDoubled('G', timers.T2)]),
          ack: to('confirmed', [], [arm('I', reliable ? 0 : timers.I)]),
          H: to('terminated', ['timeout-to-user', 'destroy']),
          error: to('completed', ['error-to-user']),
        },
      },
      // Absorbs the ACKs that repeats of the final response brought about.
      confirmed: {
        on: {
          ack: to('confirmed'),
          request: to('confirmed'),
          I: to('terminated', ['destroy']),
        },
      },
      accepted: {
        on: {
          // RFC 6026 §7.1: repeats of the INVITE are absorbed; the user repeats the 2xx, and gets the ACKs.
          request: to('accepted'),
          '2xx': to('accepted', ['send-response']),
          ack: to('accepted', ['ack-to-user']),
          L: to('terminated', ['destroy']),
          error: to('accepted', ['error-to-user']),
        },
      },
      terminated: { on: {} },
    },
  }
}
