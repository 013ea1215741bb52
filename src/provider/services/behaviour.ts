/** What services do in their calls: echo, keypad test, announcements. */
import type { ProviderContext } from '../context.js'
import { keypadTones, played, speech } from './played.js'
import type { ServiceMedia } from './service-media.js'
import { pause as pauseOf, recording } from './speech.js'

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

/** What is announced, by the names of its recordings. */
export type Announcement =
  | 'credit'
  | 'switchedOn'
  | 'switchedOff'
  | 'queuePaused'
  | 'queueResumed'
  | 'wakeUpSet'
  | 'wakeUpCancelled'
  | 'wakeUpNone'
  | 'wakeUpList'
  | 'wakeUpCall'

const ANNOUNCEMENT_MS = 4000
/** How long an announcement is heard before it is answered, where it begins before. */
const EARLY_MS = 2500
/** How long the DTMF test waits for a further digit before it tells back what it heard. */
const DIGIT_PAUSE_MS = 1000
/** Between digits that are spoken. */
const SPOKEN_PAUSE_MS = 160

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

/** Recordings of keys that are no file's name. */
const NAMES: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' }

/** Digits are told back as they were understood (SC-3), after a pause. */
export function dtmfTest(context: ProviderContext): Behaviour {
  const welcome = recording(context.policy.language, 'dtmfTest')
  const { tellsDigitsBy, language } = context.policy
  const tell = (media: ServiceMedia, digits: string) => {
    if (tellsDigitsBy === 'telephone-events' && media.takesEvents) {
      media.sendDigits(digits)
    } else if (tellsDigitsBy !== 'speech') {
      media.play(keypadTones(digits))
    } else {
      media.play(
        speech(
          digits.split('').flatMap((digit) => [recording(language, NAMES[digit] ?? digit), pauseOf(SPOKEN_PAUSE_MS)]),
          false,
        ),
      )
    }
  }
  let heard = ''
  let pause: { cancel(): void } | undefined
  return {
    ringMs: 20,
    begin(media) {
      media.play(speech([welcome], false))
      const greetsUntil = context.clock.now() + welcome.frames * 20
      media.listen({
        digit(digit) {
          if (!context.policy.listensWhileGreeting && context.clock.now() < greetsUntil) return
          heard += digit
          pause?.cancel()
          pause = context.clock.after(DIGIT_PAUSE_MS, () => {
            tell(media, heard)
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

/** Answers, and plays the busy tone. */
export function busyTone(): Behaviour {
  return { ringMs: 40, begin: (media) => media.play(played('busy', () => undefined)) }
}

/**
 * Says something, again and again for a while, then hangs up.
 * @param digits sent after it as telephone-events: times, amounts
 */
export function announce(
  context: ProviderContext,
  announcement: Announcement,
  o: { readonly ms?: number; readonly digits?: string; readonly earlyMedia?: boolean } = {},
): Behaviour {
  const { policy, rules } = context
  const spoken = speech(
    [recording(policy.language, rules.service.playsOwnAnnouncements ? announcement : 'mailboxMenu')],
    true,
  )
  let timer: { cancel(): void } | undefined
  return {
    ringMs: o.earlyMedia === true ? EARLY_MS : 40,
    earlyMedia: o.earlyMedia ?? false,
    ...(o.earlyMedia === true ? { finalStatus: rules.service.announcedStatus } : {}),
    begin(media, hangUp) {
      media.play(played(rules.service.announcementsSoundLike, spoken))
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
