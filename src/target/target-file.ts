export {
  targetJsonSchema,
  type TargetAccount,
  type TargetDocument,
  type TargetInput,
  type TargetRelay,
} from './target-schema.js'
