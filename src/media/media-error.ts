/** What was asked of a media session cannot be done as things stand, in which the other side has its share. */
export class MediaError extends Error {
  readonly code: 'no-events' | 'event-not-taken' | 'closed' | 'no-address'

  constructor(code: MediaError['code'], message: string) {
    super(message)
    this.name = 'MediaError'
    this.code = code
  }
}
