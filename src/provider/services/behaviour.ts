/** What services do in their calls: echo, keypad test, announcements. */
import { AudioPattern } from '../../media/audio-pattern.js'
import { type CodecName, encodeG711 } from '../../media/g711.js'
import type { ProviderContext } from '../context.js'
import type { ServiceMedia } from './service-media.js'

/** What a service does in a call of its own. */
export interface Behaviour {
  /** Milliseconds of ringing. */
  readonly ringMs: number
  /** Is its audio heard while it rings? */
  readonly earlyMedia?: boolean
  /** How the call is answered, at last; default 200. */
  readonly finalStatus?: number
  /** Called once, when audio may flow. `hangUp` ends the call from our side. */
  begin(media: ServiceMedia, hangUp: () => void): void
  /** The call is over. */
  end?(): void
}

/** Numbers of the melodies that announcements consist of; a listener recognises them. */
export const announcements = {
  mailboxMenu: 0xa00001,
  credit: 0xa00002,
  switchedOn: 0xa00003,
  switchedOff: 0xa00004,
  queuePaused: 0xa00005,
  queueResumed: 0xa00006,
  wakeUpSet: 0xa00007,
  wakeUpCancelled: 0xa00008,
  wakeUpNone: 0xa00009,
  wakeUpList: 0xa0000a,
  wakeUpCall: 0xa0000b,
  mailboxDeposit: 0xa0000c,
  dtmfTest: 0xa0000d,
} as const

export type Announcement = keyof typeof announcements

const ANNOUNCEMENT_MS = 4000
/** How long an announcement is heard before it is answered, where it begins before. */
const EARLY_MS = 2500
/** How long the DTMF test says what it is. */
const WELCOME_FRAMES = 75
/** How long the DTMF test waits for a further digit before it tells back what it heard. */
const DIGIT_PAUSE_MS = 1000

/** The caller hears itself (SC-4). */
export function echo({ clock, policy }: ProviderContext): Behaviour {
  const { echoDelayMs, echoReflects } = policy
  return {
    ringMs: 20,
    begin(media) {
      media.listen({
        packet: (packet, raw) => {
          const back = () => (echoReflects ? media.reflect(raw) : media.echo(packet, raw))
          if (echoDelayMs === 0) back()
          else clock.after(echoDelayMs, back)
        },
      })
    },
  }
}

/** Digits are told back as they were understood (SC-3), after a pause. */
export function dtmfTest(context: ProviderContext): Behaviour {
  const prompt = new AudioPattern(announcements.dtmfTest)
  let heard = ''
  let pause: { cancel(): void } | undefined
  return {
    ringMs: 20,
    begin(media) {
      media.play((index, codec) => (index < WELCOME_FRAMES ? prompt.frame(index, codec) : undefined))
      const greetsUntil = context.clock.now() + WELCOME_FRAMES * 20
      media.listen({
        digit(digit) {
          if (!context.policy.listensWhileGreeting && context.clock.now() < greetsUntil) return
          heard += digit
          pause?.cancel()
          pause = context.clock.after(DIGIT_PAUSE_MS, () => {
            media.sendDigits(heard)
            heard = ''
          })
        },
      })
    },
    end() {
      pause?.cancel()
    },
  }
}

/** Answers, and plays 425 Hz, half a second of each (ITU-T E.180). */
export function busyTone(): Behaviour {
  const tone = { PCMA: toneOf('PCMA'), PCMU: toneOf('PCMU') }
  return {
    ringMs: 40,
    begin: (media) => media.play((index, codec) => (index % 48 < 24 ? tone[codec][index % 2] : undefined)),
  }
}

/** 40 ms of it, 17 periods, in two packets. */
function toneOf(codec: CodecName): readonly Buffer[] {
  const wave = (from: number) =>
    Int16Array.from({ length: 160 }, (_, i) => 5000 * Math.sin((2 * Math.PI * 425 * (from + i)) / 8000))
  return [encodeG711(wave(0), codec), encodeG711(wave(160), codec)]
}

/**
 * Plays a melody, then hangs up.
 * @param digits sent after it as telephone-events: times, amounts
 */
export function announce(
  context: ProviderContext,
  announcement: Announcement,
  o: { readonly ms?: number; readonly digits?: string; readonly earlyMedia?: boolean } = {},
): Behaviour {
  const pattern = new AudioPattern(announcements[announcement])
  let timer: { cancel(): void } | undefined
  return {
    ringMs: o.earlyMedia === true ? EARLY_MS : 40,
    earlyMedia: o.earlyMedia ?? false,
    ...(o.earlyMedia === true ? { finalStatus: context.rules.service.announcedStatus } : {}),
    begin(media, hangUp) {
      if (context.rules.service.announcementsAreHeard) media.play((index, codec) => pattern.frame(index, codec))
      const early = o.earlyMedia === true ? EARLY_MS : 0
      timer = context.clock.after(early + (o.ms ?? ANNOUNCEMENT_MS), () => {
        if (o.digits === undefined || o.digits === '') {
          hangUp()
          return
        }
        media.play(() => undefined)
        media.sendDigits(o.digits)
        timer = context.clock.after(250 * o.digits.length + 500, hangUp)
      })
    },
    end() {
      timer?.cancel()
    },
  }
}
