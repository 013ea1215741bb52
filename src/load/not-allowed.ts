/** Why a target may not be loaded. */

/** What was ordered is more than the target allows. The message says what would be allowed. */
export class LoadNotAllowedError extends Error {
  override readonly name = 'LoadNotAllowedError'
}
