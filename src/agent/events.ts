import type { SipMessage } from '../message/message.js'
import type { Flow } from '../transport/sip-transport.js'
import type { CallState, EndOfCall } from './call.js'

/** What an agent tells its observer. `at`: milliseconds of the agent's clock. */
export type AgentEvent = { readonly at: number; readonly agent: string } & (
  | {
      readonly kind: 'registration'
      readonly state: 'registering' | 'registered' | 'unregistered' | 'failed'
      readonly status?: number
      /** Seconds granted. */
      readonly expires?: number
    }
  | {
      readonly kind: 'call'
      readonly call: string
      readonly state: CallState
      readonly status?: number
      readonly end?: EndOfCall
    }
  /** What the agent passes to its transaction layer and gets from it; repeats that transactions send or absorb are not among these. */
  | { readonly kind: 'sent' | 'swallowed'; readonly message: SipMessage; readonly call?: string }
  | { readonly kind: 'received'; readonly message: SipMessage; readonly flow: Flow; readonly call?: string }
  | { readonly kind: 'keep-alive'; readonly state: 'sent' | 'answered' | 'unanswered'; readonly mapped?: string }
  | { readonly kind: 'flow-closed'; readonly flow: Flow; readonly error?: string }
  /** Something the peer did that its RFC forbids, or that this agent had to give up. */
  | { readonly kind: 'trouble'; readonly call?: string; readonly what: string; readonly rule?: string }
)
