/** What can be ordered of a call agent: the words of `ringproof/k6`, since both speak to the same API. */
export type {
  CallOrder,
  HoldTime,
  Mix,
  RunMix,
  RunOrder,
  RunWaveOrder,
  WaveOrder,
} from '../../k6/lib/orders.js'
export type { RegistrationOrder } from '../../k6/lib/records.js'
