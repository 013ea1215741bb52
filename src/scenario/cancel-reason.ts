/** What a CANCEL says about why a telephone is to stop ringing (RFC 3326). */
import type { SipMessage } from '../message/message.js'

/**
 * Does it say that the call was answered at another telephone, so that this one notes no missed call: SIP status 200, or Q.850
 * cause 26 (non-selected user clearing), which switches of the telephone network give?
 */
export const saysAnsweredElsewhere = (cancel: SipMessage): boolean =>
  cancel.headers
    .values('Reason')
    .some(
      (value) => /^\s*SIP\b.*;\s*cause\s*=\s*200\b/i.test(value) || /^\s*Q\.850\b.*;\s*cause\s*=\s*26\b/i.test(value),
    )
