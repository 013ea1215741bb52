/** Where a call gets its media session from. */
import type { MediaSession } from '../media/media-session.js'

/** What a media session is opened for. */
export interface MediaWish {
  readonly agent: string
  readonly call: string
  readonly direction: 'outgoing' | 'incoming'
}

/** Opens the media session of a call; ports, codecs, keys and pattern are the factory's business. */
export type MediaFactory = (wish: MediaWish) => Promise<MediaSession>
