/** Keys that a device sends by SIP INFO: legacy usage, which no standard describes (RFC 6086 §2). */
import type { Clock } from '../clock/clock.js'
import { within } from '../clock/within.js'
import type { Call } from '../agent/call.js'

/** The two forms that are in use. */
export type InfoForm = 'application/dtmf-relay' | 'application/dtmf'

/** Between the answer to one key and the next key, ms. */
const PAUSE_MS = 60
/** An answer has so long to come, ms. */
const ANSWER_MS = 8_000

const bodyOf = (form: InfoForm, key: string): string =>
  form === 'application/dtmf' ? key : `Signal=${key}\r\nDuration=160\r\n`

/**
 * Presses keys one after the other, each once the one before is answered; ends at the first that is not answered 200.
 * @returns the status of the last one; undefined: no answer
 */
export async function pressesByInfo(
  call: Pick<Call, 'request'>,
  clock: Clock,
  keys: string,
  form: InfoForm = 'application/dtmf-relay',
): Promise<number | undefined> {
  let status: number | undefined
  for (const key of keys) {
    const asked = call.request('INFO', { body: bodyOf(form, key), contentType: form })
    status = (
      await within(
        clock,
        asked.catch(() => undefined),
        ANSWER_MS,
      )
    )?.status
    if (status === undefined || status >= 300) break
    await clock.sleep(PAUSE_MS)
  }
  return status
}
