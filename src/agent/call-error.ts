/** What was asked of a call cannot be done as things stand, in which the other side has its share. */
export class CallError extends Error {
  readonly code: 'no-dialog' | 'no-media' | 'nothing-to-acknowledge' | 'no-reliable-provisionals'

  constructor(code: CallError['code'], message: string) {
    super(message)
    this.name = 'CallError'
    this.code = code
  }
}
