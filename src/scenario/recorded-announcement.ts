/** Which of the announcements that were recorded for a target is heard. */
import type { Clock } from '../clock/clock.js'
import { likeness } from '../media/sound-print.js'
import type { RecordedAnnouncement } from '../target/target-file.js'
import type { Device } from './device.js'
import { framesOf, isSounding, samplesOf } from './sound.js'
import { inTime } from './spoken-back.js'

/** As alike as this is the same, on lines on which speech is told; less than this is another. */
const [SAME, ANOTHER] = [0.85, 0.6]
/** So much of it is listened to (ms): announcements begin alike. */
const LISTENS_MS = 4_000

export interface AnnouncementHeard {
  /** `expected`: one that was recorded for the service; `another`: certainly one of another service; else it cannot be told. */
  readonly which: 'expected' | 'another' | 'unknown'
  /** For people: `the announcement 'credit'`. */
  readonly words: string
}

/**
 * Listens on, and says which announcement it was. Undefined: none was recorded for the service.
 * @param service as in the references: `codes.credit`
 */
export async function announcementAt(
  device: Device,
  clock: Clock,
  service: string,
): Promise<AnnouncementHeard | undefined> {
  const { recordedAnnouncements } = device
  if (!recordedAnnouncements.some((one) => one.service === service)) return undefined
  await clock.sleep(LISTENS_MS)
  return among(recordedAnnouncements, service, heardAt(device))
}

/** What a device has heard since the first sound, 8,000 samples a second, without gaps. */
export function heardAt(device: Device): Int16Array {
  const received = device.packets.filter(({ direction, kind }) => direction === 'in' && kind === 'rtp')
  const begins = received.findIndex(isSounding)
  return begins < 0 ? new Int16Array(0) : samplesOf(inTime(framesOf(received.slice(begins))))
}

/** @param samples 8,000 a second, without gaps */
export function among(
  recorded: readonly RecordedAnnouncement[],
  service: string,
  samples: Int16Array,
): AnnouncementHeard {
  const nearest = (some: readonly RecordedAnnouncement[]) =>
    some.reduce(
      (best, { label, print }) => {
        const alike = likeness(Buffer.from(print, 'base64'), samples)
        return alike > best.alike ? { alike, label } : best
      },
      { alike: 0, label: '' },
    )
  const own = nearest(recorded.filter((one) => one.service === service))
  // The same text may be recorded for several services.
  const labels = new Set(recorded.filter((one) => one.service === service).map(({ label }) => label))
  const other = nearest(recorded.filter((one) => one.service !== service && !labels.has(one.label)))
  if (own.alike >= SAME && own.alike >= other.alike)
    return { which: 'expected', words: `the announcement '${own.label}'` }
  if (other.alike >= SAME && own.alike < ANOTHER)
    return { which: 'another', words: `the announcement '${other.label}'` }
  return { which: 'unknown', words: 'an announcement that is none of those recorded' }
}
