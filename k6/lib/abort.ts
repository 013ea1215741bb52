import exec from 'k6/execution'

/** Ends the whole test with a reason. */
export function abort(reason: string): void {
  exec.test.abort(reason)
}
