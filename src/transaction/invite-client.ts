/** The INVITE client transaction: RFC 3261 §17.1.1 as changed by RFC 6026 §7.2 and §8.4. */
import { arm, armDoubled, type MachineTable, type ClientAction, to } from './machine.js'
import type { TimerTable } from './timers.js'
import type { InviteClientState } from './transaction.js'

export type InviteClientEvent =
  | 'start'
  | '1xx'
  | '2xx'
  | '300-699'
  | 'cancel' // a CANCEL for it has been sent
  | 'error'

export function inviteClient(
  timers: TimerTable,
  reliable: boolean,
): MachineTable<InviteClientState, InviteClientEvent, ClientAction> {
  // RFC 3261 §17.1.1.2: timer A only over an unreliable transport, timer B over any.
  const onStart = reliable ? [arm('B', timers.B)] : [arm('A', timers.A), arm('B', timers.B)]
  const failed = to<InviteClientState, ClientAction>('terminated', ['error-to-user', 'destroy'])
  // RFC 6026 §7.2: a 2xx leads to Accepted; the user sends the ACK, never the transaction.
  const accepted = to<InviteClientState, ClientAction>('accepted', ['response-to-user'], [arm('M', timers.M)])
  // RFC 3261 §17.1.1.2: the ACK goes out over reliable transports too; timer D is zero there.
  const refused = to<InviteClientState, ClientAction>(
    'completed',
    ['send-ack', 'response-to-user'],
    [arm('D', reliable ? 0 : timers.D)],
  )
  const timedOut = to<InviteClientState, ClientAction>('terminated', ['timeout-to-user', 'destroy'])

  return {
    initial: 'calling',
    states: {
      calling: {
        on: {
          start: to('calling', ['send-request'], onStart),
          // Doubles without a cap.
          A: to('calling', ['send-request'], [armDoubled('A')]),
          // No ACK is generated.
          B: timedOut,
          '1xx': to('proceeding', ['response-to-user']),
          '2xx': accepted,
          '300-699': refused,
          error: failed,
        },
      },
      // Retransmissions stop, and so does timer B: from here the user decides how long to wait.
      proceeding: {
        on: {
          '1xx': to('proceeding', ['response-to-user']),
          '2xx': accepted,
          '300-699': refused,
          // RFC 3261 §9.1: 64*T1 after the CANCEL the INVITE counts as cancelled, answered or not.
          cancel: to('proceeding', [], [arm('cancelled', timers.cancelled)]),
          cancelled: timedOut,
          error: failed,
        },
      },
      completed: {
        on: {
          // A repeat: acknowledged again, not told again.
          '300-699': to('completed', ['send-ack']),
          D: to('terminated', ['destroy']),
          error: failed,
        },
      },
      accepted: {
        on: {
          // Repeats, and the 2xx of other branches.
          '2xx': to('accepted', ['response-to-user']),
          M: to('terminated', ['destroy']),
        },
      },
      terminated: { on: {} },
    },
  }
}
