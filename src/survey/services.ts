/** Vital signs: the service numbers of the target file answer, the echo test echoes. Nothing is dialled that changes a setting. */
import type { OutgoingCall } from '../agent/call.js'
import { signOfService } from '../runner/blocking.js'
import type { Device } from '../scenario/device.js'
import type { DeviceOptions } from '../scenario/device-options.js'
import { must, whereReached } from '../scenario/rule.js'
import { echoAt } from '../scenario/sound.js'
import type { StageTools } from '../scenario/stage.js'
import type { TargetDocument } from '../target/target-file.js'
import { challengeTrouble, descriptionTrouble, statusLine } from './call-trouble.js'
import type { SignStory, SignText } from './sign.js'
import type { Trouble } from './trouble.js'

/** A service that scenarios may need, under the word that they use for it. */
export interface Service {
  readonly need: string
  readonly number: string
  readonly name: string
  readonly row: string
}

/** Services of a target file that can be called without changing anything. */
export function servicesOf({ services }: Pick<TargetDocument, 'services'>): Service[] {
  const { echo, dtmfTest, mailbox, codes } = services
  const all: [need: string, number: string | undefined, name: string, row: string][] = [
    ['echo', echo, 'echo test', 'SC-4'],
    ['dtmf-test', dtmfTest, 'DTMF test', 'SC-3'],
    ['mailbox', mailbox?.internal, 'mailbox (internal number)', 'SC-1'],
    ['mailbox-external', mailbox?.external, 'mailbox (external number)', 'SC-2'],
    ['codes:mailboxMenu', codes.mailboxMenu, 'mailbox menu', 'SC-5'],
    ['codes:credit', codes.credit, 'credit announcement', 'SC-6'],
    ['codes:wakeUpQuery', codes.wakeUpQuery, 'wake-up query', 'SC-17'],
  ]
  return all.flatMap(([need, number, name, row]) => (number === undefined ? [] : [{ need, number, name, row }]))
}

const ANSWER_MS = 10_000
/** Announcements come with the answer, or a moment later. */
const FIRST_PACKET_MS = 4_000
/** Many echo tests say first what they are. */
const ECHO_MS = 15_000
/** The caller falls silent: for so long as it still hears itself, its voice is on its way. */
const SILENT_MS = 300
const LONGEST_DELAY_MS = 1_500
const HANG_UP_MS = 2_000

const RULES = {
  answers: must('RFC 3261 §13.3.1.4', 'the service answers the call', { gravity: 'outage' }),
  echoes: whereReached(must('SC-4', 'the caller hears its own voice', { gravity: 'outage' })),
}

const EXPECTS = {
  answers: `the call is answered (200), or audio comes, within ${ANSWER_MS / 1000} s`,
  echoes: `the caller's own voice comes back within ${ECHO_MS / 1000} s`,
}

/** ms: see `Facts.echo`. */
export interface EchoTimes {
  readonly firstEchoMs: number
  readonly delayMs: number
}

type OneDevice = Readonly<Record<'alice', DeviceOptions>>

/** What is told of a service. */
export function signOf({ need, number, name, row }: Service): SignText {
  return {
    id: signOfService(need),
    title: `The ${name} answers`,
    harm: `Customers who dial ${number} do not reach the ${name}. What depends on it is not tested.`,
    advice: `Dial ${number} by hand. Check the number in the target file (services) and the server behind it.`,
    provider: [row],
  }
}

/** @param srtp with keys in SDP, where plain audio is refused @param tell gets the times of an echo test */
export function serviceStory(
  service: Service,
  o: { readonly srtp?: boolean; readonly tell?: (times: EchoTimes) => void } = {},
): SignStory<typeof RULES, OneDevice> {
  const { need, number } = service
  return {
    signs: [{ ...signOf(service), rules: ['answers', 'echoes'] }],
    rules: RULES,
    expects: EXPECTS,
    devices: { alice: o.srtp ? { srtp: true } : {} },
    seconds: 30,
    async run(stage, judge) {
      const { alice, within, clock } = stage
      await alice.registers()
      const call = await alice.invites(number)
      const trouble = await answered(call, service, stage)
      judge('answers', trouble)
      if (!trouble && need === 'echo') {
        const answeredAt = clock.now()
        const silence = await echoes(alice, call, service, stage)
        judge('echoes', silence)
        if (!silence && o.tell)
          o.tell({ firstEchoMs: firstEchoAt(alice, call) - answeredAt, delayMs: await delayOf(call, stage) })
      }
      await within(call.hangUp(), HANG_UP_MS)
    },
  }
}

type Tools = Pick<StageTools<typeof RULES>, 'within' | 'clock'>

/** A 2xx, or audio before it: announcements need no answer. */
async function answered(call: OutgoingCall, service: Service, { within }: Tools): Promise<Trouble | undefined> {
  const { name, number } = service
  const about = { cause: 'service-not-reachable' } as const
  const who = `The ${name} (${number})`
  const early = (async () => {
    await call.ringing
    return (await call.media?.receives(ANSWER_MS)) ? ('audio' as const) : new Promise<never>(() => {})
  })()
  const final = await within(Promise.race([call.answered, early]), ANSWER_MS)
  if (final === 'audio') return undefined
  if (final === undefined) {
    const sentence = `${who} does not answer within ${ANSWER_MS / 1000} s`
    return { ...about, code: 'no-answer', sentence }
  }
  if (final.status >= 300) {
    const sentence = `${who} is rejected with ${statusLine(final)}`
    return challengeTrouble(final) ?? { ...about, code: `rejected-${final.status}`, certain: true, sentence }
  }
  const unusable = descriptionTrouble(call)
  if (unusable) return unusable
  if (await call.media?.receives(FIRST_PACKET_MS)) return undefined
  // An echo test says nothing before it hears something, and a DTMF test may wait for digits.
  if (service.need === 'echo' || service.need === 'dtmf-test') return undefined
  return { cause: 'announcement-silent', code: 'no-audio', sentence: `${who} answers and sends no audio` }
}

async function echoes(
  alice: Device,
  call: OutgoingCall,
  { name, number }: Service,
  { clock }: Tools,
): Promise<Trouble | undefined> {
  const { media } = call
  if (!media) return undefined
  const heard = await echoAt(alice, media, clock, ECHO_MS)
  if (heard.recognised) return undefined
  const packets = media.report().received.packets
  const [code, what] =
    packets === 0
      ? (['no-audio', 'sends no audio'] as const)
      : (['no-echo', `sends ${packets} packets, but not what the caller says`] as const)
  const sentence = `The ${name} (${number}) answers and ${what}`
  return { code, cause: 'service-not-reachable', sentence, ...(heard.unrecognised ? { heard } : {}) }
}

/** When the caller's own voice came back first: recognised about a second later. */
function firstEchoAt(alice: Device, call: OutgoingCall): number {
  const own = call.media?.report().heard.find(({ patternId }) => patternId === call.media?.patternId)
  const recognisedAt = own?.firstAt ?? 0
  const firstAt = alice.packets.find(({ direction, kind }) => direction === 'in' && kind === 'rtp')?.at ?? recognisedAt
  return Math.max(firstAt, recognisedAt - RECOGNISED_AFTER_MS)
}

const RECOGNISED_AFTER_MS = 1_050

async function delayOf(call: OutgoingCall, { clock }: Tools): Promise<number> {
  const { media } = call
  if (!media) return 0
  media.muted = true
  const mutedAt = clock.now()
  const lastAt = () => media.report().heard.find(({ patternId }) => patternId === media.patternId)?.lastAt ?? mutedAt
  while (clock.now() - Math.max(lastAt(), mutedAt) < SILENT_MS && clock.now() - mutedAt < LONGEST_DELAY_MS)
    await clock.sleep(SILENT_MS / 3)
  return Math.max(0, Math.round(lastAt() - mutedAt))
}
