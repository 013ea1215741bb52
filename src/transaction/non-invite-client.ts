/** The non-INVITE client transaction: RFC 3261 §17.1.2. */
import { arm, armDoubled, type MachineTable, type ClientAction, to } from './machine.js'
import type { TimerTable } from './timers.js'
import type { NonInviteClientState } from './transaction.js'

export type NonInviteClientEvent = 'start' | '1xx' | '2xx' | '300-699' | 'error'

export function nonInviteClient(
  timers: TimerTable,
  reliable: boolean,
): MachineTable<NonInviteClientState, NonInviteClientEvent, ClientAction> {
  // RFC 3261 §17.1.2.2: timer E only over an unreliable transport, timer F over any.
  const onStart = reliable ? [arm('F', timers.F)] : [arm('E', timers.E), arm('F', timers.F)]
  const failed = to<NonInviteClientState, ClientAction>('terminated', ['error-to-user', 'destroy'])
  const timedOut = to<NonInviteClientState, ClientAction>('terminated', ['timeout-to-user', 'destroy'])
  const completed = to<NonInviteClientState, ClientAction>(
    'completed',
    ['response-to-user'],
    [arm('K', reliable ? 0 : timers.K)],
  )
  const absorbed = to<NonInviteClientState, ClientAction>('completed')

  return {
    initial: 'trying',
    states: {
      trying: {
        on: {
          start: to('trying', ['send-request'], onStart),
          E: to('trying', ['send-request'], [armDoubled('E', timers.T2)]),
          F: timedOut,
          '1xx': to('proceeding', ['response-to-user']),
          '2xx': completed,
          '300-699': completed,
          error: failed,
        },
      },
      proceeding: {
        keeps: ['E', 'F'],
        on: {
          // Only repeats of the request bring repeats of the answer, so they go on, every T2.
          E: to('proceeding', ['send-request'], [arm('E', timers.T2)]),
          F: timedOut,
          '1xx': to('proceeding', ['response-to-user']),
          '2xx': completed,
          '300-699': completed,
          error: failed,
        },
      },
      completed: {
        on: {
          '1xx': absorbed,
          '2xx': absorbed,
          '300-699': absorbed,
          K: to('terminated', ['destroy']),
        },
      },
      terminated: { on: {} },
    },
  }
}
