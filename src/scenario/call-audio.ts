/** The audio sessions of a device's calls, and what each of them is to hear, as far as that is known. */
import type { MediaWish } from '../agent/media-factory.js'
import type { MediaSession } from '../media/media-session.js'

/** The audio session of one end of a call. */
export interface MediaLeg {
  readonly session: MediaSession
  /** Call-ID, as this end knows it. */
  readonly call: string
  readonly direction: 'outgoing' | 'incoming'
}

export class CallAudio {
  readonly legs: MediaLeg[] = []
  readonly #speakers = new Map<MediaSession, MediaSession>()

  opened(session: MediaSession, { call, direction }: Pick<MediaWish, 'call' | 'direction'>): void {
    this.legs.push({ session, call, direction })
  }

  /** What one session plays is to be heard by the other; in an echo test both are the same. */
  hears(listener: MediaSession | undefined, speaker: MediaSession | undefined): void {
    if (listener && speaker) this.#speakers.set(listener, speaker)
  }

  /** Whom a session is to hear; undefined where that is not known. */
  speakerFor(listener: MediaSession): MediaSession | undefined {
    return this.#speakers.get(listener)
  }

  /** Whether packets were held back on purpose: then losses tell nothing. */
  get withholds(): boolean {
    return this.legs.some(({ session }) => session.withheldAt.length > 0)
  }
}
