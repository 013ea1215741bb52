/** The thresholds of loads: what crossing one means to somebody who telephones, and what explains it. */
import type { Cause } from '../result/causes.js'

interface Limit {
  /** What crossing it means to somebody who telephones. */
  readonly words: string
  /** What explains it, where it was seen too. */
  readonly follows: readonly string[]
}

export const CALLS_FAILED = 'LOAD-CALLS-FAILED'
export const SLOW = 'LOAD-SLOW'
export const AUDIO: readonly Cause[] = ['no-audio', 'wrong-audio']
const HEARD: readonly Cause[] = ['no-audio', 'audio-ends-early', 'audio-begins-late', 'audio-lost']

/** Thresholds of our load profiles, by k6's metric. */
const LIMITS: Readonly<Record<string, Limit>> = {
  sip_calls_completed: { words: 'not every call was completed', follows: [CALLS_FAILED] },
  sip_call_success: { words: 'calls failed', follows: [CALLS_FAILED] },
  rtp_two_way_audio: { words: 'calls lacked audio', follows: [...AUDIO, CALLS_FAILED] },
  rtp_loss_ratio: { words: 'too many packets were lost', follows: HEARD },
  rtp_jitter: { words: 'audio arrived too unevenly', follows: ['audio-uneven'] },
  voip_mos: { words: 'speech quality was too low', follows: [...HEARD, 'audio-uneven'] },
  sip_session_request_delay: { words: 'calls took too long to set up', follows: [SLOW] },
  scenario_pass: { words: 'scenarios failed', follows: [] },
  scenario_decided: { words: 'scenarios did not come to their checks', follows: [CALLS_FAILED] },
  checks: { words: 'checks of the script failed', follows: [] },
  dropped_iterations: { words: 'not all calls that were due could be made', follows: [CALLS_FAILED] },
}

/** By metric, with tags or without: `sip_call_success{call:office}`. */
export const limitOf = (metric: string): Limit | undefined => LIMITS[metric.replace(/\{.*$/, '')]

/** What crossing a threshold of k6 means, in words. */
export const wordsOfLimit = (metric: string): string => limitOf(metric)?.words ?? `${metric} is beyond its limit`
