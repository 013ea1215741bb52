/** All rules over captures, each in a file of its name. */
import type { JudgeRule } from './rule.js'
import { ackLost } from './rules/ack-lost.js'
import { answers } from './rules/answers.js'
import { bindingDoubled } from './rules/binding-doubled.js'
import { audioBeginsLate } from './rules/audio-begins-late.js'
import { audioQuality } from './rules/audio-quality.js'
import { callEnds } from './rules/call-ends.js'
import { callsRefused } from './rules/calls-refused.js'
import { encryption } from './rules/encryption.js'
import { fax } from './rules/fax.js'
import { icmp } from './rules/icmp.js'
import { keypad } from './rules/keypad.js'
import { login } from './rules/login.js'
import { natReplies } from './rules/nat-replies.js'
import { oneWayAudio } from './rules/one-way-audio.js'
import { registrationLapses } from './rules/registration-lapses.js'
import { rewritten } from './rules/rewritten.js'
import { routes } from './rules/routes.js'
import { sessionTimer } from './rules/session-timer.js'
import { srtpKeys } from './rules/srtp-keys.js'
import { unanswered } from './rules/unanswered.js'

export const JUDGE_RULES: readonly JudgeRule[] = [
  ackLost,
  unanswered,
  natReplies,
  login,
  oneWayAudio,
  answers,
  encryption,
  srtpKeys,
  sessionTimer,
  keypad,
  fax,
  audioQuality,
  audioBeginsLate,
  callEnds,
  routes,
  registrationLapses,
  bindingDoubled,
  rewritten,
  icmp,
  callsRefused,
]
