/** All standing checks, in the order in which they look. A new one is a file in checks/ and a line here. */
import type { StandingCheck } from './check.js'
import { hundredForwarded } from './checks/100-forwarded.js'
import { branch } from './checks/branch.js'
import { challenge } from './checks/challenge.js'
import { contact } from './checks/contact.js'
import { contentLength } from './checks/content-length.js'
import { copy } from './checks/copy.js'
import { cseq } from './checks/cseq.js'
import { grammar } from './checks/grammar.js'
import { keyReuse } from './checks/key-reuse.js'
import { keysInClear } from './checks/keys-in-clear.js'
import { maxForwards } from './checks/max-forwards.js'
import { numbersInClear } from './checks/numbers-in-clear.js'
import { provisional } from './checks/provisional.js'
import { publishedRelays } from './checks/published-relays.js'
import { publishedSignalling } from './checks/published-signalling.js'
import { recordRoute } from './checks/record-route.js'
import { responseSource } from './checks/response-source.js'
import { rtcp } from './checks/rtcp.js'
import { rtpAfterBye } from './checks/rtp-after-bye.js'
import { rtpAltered } from './checks/rtp-altered.js'
import { rtpForm } from './checks/rtp-form.js'
import { rtpPayloadType } from './checks/rtp-payload-type.js'
import { rtpSequence } from './checks/rtp-sequence.js'
import { rtpTiming } from './checks/rtp-timing.js'
import { sdp } from './checks/sdp.js'
import { secret } from './checks/secret.js'
import { srtcp } from './checks/srtcp.js'
import { srtpClear } from './checks/srtp-clear.js'
import { tags } from './checks/tags.js'

export const STANDING_CHECKS: readonly StandingCheck[] = [
  // messages
  publishedSignalling,
  secret,
  numbersInClear,
  grammar,
  contentLength,
  challenge,
  branch,
  maxForwards,
  recordRoute,
  contact,
  cseq,
  tags,
  copy,
  responseSource,
  hundredForwarded,
  provisional,
  // session descriptions
  publishedRelays,
  sdp,
  keysInClear,
  keyReuse,
  // media
  rtpAfterBye,
  rtpForm,
  rtpPayloadType,
  srtpClear,
  srtcp,
  rtpAltered,
  rtpSequence,
  rtpTiming,
  rtcp,
]
