/** The mailbox: callers leave messages (after a greeting and a beep), owners listen to them by keys (SC-1, SC-2, SC-5). */
import { type Law, encodeG711, transcodeG711 } from '../../media/g711.js'
import type { ProviderAccount } from '../account.js'
import type { ProviderContext } from '../context.js'
import type { Behaviour } from './behaviour.js'
import type { MailboxBook, RecordedFrame, RecordedMessage } from './mailbox-book.js'
import { MOST_FRAMES } from './mailbox-book.js'
import { played as sounding, speech } from './played.js'
import type { AudioSource } from './packetised.js'
import type { ServiceMedia } from './service-media.js'
import { recording } from './speech.js'

/** Keys of the menu. */
export const mailboxKeys = { play: '1', delete: '3' } as const

const FRAME_MS = 20
const FRAME_SAMPLES = 160
const BEEP_FRAMES = 15
/** What is shorter is no message, but somebody who hung up. */
const LEAST_FRAMES = 25
const MENU_FRAMES = 500
/** After what was played the owner has so long to press a key. */
const PAUSE_FRAMES = 400

/** Records what the caller says, until it hangs up. */
export function mailboxDeposit(context: ProviderContext, mailboxes: MailboxBook, owner: ProviderAccount): Behaviour {
  const { policy, rules } = context
  const greeting = recording(policy.language, 'mailboxDeposit')
  const spoken = sounding(rules.service.announcementsSoundLike, speech([greeting], false))
  // A greeting that is missing takes no time.
  const greets = !['nothing', 'silence'].includes(rules.service.announcementsSoundLike)
  const greetingFrames = greets ? greeting.frames : 0
  const frames: RecordedFrame[] = []
  let rest: RecordedFrame = { codec: 'PCMA', payload: Buffer.alloc(0) }
  let recordsFrom = Number.POSITIVE_INFINITY
  return {
    ringMs: 40,
    begin(media, hangUp) {
      const { clock } = context
      const beepEnds = greetingFrames + BEEP_FRAMES
      if (spoken !== undefined) {
        media.play((index, codec) =>
          index < greetingFrames ? spoken(index, codec) : index < beepEnds ? BEEPS[codec] : undefined,
        )
      }
      recordsFrom = clock.now() + beepEnds * FRAME_MS
      media.listen({
        packet({ payloadType, payload }) {
          const codec = codecOf(payloadType)
          if (codec === undefined || clock.now() < recordsFrom || frames.length >= MOST_FRAMES) return
          // Telephones choose how much they put into a packet.
          rest = rest.codec === codec ? { codec, payload: Buffer.concat([rest.payload, payload]) } : { codec, payload }
          for (; rest.payload.length >= FRAME_SAMPLES; rest = { codec, payload: rest.payload.subarray(FRAME_SAMPLES) })
            frames.push({ codec, payload: Buffer.from(rest.payload.subarray(0, FRAME_SAMPLES)) })
          if (frames.length >= MOST_FRAMES) hangUp()
        },
      })
    },
    end() {
      if (frames.length >= LEAST_FRAMES && context.rules.mailbox.keepsMessages) mailboxes.leave(owner.user, frames)
    },
  }
}

/** Says what it is, and plays and deletes messages as the owner presses keys. */
export function mailboxMenu(context: ProviderContext, mailboxes: MailboxBook, owner: ProviderAccount): Behaviour {
  const { policy, rules } = context
  const confirmation = recording(policy.language, 'messageDeleted')
  const says = (source: AudioSource): AudioSource =>
    sounding(rules.service.announcementsSoundLike, source) ?? (() => undefined)
  /** Messages that have not been played in this call. */
  let waiting: RecordedMessage[] = []
  let current: RecordedMessage | undefined
  let timer: { cancel(): void } | undefined
  const plays = (media: ServiceMedia, source: AudioSource, frames: number, then: () => void) => {
    timer?.cancel()
    media.play((index, codec) => (index < frames ? source(index, codec) : undefined))
    timer = context.clock.after(frames * FRAME_MS, then)
  }
  const next = (media: ServiceMedia, hangUp: () => void) => {
    const message = waiting.shift()
    if (message === undefined) {
      plays(media, () => undefined, PAUSE_FRAMES, hangUp)
      return
    }
    current = message
    if (rules.mailbox.ofOwner) mailboxes.hear(owner.user, message)
    const { frames } = message
    const source: AudioSource = (index, codec) =>
      rules.mailbox.playsMessages ? played(frames[index], codec) : undefined
    plays(media, source, frames.length, () =>
      plays(
        media,
        () => undefined,
        PAUSE_FRAMES,
        () => next(media, hangUp),
      ),
    )
  }
  return {
    ringMs: 40,
    begin(media, hangUp) {
      plays(media, says(speech([recording(policy.language, 'mailboxMenu')], true)), MENU_FRAMES, hangUp)
      media.listen({
        digit(digit) {
          if (digit === mailboxKeys.play) {
            waiting = rules.mailbox.ofOwner ? [...mailboxes.of(owner.user)] : [...mailboxes.everything]
            next(media, hangUp)
          } else if (digit === mailboxKeys.delete && current !== undefined) {
            if (rules.mailbox.deletesMessages) mailboxes.delete(owner.user, current)
            current = undefined
            plays(media, says(speech([confirmation], false)), confirmation.frames, () => next(media, hangUp))
          }
        },
      })
    },
    end() {
      timer?.cancel()
    },
  }
}

const codecOf = (payloadType: number): Law | undefined =>
  payloadType === 8 ? 'PCMA' : payloadType === 0 ? 'PCMU' : undefined

function played(frame: RecordedFrame | undefined, codec: Law): Buffer | undefined {
  if (frame === undefined) return undefined
  return frame.codec === codec ? frame.payload : transcodeG711(frame.payload, frame.codec, codec)
}

const BEEP = Int16Array.from({ length: FRAME_SAMPLES }, (_, i) =>
  Math.round(6000 * Math.sin((2 * Math.PI * 1000 * i) / 8000)),
)
/** 1000 Hz makes whole periods in 20 ms: each frame is the same. */
const BEEPS: Readonly<Record<Law, Buffer>> = { PCMA: encodeG711(BEEP, 'PCMA'), PCMU: encodeG711(BEEP, 'PCMU') }
