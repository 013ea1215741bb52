/** Calls that test nothing and tell facts: is SRTP accepted, and an INVITE without a session description? */
import type { Device } from '../scenario/device.js'
import type { StageTools } from '../scenario/stage.js'
import type { Rules } from '../scenario/rule.js'

const ANSWER_MS = 4_000
const HANG_UP_MS = 2_000

/** A server that wants the offer in the INVITE says so, or breaks over it. Other refusals (503, 480) are about something else. */
const REFUSES_LATE_OFFERS: readonly number[] = [400, 415, 421, 488, 500, 501, 606]

type Tools = Pick<StageTools<Rules>, 'services' | 'target' | 'within'>

/** The echo test, or where there is none the other device. */
const called = ({ services }: Tools, bob: Device): Device | string => services.echo ?? bob

/** Undefined where nothing was answered, so that nothing is known. */
export async function takesSrtp(stage: Tools, alice: Device, bob: Device): Promise<boolean | undefined> {
  const { within, target } = stage
  const { srtp } = target.document.media
  if (srtp.length === 0) return undefined
  bob.answers({ media: (wish) => bob.opensMedia({ srtp }, wish) })
  const call = await alice.invites(called(stage, bob), { media: (wish) => alice.opensMedia({ srtp }, wish) })
  const final = await within(call.answered, ANSWER_MS)
  await within(call.hangUp(), HANG_UP_MS)
  bob.answers()
  if (final === undefined) return undefined
  if (final.status < 300) return call.media?.negotiated?.crypto !== undefined
  // RFC 3261 §21.4.26 and its like: what was offered is not acceptable. Other refusals are about something else.
  return [415, 488, 606].includes(final.status) ? false : undefined
}

/** Whether an INVITE without an offer is answered with one. */
export async function takesLateOffer(stage: Tools, alice: Device, bob: Device): Promise<boolean | undefined> {
  const { within } = stage
  const call = await alice.invites(called(stage, bob), { lateOffer: true })
  const final = await within(call.answered, ANSWER_MS)
  await within(call.hangUp(), HANG_UP_MS)
  if (final === undefined) return undefined
  if (final.status < 300) return true
  return REFUSES_LATE_OFFERS.includes(final.status) ? false : undefined
}
