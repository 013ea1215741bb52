/** What is dialled, and what it means. */
import { uriDefect } from '../message/uri.js'
import { type AccountBook, nationalForm, type ProviderAccount } from './account.js'

/** Numbers of services, as they are dialled (SC-1 to SC-4), and the number that rings the queue's agents. */
export const serviceNumbers = {
  mailboxInternal: '00038711111',
  mailboxExternal: '021123706687',
  dtmfTest: '00038799998',
  echo: '00038799999',
  queue: '00038799990',
} as const

/** Service codes (SC-5 to SC-17). */
export const serviceCodes = {
  mailboxMenu: '*01',
  credit: '*02',
  callerId: '*10',
  mailbox: '*11',
  chargeAnnouncement: '*12',
  divertNoAnswer: '*20',
  divertBusy: '*21',
  divertNotReachable: '*22',
  queuePause: '*30',
  queueResume: '*31',
  divertAll: '*40',
  wakeUp: '*55*HHMM#',
  wakeUpCancel: '#55*HHMM#',
  wakeUpQuery: '*#55#',
} as const

export type ServiceCode = keyof typeof serviceCodes
const codeNames = Object.keys(serviceCodes).filter((name): name is ServiceCode => Object.hasOwn(serviceCodes, name))

export type ServiceName = 'echo' | 'dtmfTest' | 'mailboxMenu' | 'mailboxDeposit' | ServiceCode

/** Where a dialled number leads. */
export type Destination =
  | { readonly kind: 'account'; readonly account: ProviderAccount; readonly extension: boolean }
  | { readonly kind: 'queue' }
  | { readonly kind: 'service'; readonly service: ServiceName; readonly time?: { hour: number; minute: number } }
  | { readonly kind: 'nowhere' }

/** @param dialled the user part of a Request-URI with its escapes decoded, so that %2A and * are one (RFC 3261 §19.1.2) */
export function destinationOf(dialled: string, accounts: AccountBook): Destination {
  if (dialled.startsWith('*') || dialled.startsWith('#')) return codeOf(dialled)
  switch (nationalForm(dialled)) {
    case serviceNumbers.echo:
      return { kind: 'service', service: 'echo' }
    case serviceNumbers.dtmfTest:
      return { kind: 'service', service: 'dtmfTest' }
    case serviceNumbers.mailboxInternal:
    case serviceNumbers.mailboxExternal:
      return { kind: 'service', service: 'mailboxMenu' }
    case serviceNumbers.queue:
      return { kind: 'queue' }
  }
  const account = accounts.byDialled(dialled)
  if (account === undefined) return { kind: 'nowhere' }
  return { kind: 'account', account, extension: accounts.byName(nationalForm(dialled)) === undefined }
}

function codeOf(dialled: string): Destination {
  for (const service of codeNames) {
    const code: string = serviceCodes[service]
    if (code === dialled) return { kind: 'service', service }
    const place = code.indexOf('HHMM')
    if (place < 0 || !dialled.startsWith(code.slice(0, place)) || dialled.length !== code.length) continue
    const time = /^([01]\d|2[0-3])([0-5]\d)$/.exec(dialled.slice(place, place + 4))
    if (time === null || dialled.slice(place + 4) !== code.slice(place + 4)) continue
    return { kind: 'service', service, time: { hour: Number(time[1]), minute: Number(time[2]) } }
  }
  return { kind: 'nowhere' }
}

/**
 * Is it a service code with `#` as it was typed?
 * DEVIATION: RFC 3261 §25.1 has no `#` in user parts, it travels as %23. Telephones that do not know that reach their
 * services all the same.
 */
export function isTypedCode(uri: string): boolean {
  return /^sips?:[*#][\d*#]*@/i.test(uri) && uriDefect(uri.replaceAll('#', '%23')) === undefined
}
