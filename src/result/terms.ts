/** The words of results: verdicts, levels, gravities, steps of a call, reasons. */
import { z } from 'zod'

export const verdictSchema = z.enum(['pass', 'warn', 'fail', 'inconclusive', 'unsupported', 'not applicable', 'error'])

/** A scenario's or a check's verdict. */
export type Verdict = z.infer<typeof verdictSchema>

export const levelSchema = z.enum(['MUST', 'PROMISE', 'OWED', 'SHOULD', 'MAY', 'FINDING'])

/**
 * How strongly the rule binds: RFC 2119 words; PROMISE where the provider's own description binds it; OWED where no standard says
 * MUST and yet any telephone service owes it; FINDING where nothing is normative but operations must know.
 */
export type Level = z.infer<typeof levelSchema>

export const gravitySchema = z.enum(['outage', 'exposure', 'harm', 'letter'])

/**
 * What the breaking of a rule does, the gravest first. `outage`: those concerned have no service, or no audio. `exposure`: fraud,
 * privacy, attack. `harm`: customers notice it in features, quality or minutes. `letter`: a rule is broken; hardly anybody notices.
 */
export type Gravity = z.infer<typeof gravitySchema>

export const stepSchema = z.enum(['register', 'call', 'talk', 'hang up'])

/** A step of an everyday call. */
export type Step = z.infer<typeof stepSchema>

export const reasonCodeSchema = z.enum([
  /** A MUST or a promise did not hold. */
  'rule-broken',
  /** A SHOULD, or a finding, did not hold. */
  'recommendation-not-met',
  /** What did not hold is known of this target and lived with. */
  'known-deviation',
  /** The precondition of the check was never reached, for another reason than those below. */
  'not-reached',
  'no-answer',
  'no-connection',
  /** The target led to an address that its file neither names nor allows, so that nothing was sent there. */
  'out-of-reach',
  /** A number that the target file does not allow to be dialled. */
  'not-allowed',
  'login-refused',
  'call-refused',
  'call-not-arrived',
  'no-audio',
  /** Sound came, and was not recognised as what was played: whether it was altered cannot be told. */
  'sound-not-recognised',
  /** An answer was there and broke the grammar, so that a telephone would have dropped it. */
  'unreadable-answer',
  /** One packet may have been lost by the network on the way. */
  'packet-lost',
  /** Audio is lost, and the path to the target loses as much: nothing is said of the target. */
  'path-loses',
  /** More came than can be kept: it sent without end. */
  'flooded',
  /** The harness itself was too late to tell. */
  'harness-late',
  'timed-out',
  'interrupted',
  /** It failed, and did not when it was run again. */
  'unsteady',
  /** Somebody else used the same account meanwhile. */
  'foreign-hands',
  'target-gone',
  /** This machine lacks an address or a port of that kind. */
  'no-local-address',
  /** The target said that it lacks the feature. */
  'feature-lacking',
  'is-b2bua',
  'is-proxy',
  'relays-no-media',
  'not-applicable',
  /** A mistake in the scenario's file, or in ringproof. */
  'scenario-defect',
  'harness-defect',
])

/** Why a verdict is not pass. Nothing is decided or grouped by the words beside it. */
export type ReasonCode = z.infer<typeof reasonCodeSchema>

export const placeSchema = z.object({ scenario: z.string(), transport: z.string(), family: z.string() })

/** One execution of a scenario. Of a load: `load/PROFILE`, with empty transport and family. */
export type Place = z.infer<typeof placeSchema>

export const runVerdictSchema = z.enum(['pass', 'warn', 'fail', 'invalid', 'inconclusive', 'error', 'interrupted'])
export type RunVerdict = z.infer<typeof runVerdictSchema>
