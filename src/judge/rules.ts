/** All rules over captures, each in a file of its name. */
import type { JudgeRule } from './rule.js'
import { ackLost } from './rules/ack-lost.js'
import { oneWayAudio } from './rules/one-way-audio.js'
import { unanswered } from './rules/unanswered.js'

export const JUDGE_RULES: readonly JudgeRule[] = [ackLost, unanswered, oneWayAudio]
