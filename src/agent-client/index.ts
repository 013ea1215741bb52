/** `ringproof/agent`: a typed client for the API of a call agent (`ringproof agent`), for programs that are no k6. */
export { AgentClient, type AgentClientOptions, type AskOptions } from './client.js'
export { AgentError } from './ask.js'
export type {
  AgentHealth,
  AgentStats,
  CallAnswer,
  CallRecord,
  LegRecord,
  RegistrationReport,
  RunRecord,
  RunWaveRecords,
  WaveRecords,
} from './answers.js'
export type {
  CallOrder,
  HoldTime,
  Mix,
  RegistrationOrder,
  RunMix,
  RunOrder,
  RunWaveOrder,
  WaveOrder,
} from './orders.js'
