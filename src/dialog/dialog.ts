/** Dialog state, RFC 3261 §12. */
export class Dialog {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  constructor(callId: string, localTag: string, remoteTag: string) {
    this.callId = callId
    this.localTag = localTag
    this.remoteTag = remoteTag
  }
}
