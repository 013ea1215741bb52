/** References of what the provider announces, as `ringproof record` makes them of a real one. */
import { decodeG711 } from '../../media/g711.js'
import { soundPrint } from '../../media/sound-print.js'
import type { Language } from '../context.js'
import { recording } from './speech.js'

/** Files, by their names: service, and recording. */
const REFERENCES = [
  ['codes.credit', 'credit'],
  ['codes.mailboxMenu', 'mailboxMenu'],
  ['codes.wakeUpQuery', 'wakeUpList'],
  ['codes.wakeUpQuery', 'wakeUpNone'],
  ['mailbox.external', 'mailboxMenu'],
  ['mailbox.internal', 'mailboxMenu'],
] as const

export interface AnnouncementPrint {
  readonly service: string
  readonly label: string
  /** Base64 of a sound print. */
  readonly print: string
}

/** As callers hear it: again and again, 0.8 s of silence between, for four seconds. */
function heardOf(once: Int16Array): Int16Array {
  const round = once.length + 6400
  return Int16Array.from({ length: 32_000 }, (_, i) => once[i % round] ?? 0)
}

const known = new Map<Language, readonly AnnouncementPrint[]>()

/** Made when they are wanted first: they take a tenth of a second. */
export function announcementPrints(language: Language): readonly AnnouncementPrint[] {
  const prints =
    known.get(language) ??
    REFERENCES.map(([service, label]) => {
      const samples = heardOf(decodeG711(recording(language, label).octets, 'PCMA'))
      return { service, label, print: Buffer.from(soundPrint(samples)).toString('base64') }
    })
  known.set(language, prints)
  return prints
}
