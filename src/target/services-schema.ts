/** What a target file says of the provider's services: their numbers, codes and keys. */
import { z } from 'zod'
import { dialString, keys, text, timeZone } from './schema-values.js'

/** The words of a service code in `services.codes`, each with the provider row that it belongs to. */
const serviceCodeNames = {
  mailboxMenu: 'SC-5',
  credit: 'SC-6',
  callerId: 'SC-7',
  mailbox: 'SC-8',
  chargeAnnouncement: 'SC-9',
  divertNoAnswer: 'SC-10',
  divertBusy: 'SC-11',
  divertNotReachable: 'SC-12',
  queuePause: 'SC-13',
  queueResume: 'SC-13',
  divertAll: 'SC-14',
  wakeUp: 'SC-15',
  wakeUpCancel: 'SC-16',
  wakeUpQuery: 'SC-17',
} as const

const depositPattern = /^[0-9A-Za-z*#+._-]*\{(?:user|number)\}[0-9A-Za-z*#+._-]*$/
const codePattern = /^[0-9*#]+(?:HHMM[0-9*#]*)?$/

const serviceCode = (name: keyof typeof serviceCodeNames) =>
  z
    .string()
    .regex(codePattern, { error: 'expected the code as dialled: digits, * and #, with HHMM where a time goes' })
    .optional()
    .describe(`${serviceCodeNames[name]}, as it is dialled`)

const codesSchema = z.strictObject({
  mailboxMenu: serviceCode('mailboxMenu'),
  credit: serviceCode('credit'),
  callerId: serviceCode('callerId'),
  mailbox: serviceCode('mailbox'),
  chargeAnnouncement: serviceCode('chargeAnnouncement'),
  divertNoAnswer: serviceCode('divertNoAnswer'),
  divertBusy: serviceCode('divertBusy'),
  divertNotReachable: serviceCode('divertNotReachable'),
  queuePause: serviceCode('queuePause'),
  queueResume: serviceCode('queueResume'),
  divertAll: serviceCode('divertAll'),
  wakeUp: serviceCode('wakeUp'),
  wakeUpCancel: serviceCode('wakeUpCancel'),
  wakeUpQuery: serviceCode('wakeUpQuery'),
})

const dtmfSchema = z.strictObject({
  keys: z
    .array(z.enum(['telephone-event', 'info', 'in-band']))
    .min(1)
    .optional()
    .describe(
      'how it takes keys: RFC 4733, SIP INFO, tones in the audio. Left out: the first, and INFO where it is not refused',
    ),
  tellsBackBy: z
    .enum(['telephone-events', 'tones', 'speech'])
    .optional()
    .describe(
      'how it tells back the keys that it has heard; speech: the digits one by one and nothing else. Left out: whatever is heard counts',
    ),
})

export const servicesSchema = z.strictObject({
  echo: dialString.optional(),
  dtmfTest: dialString.optional(),
  dtmf: dtmfSchema.optional().describe('what the DTMF test does'),
  mailbox: z
    .strictObject({
      internal: dialString.optional(),
      external: dialString.optional(),
      deposit: text
        .regex(depositPattern, { error: 'expected what is dialled, with {user} or {number} for the owner' })
        .optional()
        .describe('dialled to leave a message without ringing the owner: {user} or {number} stand for the owner'),
      light: dialString
        .optional()
        .describe('what devices subscribe to for their mailbox light; default: their own account'),
      keys: z
        .strictObject({
          play: keys.optional().describe('plays the messages; left out: they are played unasked'),
          delete: keys.optional().describe('deletes the message that is played, or was played last'),
        })
        .optional()
        .describe("keys of the mailbox's menu"),
    })
    .optional(),
  diversionTo: dialString.optional().describe('number that diversions are set to'),
  queue: dialString.optional().describe("a number that rings the queue's agents"),
  timezone: timeZone.optional(),
  trunkDialledIn: z
    .enum(['Request-URI', 'To', 'P-Called-Party-ID', 'Diversion', 'History-Info'])
    .optional()
    .describe('where a trunk is told the number that was dialled'),
  countryCode: text
    .regex(/^[1-9]\d{0,2}$/, { error: 'expected a country code without + and zeros, such as 49' })
    .optional()
    .describe('where national numbers begin with 0, and + or 00 with this code means the same'),
  codes: codesSchema.prefault({}),
})
