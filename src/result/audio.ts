/** What a run tells of audio: packets lost, and relays side by side. */
import { z } from 'zod'

export const lossSchema = z.object({
  /** Name of the relay (published list), or its address. */
  relay: z.string(),
  /** Packets expected, lost, and runs of lost ones. */
  expected: z.number(),
  lost: z.number(),
  gaps: z.number(),
})

/** How many packets of a stream of audio did not arrive. */
export type AudioLoss = z.infer<typeof lossSchema>

const directionSchema = z.object({
  /** Which end of the calls it led audio to. */
  to: z.enum(['caller', 'called']),
  /** Ends of answered calls. */
  calls: z.number(),
  /** Of those, the ends at which it is known what was to be heard, and that it was sent. */
  listened: z.number(),
  /** Ends that heard nothing although the other side spoke. */
  oneWay: z.number(),
  /** Ends that heard audio of somebody else's call. */
  wrong: z.number(),
  /** Ends that heard noise, a tone, or octets that no telephone plays, in place of what was sent. */
  altered: z.number(),
  /** Ends that heard sound of which that cannot be told. */
  unrecognised: z.number(),
  /** Packets received; those expected and lost, by their sequence numbers, and runs of lost ones. */
  packets: z.number(),
  expected: z.number(),
  lost: z.number(),
  gaps: z.number(),
  /** The largest of a call, RFC 3550 §6.4.1, ms. */
  jitterMs: z.number().optional(),
  /** The longest time from the first packet that was sent to the first that arrived, ms: what the beginning of a call lost. */
  startMs: z.number().optional(),
})

export const relayAudioSchema = directionSchema.extend({
  /** Name of the relay (published list), or its address. */
  relay: z.string(),
})

/** What went through one relay to one end of the calls of one scenario. */
export type RelayAudio = z.infer<typeof relayAudioSchema>

export const relayOfRunSchema = z.object({
  name: z.string(),
  /** False where the target publishes relays, and not this one. */
  published: z.boolean().optional(),
  /** Empty where no call was led over it. */
  directions: z.array(
    directionSchema.extend({
      /** Between these the share of lost packets lies, 0 to 1, each with a confidence of 99.9 %; absent where none was expected. */
      lossAtLeast: z.number().optional(),
      lossAtMost: z.number().optional(),
    }),
  ),
})

/** What went through one relay in all scenarios of a run. */
export type RelayOfRun = z.infer<typeof relayOfRunSchema>
