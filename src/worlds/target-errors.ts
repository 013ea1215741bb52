/** Why there is no target to test. */

/** The target file names no endpoint, and DNS gives none. */
export class NoEndpointError extends Error {
  override readonly name = 'NoEndpointError'
}

/** The script of a target file did not start its target. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError'

  /** `script`: there is none that could be started; `not-installed`: it says that what it needs is not installed; `failed`: all else. */
  readonly code: 'script' | 'not-installed' | 'failed'

  constructor(code: LaunchError['code'], message: string) {
    super(message)
    this.code = code
  }
}
