/** A target document from a plain value, for code and tests. */
import { TargetFileError, pathText } from './target-problem.js'
import { type TargetDocument, type TargetInput, targetSchema } from './target-schema.js'

/** In virtual time a provider that says the same of itself is started for each scenario. */
let lastChecked: { readonly text: string; readonly target: TargetDocument } | undefined

/**
 * Checks a target that was put together in code and fills in the defaults.
 * @throws TargetFileError where it does not fit the schema
 */
export function targetOf(input: TargetInput, name = 'target'): TargetDocument {
  const text = JSON.stringify(input)
  if (text === lastChecked?.text) return lastChecked.target
  const result = targetSchema.safeParse(input)
  if (result.success) {
    lastChecked = { text, target: result.data }
    return result.data
  }
  const problems = result.error.issues.map((issue) => ({
    line: 0,
    column: 0,
    path: pathText(issue.path),
    message: issue.message,
  }))
  throw new TargetFileError(name, problems)
}
