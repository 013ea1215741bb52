/** The JSON Schema of a result, made from what reads results. */
import { z } from 'zod'
import { resultSchema } from '../result/result.js'

/** The JSON Schema of `result.json`, as published in `schema/result.schema.json`. Fields of a later release are let through. */
export function resultJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(resultSchema, { target: 'draft-7', io: 'input' })
  return { $schema, title: 'Result of a run of ringproof', ...rest }
}
