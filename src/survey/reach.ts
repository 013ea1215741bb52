/** Vital sign: the server answers over a transport and address family. Nothing is dialled, nobody logs in. */
import type { Exchange } from '../agent/exchange.js'
import type { VitalSign } from '../result/survey-result.js'
import type { Device } from '../scenario/device.js'
import { must } from '../scenario/rule.js'
import { FAMILIES, type Target, TRANSPORTS } from '../scenario/target.js'
import type { Variant } from '../scenario/variant.js'
import type { Hop } from '../transport/flow.js'
import { isNumericAddress, NetworkError, type TlsVersion } from '../transport/network.js'
import { unanswered } from './silence.js'
import { signWithoutStory, type SignStory, type SignText } from './sign.js'
import { connectionTrouble, placeOf, type Trouble } from './trouble.js'

/** A connection that takes longer is none: telephones give up, too. */
const CONNECT_MS = 4_000
/** Three repeats at T1 = 500 ms: what does not answer by then is not there. */
const ANSWER_MS = 4_600
/** Some servers drop OPTIONS unseen: after so long a REGISTER without Contact, which changes nothing (RFC 3261 §10.2.3), goes too. */
const SECOND_QUESTION_MS = 1_100
/** Further questions, for the round trip. */
const PINGS = 2
const PING_MS = 1_000

const RULES = {
  answers: must('RFC 3261 §18.2.1', 'the server answers where customers are told to find it', { gravity: 'outage' }),
  everyAddress: {
    ...must('RFC 3261 §18.2.1', 'every address that DNS gives for the server answers', { gravity: 'outage' }),
    optional: true,
  },
}

/** By the time at which a connection or an answer is given up. */
const EXPECTS = {
  answers: `a connection within ${CONNECT_MS / 1000} s where one is needed, and an answer to OPTIONS or REGISTER within ${ANSWER_MS / 1000} s`,
  everyAddress: 'an answer from each address',
}

/** Where it comes to no question. */
const EXPECTED_ADDRESS = 'an address of the server that can be reached from here'

export const REACH: SignText = {
  id: 'survey/reach',
  title: 'The server answers',
  harm: 'Telephones that use {transport} cannot reach the service: they cannot register, call or be called.',
  advice:
    'Check the server process, its listeners and certificate, the firewall, and the endpoints in the target file. The command ringproof doctor tries the same step by step.',
  provider: ['EP-1', 'EP-2'],
  step: 'register',
}

export const EVERY_ADDRESS: SignText = {
  id: 'survey/every-address',
  title: 'Every address of the server in DNS answers',
  harm: 'Telephones that pick this address cannot register until they try another, and many never do.',
  advice: 'Take the address out of DNS, or bring the server behind it back.',
  provider: ['EP-8'],
  step: 'register',
}

/** Statuses that say that OPTIONS is not known to the server, or not meant for it. */
const NOT_SERVED = [404, 405, 501]

/** What was found besides the sign: the address that answers, where the first one of the name does not. */
export interface Reached {
  server?: string
  /** OPTIONS got an answer that is no refusal of the method. */
  servesOptions?: boolean
}

/** Asks the server of `variant`, and where its name has several addresses each of them. */
export function reachStory(
  variant: Variant,
  target: Target,
  reached: Reached,
): SignStory<typeof RULES, { probe: object }> {
  const host = target.document.endpoints[variant.transport]?.host ?? ''
  return {
    signs: [
      { ...REACH, rules: ['answers'] },
      { ...EVERY_ADDRESS, rules: ['everyAddress'] },
    ],
    rules: RULES,
    expects: EXPECTS,
    devices: { probe: { audio: false } },
    seconds: 12,
    async run(stage, judge) {
      const { probe } = stage
      const hops = target.hops(variant)
      const found = await Promise.all(hops.map(async (hop) => ({ hop, trouble: await ask(stage, hop, host) })))
      const alive = found.find(({ trouble }) => trouble === undefined)
      const dead = found.filter(({ trouble }) => trouble !== undefined)
      if (alive && alive !== found[0]) reached.server = alive.hop.remote.address
      judge('answers', alive ? undefined : found[0]?.trouble)
      if (hops.length > 1 && alive) judge('everyAddress', deadAmong(dead, host))
      if (!alive) return
      for (let i = 0; i < PINGS; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one after another, so that each has the path for itself
        const answer = await stage.within(optionsTo(probe, alive.hop), PING_MS)
        reached.servesOptions = answer?.final !== undefined && !NOT_SERVED.includes(answer.final.status)
        if (!answer?.final) return
      }
    },
  }
}

/** The sign where there is no address to ask. */
export function unresolvedSign(variant: Variant, target: Target): VitalSign | undefined {
  const host = target.document.endpoints[variant.transport]?.host
  // A number of the other family is what the target file says, and nobody's failure.
  if (host === undefined || isNumericAddress(host)) return undefined
  const others = FAMILIES.some((family) => target.hops({ ...variant, family }).length > 0)
  const unknown = `${host} cannot be found: DNS has no address for it, or does not answer`
  return signWithoutStory(
    { ...REACH, rule: RULES.answers, expected: EXPECTED_ADDRESS },
    variant,
    others
      ? noAddress(variant, host)
      : { code: 'name-not-found', sentence: unknown, cause: 'dns-address-missing', certain: true },
  )
}

/** The sign where this machine has no address of the family. */
export function unroutedSign(variant: Variant, hop: Hop): VitalSign {
  const family = variant.family === 'ipv4' ? 'IPv4' : 'IPv6'
  return signWithoutStory({ ...REACH, rule: RULES.answers, expected: EXPECTED_ADDRESS }, variant, {
    code: 'no-local-address',
    sentence: `This machine has no ${family} address from which ${hop.remote.address} could be reached`,
    cause: 'not-reachable',
    ours: true,
  })
}

function noAddress(variant: Variant, host: string): Trouble {
  const record = variant.family === 'ipv4' ? 'IPv4 address (A record)' : 'IPv6 address (AAAA record)'
  return {
    code: 'no-address',
    sentence: `DNS has no ${record} for ${host}`,
    cause: 'dns-address-missing',
    certain: true,
  }
}

/**
 * Where a name has another address that answers, the one that does not is a dead record.
 * @param answering transports and families that were found to answer
 */
export function deadAddressOf(sign: VitalSign, answering: readonly Variant[], target: Target): VitalSign {
  const { transport, family } = sign.variant
  const hostOf = (one: string) =>
    TRANSPORTS.map((t) => (t === one ? target.document.endpoints[t]?.host : undefined)).find((h) => h)
  const host = hostOf(transport)
  const isOfPath = sign.code === 'no-answer' || sign.code === 'refused' || sign.code === 'no-route'
  const alive = answering.find((one) => one.transport === transport && one.family !== family)
  if (sign.id !== REACH.id || !isOfPath || host === undefined || isNumericAddress(host) || !alive) return sign
  const trouble = deadAddress(sign.reason, `the ${alive.family === 'ipv4' ? 'IPv4' : 'IPv6'} address`)
  return {
    ...sign,
    code: trouble.code,
    reason: trouble.sentence,
    checks: sign.checks.map((check) =>
      check.verdict === 'pass'
        ? check
        : { ...check, cause: trouble.cause, actual: trouble.sentence, harm: `${trouble.sentence}. ${sign.harm}` },
    ),
  }
}

function deadAddress(what: string, other: string): Trouble {
  return {
    code: 'dead-address',
    cause: 'dns-dead-record',
    certain: true,
    sentence: `DNS gives an address where nothing answers: ${lowerFirst(what)}; ${other} answers`,
  }
}

function deadAmong(dead: readonly { trouble: Trouble | undefined }[], host: string): Trouble | undefined {
  const first = dead[0]?.trouble
  return first && { ...deadAddress(first.sentence, `another address of ${host}`), certain: first.certain ?? false }
}

const lowerFirst = (text: string): string =>
  /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text

type Stage = Parameters<SignStory<typeof RULES, { probe: object }>['run']>[0]

/** Undefined where the server answers, whatever it answers. */
async function ask(stage: Stage, hop: Hop, host: string): Promise<Trouble | undefined> {
  const { probe, variant, within, clock } = stage
  const where = placeOf(hop, host)
  const failed = async (error: unknown): Promise<Trouble> =>
    error instanceof NetworkError && error.handshake === 'version'
      ? await versionsOf(probe, hop, connectionTrouble(error, variant, where))
      : connectionTrouble(error, variant, where)
  if (variant.transport !== 'udp') {
    const flow = await within(probe.opensFlow(hop), CONNECT_MS).catch((error: unknown) => failed(error))
    if (flow === undefined)
      return connectionTrouble(new NetworkError('timeout', 'no connection in time'), variant, where)
    if ('sentence' in flow) return flow
  }
  const since = clock.now()
  let isOver = false
  const options = optionsTo(probe, hop)
  const register = clock.sleep(SECOND_QUESTION_MS).then(() => (isOver ? undefined : registerTo(probe, hop)))
  const word = await within(firstWord([options, register]), ANSWER_MS)
  isOver = true
  if (word === 'answer') return undefined
  if (word !== undefined) return failed(word)
  return unanswered(stage.record, { where, remote: hop.remote, transport: variant.transport, since })
}

const uriOf = (probe: Device): string => `sip:${probe.aor.split('@').at(-1) ?? ''}`

const optionsTo = (probe: Device, hop: Hop): Promise<Exchange> =>
  probe.sends('OPTIONS', uriOf(probe), { authenticate: false, hop })

const registerTo = (probe: Device, hop: Hop): Promise<Exchange> => probe.asksRegistrar({ authenticate: false, hop })

/** Settles with the first answer, or with what keeps the questions from being sent; never where both meet silence. */
function firstWord(questions: readonly Promise<Exchange | undefined>[]): Promise<'answer' | Error> {
  return new Promise((resolve) => {
    for (const question of questions) {
      question.then(
        (exchange) => {
          if (exchange?.final) resolve('answer')
          else if (exchange?.error instanceof Error) resolve(exchange.error)
        },
        // The look at the target was broken off before the question was sent.
        () => undefined,
      )
    }
  })
}

const OLD_VERSIONS: readonly (readonly [TlsVersion, string])[] = [
  ['TLSv1.1', '1.1'],
  ['TLSv1', '1.0'],
]

/** Which versions a server takes that refuses those of today. */
async function versionsOf(probe: Device, hop: Hop, trouble: Trouble): Promise<Trouble> {
  const taken = await Promise.all(
    OLD_VERSIONS.map(async ([version, name]) => {
      const tls = {
        serverName: hop.serverName ?? hop.remote.address,
        verify: false,
        minVersion: version,
        maxVersion: version,
      }
      const connection = await probe.connects({ remote: hop.remote, tls, timeoutMs: CONNECT_MS }).catch(() => undefined)
      return connection ? name : undefined
    }),
  )
  const offered = taken.filter((name) => name !== undefined).toReversed()
  if (offered.length === 0) return trouble
  const list = offered.join(' and ')
  return {
    ...trouble,
    sentence: `No TLS version in common: the server takes only TLS ${list}, current telephones use 1.2 and 1.3`,
  }
}
