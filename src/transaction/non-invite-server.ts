/** The non-INVITE server transaction: RFC 3261 §17.2.2, with RFC 4320 §4.1 (late 100) and §4.2 (no late finals). */
import { arm, type MachineTable, type ServerAction, to } from './machine.js'
import type { TimerTable } from './timers.js'
import type { NonInviteServerState } from './transaction.js'

export type NonInviteServerEvent =
  | 'start'
  | 'request' // the request again
  | '1xx' // responses from the user
  | '2xx'
  | '300-699'
  | 'error'

export function nonInviteServer(
  timers: TimerTable,
  reliable: boolean,
): MachineTable<NonInviteServerState, NonInviteServerEvent, ServerAction> {
  const completed = to<NonInviteServerState, ServerAction>(
    'completed',
    ['send-response'],
    [arm('J', reliable ? 0 : timers.J)],
  )
  // RFC 4320 §4.2: after 64*T1 the client is gone, and no final answer may follow.
  const unanswered = to<NonInviteServerState, ServerAction>('terminated', ['timeout-to-user', 'destroy'])

  return {
    initial: 'trying',
    states: {
      trying: {
        on: {
          start: to(
            'trying',
            ['request-to-user'],
            [arm('trying', timers.tryingNonInvite), arm('unanswered', timers.unanswered)],
          ),
          // Repeats are discarded until there is something to answer.
          request: to('trying'),
          // RFC 4320 §4.1: once the client's timer E has reached T2, a 100 tells it that somebody is there.
          trying: to('proceeding', ['send-trying']),
          '1xx': to('proceeding', ['send-response']),
          '2xx': completed,
          '300-699': completed,
          unanswered,
        },
      },
      proceeding: {
        keeps: ['unanswered'],
        on: {
          request: to('proceeding', ['send-response']),
          '1xx': to('proceeding', ['send-response']),
          '2xx': completed,
          '300-699': completed,
          unanswered,
          error: to('proceeding', ['error-to-user']),
        },
      },
      completed: {
        on: {
          request: to('completed', ['send-response']),
          J: to('terminated', ['destroy']),
          // RFC 6026 §8.8 changes RFC 3261 §17.2.4 for both kinds: the state stays.
          error: to('completed', ['error-to-user']),
        },
      },
      terminated: { on: {} },
    },
  }
}
