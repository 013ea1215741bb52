/** Text messages on their way through the proxy: RFC 3428. They are passed on like other requests, and never stored. */
import type { SipRequest } from '../message/message.js'
import type { ProviderContext } from './context.js'

/** The status with which one is answered in place of whom it is for; undefined: it is passed on. @param refusal what it meets without devices */
export function answerToText({ rules }: ProviderContext, { method }: SipRequest, refusal?: number): number | undefined {
  if (method !== 'MESSAGE') return undefined
  const { passesOn, admitsAbsence } = rules.texts
  if (refusal === undefined) return passesOn ? undefined : 200
  return refusal === 480 && !admitsAbsence ? 200 : undefined
}

/** What is changed in one that is passed on. */
export function passText({ rules, names }: ProviderContext, copy: SipRequest): void {
  if (copy.method !== 'MESSAGE') return
  if (!rules.texts.makesNoDialog && !copy.headers.has('Contact')) copy.headers.set('Contact', `<sip:${names.domain}>`)
  if (rules.texts.keepsText) return
  copy.body = Buffer.from(copy.body.toString('utf8').replaceAll(/\P{ASCII}/gu, '?'))
  copy.headers.set('Content-Length', String(copy.body.length))
}
