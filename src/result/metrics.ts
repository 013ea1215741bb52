/** What a load measured, metric by metric and tag by tag, in a form that can be added up: what `ringproof merge` reads. */
import { z } from 'zod'
import { histogramSchema } from './histogram.js'

const about = { metric: z.string(), tags: z.record(z.string(), z.string()) }

export const metricSchema = z.discriminatedUnion('kind', [
  histogramSchema.extend({ kind: z.literal('trend'), ...about }),
  /** How many of `count` held. */
  z.object({ kind: z.literal('rate'), ...about, passes: z.number(), count: z.number() }),
  z.object({ kind: z.literal('counter'), ...about, count: z.number() }),
])
/** A metric of a load for one set of tags. */
export type MetricRecord = z.infer<typeof metricSchema>
