/** Vital signs: a call from account to account arrives, both hear each other, and either end can hang up. */
import type { Call, IncomingCall, OutgoingCall } from '../agent/call.js'
import type { SipResponse } from '../message/message.js'
import type { Device } from '../scenario/device.js'
import { SessionDescription } from '../sdp/session-description.js'
import { type Family, familyOf } from '../transport/network.js'
import { voiceAt } from '../scenario/sound.js'
import type { DeviceOptions } from '../scenario/device-options.js'
import { must, type Rule, whereReached } from '../scenario/rule.js'
import type { Stage, StageTools } from '../scenario/stage.js'
import { challengeTrouble, descriptionTrouble, statusLine } from './call-trouble.js'
import { LOGIN, REGISTER_EXPECTS, REGISTER_RULES, registers, type TellRegistered } from './login.js'
import type { SignStory, SignText } from './sign.js'
import type { Trouble, TroubleCode } from './trouble.js'

/** Until the callee is rung, and from there until the caller has its answer. */
const SETUP_MS = 8_000
const ANSWER_MS = 4_000
/** An answer may overtake the INVITE that it belongs to by so much, where a server answers for the callee. */
const OVERTAKES_MS = 2_000
/** A voice is recognised within a second or so. */
const HEARS_MS = 4_000
const HANG_UP_MS = 4_000
/** BYE of one side, until the other side knows. */
const ARRIVES_MS = 3_000

const BYE_EXPECTED = `the BYE arrives at the other end within ${ARRIVES_MS / 1000} s and is answered 200`

const RULES = {
  ...REGISTER_RULES,
  call: reached('RFC 3261 §16.6', 'a call to an account that is registered arrives and is answered'),
  audio: reached('BH-4', 'both devices hear each other'),
  acknowledged: reached('RFC 3261 §13.2.2.4', 'the ACK reaches the callee'),
  callerHangsUp: reached('RFC 3261 §15.1.2', 'when the caller hangs up the call ends at both ends'),
  calleeHangsUp: reached('RFC 3261 §15.1.2', 'when the callee hangs up the call ends at both ends'),
}

const EXPECTS = {
  ...REGISTER_EXPECTS,
  call: `the callee is rung within ${SETUP_MS / 1000} s, and the caller gets its 200 within ${ANSWER_MS / 1000} s more`,
  audio: `each side recognises the other's audio within ${HEARS_MS / 1000} s`,
  acknowledged: `the caller's ACK arrives within ${ARRIVES_MS / 1000} s`,
  callerHangsUp: BYE_EXPECTED,
  calleeHangsUp: BYE_EXPECTED,
}

function reached(source: string, paraphrase: string): Rule {
  return whereReached(must(source, paraphrase, { gravity: 'outage' }))
}

export const CALL: SignText = {
  id: 'survey/call',
  title: 'A call from account to account is answered',
  harm: 'Customers cannot call each other.',
  advice: 'Follow the INVITE in the ladder: where it stops, or who rejects it, and what the server’s log says of it.',
  provider: ['BH-1'],
  step: 'call',
}

export const AUDIO: SignText = {
  id: 'survey/audio',
  title: 'Audio passes both ways',
  harm: 'Calls are answered, and one side or both hear nothing.',
  advice:
    'Check the media relay: is it running, are its ports open in the firewall, and does it put an address into SDP that telephones can reach?',
  provider: ['BH-4', 'EP-4', 'EP-5'],
  step: 'talk',
}

export const HANG_UP: SignText = {
  id: 'survey/hang-up',
  title: 'Hanging up ends the call at both ends',
  harm: 'Calls stay up at the other end after somebody has hung up, or drop after half a minute: minutes are billed, lines are busy.',
  advice:
    'Requests within a call follow Record-Route and Contact: compare those in the ladder with where ACK and BYE were sent.',
  step: 'hang up',
}

type TwoDevices = Readonly<Record<'alice' | 'bob', DeviceOptions>>
export type CallStage = Stage<typeof RULES, TwoDevices>

export interface CallStoryOptions {
  /** With keys in SDP, where plain audio is refused. */
  readonly srtp?: boolean
  /** Gets what came of the first registration. */
  readonly tell: TellRegistered
  /** Told at the end, for facts. */
  readonly more?: ((stage: CallStage) => Promise<void>) | undefined
}

export function callStory(o: CallStoryOptions): SignStory<typeof RULES, TwoDevices> {
  const device: DeviceOptions = o.srtp ? { srtp: true } : {}
  return {
    signs: [
      { ...LOGIN, rules: ['registers'] },
      { ...CALL, rules: ['call'] },
      { ...AUDIO, rules: ['audio'] },
      { ...HANG_UP, rules: ['acknowledged', 'callerHangsUp', 'calleeHangsUp'] },
    ],
    rules: RULES,
    expects: EXPECTS,
    devices: { alice: device, bob: device },
    seconds: 40,
    async run(stage, judge) {
      const { alice, bob, within } = stage
      const refused = await registers(alice, stage, o.tell)
      judge('registers', refused)
      if (refused) return
      await bob.registers()
      // Somebody else who registers the same account takes its calls: the registrar shows it, and the watch sees it.
      const look = async (trouble: Trouble | undefined) => {
        if (trouble) await within(Promise.all([alice.asksRegistrar(), bob.asksRegistrar()]), ARRIVES_MS)
        return trouble
      }
      const first = await setUp(stage, alice, bob)
      judge('call', await look(first.trouble))
      if (first.trouble) return
      judge('audio', await look(await listens(first, { alice, bob })))
      judge('acknowledged', await look(await acknowledged(first, stage)))
      judge('callerHangsUp', await look(await hangsUp(first.caller, first.callee, 'caller', stage)))
      const second = await setUp(stage, bob, alice)
      if (second.trouble) {
        judge('call', await look(second.trouble))
        return
      }
      await within(second.callee.acknowledged, ARRIVES_MS)
      judge('calleeHangsUp', await look(await hangsUp(second.callee, second.caller, 'callee', stage)))
      await o.more?.(stage)
    },
  }
}

type Tools = Pick<StageTools<typeof RULES>, 'within'>

type SetUp =
  | { readonly trouble: Trouble }
  | { readonly trouble?: undefined; readonly caller: OutgoingCall; readonly callee: IncomingCall }

async function setUp(tools: Tools, from: Device, to: Device): Promise<SetUp> {
  const rung = to.nextCall(SETUP_MS)
  const caller = await from.invites(to)
  const failed = caller.answered.then((final) =>
    final && final.status < 300 ? tools.within(rung, OVERTAKES_MS) : undefined,
  )
  const callee = await Promise.race([rung, failed])
  const final = await tools.within(caller.answered, callee ? ANSWER_MS : 0)
  const found = troubleOf(caller, callee, final, to.variant.family)
  const trouble = found && (callee ? found : { ...found, called: to.account.user })
  if (!trouble && callee) return { caller, callee }
  if (caller.state !== 'ended') void caller.hangUp({ impatient: true }).catch(() => undefined)
  return { trouble: trouble ?? { ...NOT_RUNG, called: to.account.user } }
}

export const CALL_WORDS = 'A call from account to account'
const NOT_RUNG: Trouble = {
  code: 'not-delivered',
  cause: 'call-not-delivered',
  sentence: `${CALL_WORDS} is answered, but not by the callee, which gets no INVITE`,
}
/** Statuses that say that the callee is not there, which is. */
const NOT_THERE = [404, 408, 410, 480]

function troubleOf(
  caller: OutgoingCall,
  callee: IncomingCall | undefined,
  final: SipResponse | undefined,
  family: Family,
): Trouble | undefined {
  const give = (code: TroubleCode, cause: Trouble['cause'], sentence: string): Trouble => ({ code, cause, sentence })
  if (final && final.status >= 300) {
    if (callee && isEncrypted(caller.localSdp) && !isEncrypted(callee.remoteSdp)) {
      const sentence = `${CALL_WORDS} with encryption reaches the callee without it, who rejects it (${statusLine(final)})`
      return { ...give('encryption-dropped', 'encryption-dropped', sentence), certain: true }
    }
    const given = callee && connectionOf(callee.remoteSdp)
    if (given !== undefined && familyOf(given) !== family) {
      const sentence = `${CALL_WORDS} reaches the callee with a media address of the other IP family (${given}), so it rejects it (${statusLine(final)})`
      return { ...give('other-family', 'address-family-wrong', sentence), certain: true }
    }
    const cause = NOT_THERE.includes(final.status) ? 'call-not-delivered' : 'call-refused'
    const who = callee ? 'though the callee answers it' : 'and the callee is not rung'
    const sentence = `${CALL_WORDS} is rejected with ${statusLine(final)}, ${who}`
    return challengeTrouble(final) ?? { ...give(`rejected-${final.status}`, cause, sentence), certain: true }
  }
  if (callee) {
    if (!final) return give('no-answer', 'status-changed', 'The callee answers a call, and the caller gets no answer')
    return descriptionTrouble(caller) ?? descriptionTrouble(callee)
  }
  if (final) return undefined
  const last = caller.exchange.provisionals.at(-1)
  return last
    ? give('not-delivered', 'call-not-delivered', `${CALL_WORDS} gets ${last.status}, but the callee gets no INVITE`)
    : give('no-answer', 'call-refused', 'INVITE gets no answer')
}

/** Where a session description wants its audio; undefined without one, or where it cannot be read. */
function connectionOf(sdp: string | undefined): string | undefined {
  try {
    return sdp === undefined ? undefined : SessionDescription.parse(sdp).media[0]?.connection?.address
  } catch {
    return undefined
  }
}

/** Whether a session description offers or answers SRTP. */
const isEncrypted = (sdp: string | undefined): boolean => /^m=audio \d+ \S*SAVP/m.test(sdp ?? '')

async function listens(
  { caller, callee }: { caller: OutgoingCall; callee: IncomingCall },
  { alice, bob }: Record<'alice' | 'bob', Device>,
): Promise<Trouble | undefined> {
  const [ours, theirs] = [caller.media, callee.media]
  if (!ours || !theirs) return undefined
  const [toCaller, toCallee] = await Promise.all([
    ours.hears(theirs.patternId, HEARS_MS),
    theirs.hears(ours.patternId, HEARS_MS),
  ])
  if (toCaller && toCallee) return undefined
  const [code, who] = toCaller
    ? (['no-audio-to-callee', 'the callee does not hear the caller'] as const)
    : toCallee
      ? (['no-audio-to-caller', 'the caller does not hear the callee'] as const)
      : (['no-audio', 'neither side hears the other'] as const)
  const voices = [
    ...(toCaller ? [] : [voiceAt(alice, ours, theirs.patternId)]),
    ...(toCallee ? [] : [voiceAt(bob, theirs, ours.patternId)]),
  ]
  const [heard] = voices
  if (heard && voices.every(({ unrecognised }) => unrecognised)) {
    const sentence = `${who[0]?.toUpperCase()}${who.slice(1)}, but sound that was not recognised (${heard.words})`
    return { code, cause: 'no-audio', sentence, heard }
  }
  const received = [ours, theirs].map((session) => session.report().received.packets)
  const packets = `${received[0]} packets reached the caller, ${received[1]} the callee`
  return {
    code,
    cause: 'no-audio',
    sentence: `No audio: ${who}`,
    figures: packets,
  }
}

async function acknowledged({ callee }: { callee: IncomingCall }, { within }: Tools) {
  if (await within(callee.acknowledged, ARRIVES_MS)) return undefined
  const sentence = 'The ACK of the caller does not reach the callee: calls drop after 32 s'
  return { code: 'ack-not-delivered', cause: 'ack-lost', sentence } satisfies Trouble
}

async function hangsUp(who: Call, other: Call, name: 'caller' | 'callee', { within }: Tools) {
  const start = `When the ${name} hangs up, the BYE`
  const trouble = (code: TroubleCode, what: string, certain = false): Trouble => {
    return { code, sentence: `${start} ${what}`, certain, cause: 'hang-up-lost' }
  }
  if (other.state === 'ended') return undefined
  const bye = await within(who.hangUp({ impatient: true }), HANG_UP_MS)
  const arrived = await within(other.ended, ARRIVES_MS)
  const status = bye?.final?.status
  if (!arrived) return trouble('bye-not-delivered', 'does not reach the other end')
  if (status === undefined) return trouble('bye-unanswered', 'gets no answer')
  return status < 300 ? undefined : trouble('bye-refused', `is rejected with ${status}`, true)
}
