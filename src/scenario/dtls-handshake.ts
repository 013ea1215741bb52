/** How the DTLS handshake of a device's call went (`srtp: 'dtls'`). */
import type { Clock } from '../clock/clock.js'
import type { MediaSession } from '../media/media-session.js'

export interface HandshakeSeen {
  /** There are keys. */
  readonly complete: boolean
  /** Anything of DTLS came from the other side. */
  readonly began: boolean
  /** The certificate that was shown is the one whose fingerprint was told; null: none was shown. */
  readonly asTold: boolean | null
  readonly words: string
}

const LOOK_MS = 50

/** Waits until the handshake is over, one way or the other, so many milliseconds at most. */
export async function handshakeOf(
  media: MediaSession | undefined,
  withinMs: number,
  clock: Clock,
): Promise<HandshakeSeen> {
  const dtls = media?.dtls
  if (media === undefined || dtls === undefined || media.negotiated?.dtls === undefined)
    return { complete: false, began: (dtls?.received ?? 0) > 0, asTold: null, words: 'the answer could not be used' }
  const until = clock.now() + withinMs
  while (clock.now() < until && dtls.crypto === undefined && dtls.failure === undefined) await clock.sleep(LOOK_MS)
  const complete = dtls.crypto !== undefined
  const began = dtls.received > 0
  const { failure } = dtls
  const words = complete
    ? `complete (${dtls.profile})`
    : failure !== undefined
      ? failure.words
      : began
        ? 'begun, and not brought to its end'
        : 'nothing came'
  return { complete, began, asTold: dtls.peerCertificate === undefined ? null : failure?.code !== 'fingerprint', words }
}
