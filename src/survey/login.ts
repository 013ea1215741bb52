/** Vital signs: accounts can log in (each tried once), and registering works over every transport and address family. */
import type { Exchange } from '../agent/exchange.js'
import type { RegisterOutcome } from '../agent/registration.js'
import { chooseChallenge, parseChallenges } from '../message/digest.js'
import type { SipResponse } from '../message/message.js'
import type { Device } from '../scenario/device.js'
import { must, type Rules } from '../scenario/rule.js'
import type { StageTools } from '../scenario/stage.js'
import type { Variant } from '../scenario/variant.js'
import { NetworkError } from '../transport/network.js'
import { statusLine } from './call-trouble.js'
import type { SignStory, SignText } from './sign.js'
import { connectionTrouble, type Trouble, type TroubleCode, wordsFor } from './trouble.js'

/** Four transmissions at T1 = 500 ms. */
const ANSWER_MS = 4_000
/** Challenge and answer, with what a telephone takes between them: a server that needs 3 s for each is slow, not out. */
const REGISTER_MS = 2 * ANSWER_MS + 1_000
/** A nonce may have gone stale between question and answer, once. */
const MOST_STALE = 1

/**
 * How an account is tried. `query`: REGISTER without Contact, which leaves nothing behind and shows bindings of others;
 * `contact`: a registration that is taken back, where the registrar does not serve queries.
 */
export type LoginBy = 'query' | 'contact'

/** What came of one log-in. `sent`: credentials went out, so that it must not be tried again. */
export interface LoginOutcome {
  readonly trouble: Trouble | undefined
  readonly sent: boolean
  /** True where REGISTER without Contact is not served, or asks for no password: it has to be tried with a Contact. */
  readonly queryRefused?: boolean
}

const ACCOUNT_RULES = {
  accepted: must('RFC 3261 §22.2', 'an account can log in with the password of the target file', { gravity: 'outage' }),
}

export const ACCOUNT: SignText = {
  id: 'survey/account',
  title: 'The account can log in',
  harm: 'The telephone with this account cannot register, call or be called.',
  advice:
    'Check user, authUser and password in the target file (or the environment variables that it names), and whether the account is blocked at the provider. It is not tried again in this run.',
  step: 'register',
}

export const REGISTER_RULES = {
  registers: must('RFC 3261 §10.3', 'a device can register', { gravity: 'outage' }),
}

export const REGISTER_EXPECTS = { registers: `REGISTER accepted (200) within ${REGISTER_MS / 1000} s` }

export const LOGIN: SignText = {
  id: 'survey/login',
  title: 'Devices can register',
  harm: 'Telephones cannot register: they can neither call nor be called.',
  advice: 'Compare what the server’s log says of the REGISTER with the one on another transport.',
  provider: ['EP-1', 'EP-2'],
  step: 'register',
}

/** Logs one account in, once; `tell` gets what came of it. */
export function accountStory(
  by: LoginBy,
  tell: (outcome: LoginOutcome) => void,
): SignStory<typeof ACCOUNT_RULES, { phone: object }> {
  return {
    signs: [{ ...ACCOUNT, rules: ['accepted'] }],
    rules: ACCOUNT_RULES,
    expects: { accepted: `log-in accepted (200) within ${ANSWER_MS / 1000} s` },
    devices: { phone: { audio: false } },
    seconds: 3 * (ANSWER_MS / 1000),
    async run(stage, judge) {
      const outcome = await logsIn(stage.phone, by, stage)
      tell(outcome)
      judge('accepted', outcome.trouble)
    },
  }
}

type Tools = Pick<StageTools<typeof ACCOUNT_RULES>, 'variant' | 'within' | 'random'>

/** By hand, so that the password is sent once, whatever the server makes of it. */
async function logsIn(phone: Device, by: LoginBy, { variant, within, random }: Tools): Promise<LoginOutcome> {
  const { user } = phone.account
  const callId = random.token(26)
  const contacts = by === 'contact' ? [`<${phone.contactUri}>`] : []
  let cseq = 0
  const ask = (o: Parameters<Device['asksRegistrar']>[0] = {}) => {
    const about = { contacts, callId, cseq: ++cseq, authenticate: false, ...(by === 'contact' ? { expires: 600 } : {}) }
    return within(phone.asksRegistrar({ ...about, ...o }), ANSWER_MS)
  }
  const unsent = (trouble: Trouble | undefined, more: Partial<LoginOutcome> = {}) => ({ trouble, sent: false, ...more })
  const sent = (trouble?: Trouble) => ({ trouble, sent: true })

  const first = await ask()
  if (!first?.final) return unsent(silence(first, { user, variant, what: 'REGISTER' }))
  let challenge = first.final
  if (!isChallenge(challenge)) {
    // An answer to a query that asks for no password says nothing of it.
    const isNoQuery = by === 'query' && ![403, 404].includes(challenge.status)
    if (isNoQuery) return unsent(undefined, { queryRefused: true })
    return challenge.status < 300 ? sent() : unsent(refusedUnasked(challenge, { user, variant }))
  }
  const realm = realmOf(challenge)
  const [request] = first.requests
  for (let tries = 0; ; tries++) {
    if (request === undefined || chooseChallenge(challengesOf(challenge)) === undefined)
      return { trouble: noAlgorithm(challenge, user), sent: tries > 0 }
    const answer = await ask({ headers: phone.credentialsFor(request, challenge) })
    const final = answer?.final
    if (!final) return sent(silence(answer, { user, variant, what: 'REGISTER with the answer to its challenge' }))
    if (final.status < 300) {
      if (by === 'contact') await ask({ expires: 0, authenticate: true })
      return sent()
    }
    // The password was taken, but the question is not served; 403 is about the account.
    if (!isChallenge(final))
      return { ...sent(refusedAfter(final, user)), queryRefused: by === 'query' && final.status !== 403 }
    const isStale = challengesOf(final).some((one) => one.stale)
    if (isStale && tries < MOST_STALE) {
      challenge = final
      continue
    }
    if (realmOf(final) === realm) return sent(challengedAgain(final, user))
    // Another realm: either each challenge has one of its own, or two servers on the way want a log-in each.
    const again = await ask()
    if (again?.final && isChallenge(again.final) && realmOf(again.final) !== realm)
      return sent(realmChanges(user, [realm, realmOf(final)]))
    const both = await ask({ authenticate: true })
    if (both?.final && both.final.status < 300) return sent()
    return sent(challengedAgain(final, user))
  }
}

export type TellRegistered = (outcome: RegisterOutcome) => void

/** Where no calls are made, registers one device. */
export function registerStory(tell: TellRegistered): SignStory<typeof REGISTER_RULES, { phone: object }> {
  return {
    signs: [{ ...LOGIN, rules: ['registers'] }],
    rules: REGISTER_RULES,
    expects: REGISTER_EXPECTS,
    devices: { phone: { audio: false } },
    seconds: REGISTER_MS / 1000,
    async run(stage, judge) {
      judge('registers', await registers(stage.phone, stage, tell))
    },
  }
}

/** Registers with an account that can log in; `tell` gets what came of it. */
export async function registers(
  phone: Device,
  { within, variant }: Pick<StageTools<Rules>, 'within' | 'variant'>,
  tell: TellRegistered,
): Promise<Trouble | undefined> {
  const outcome = await within(phone.asksToRegister(), REGISTER_MS)
  if (outcome?.ok) tell(outcome)
  return outcome?.ok ? undefined : notRegistered(outcome, variant)
}

/** The shortest interval that the registrar grants, where it tells. */
export async function shortestInterval(
  phone: Device,
  { within }: Pick<StageTools<Rules>, 'within'>,
): Promise<number | undefined> {
  // A contact of its own, so that the phone's binding stays as it is.
  const contacts = [`<${phone.contactAs('brief')}>`]
  const answer = await within(phone.asksRegistrar({ contacts, expires: BRIEF_S, obeysMinimum: false }), ANSWER_MS)
  if (answer?.status === 200) await within(phone.asksRegistrar({ contacts, expires: 0 }), ANSWER_MS)
  return minimumOf(answer?.final)
}

/** Shorter than any registrar is known to grant; kept registered if one does, for as long as it takes to take it back. */
const BRIEF_S = 10

/** The shortest interval: what a 423 says, or what was granted. */
function minimumOf(answer: SipResponse | undefined): number | undefined {
  if (answer?.status === 423) return wholeNumber(answer.headers.get('Min-Expires'))
  if (answer?.status !== 200) return undefined
  const own = /<[^>]*brief@[^>]*>[^,]*;\s*expires=(\d+)/i.exec(answer.headers.all('Contact').join(','))?.[1]
  return wholeNumber(own ?? answer.headers.get('Expires'))
}

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined

// --- what answers mean ----------------------------------------------------------------------------------------------

const isChallenge = ({ status }: SipResponse): boolean => status === 401 || status === 407

const challengesOf = (response: SipResponse) =>
  parseChallenges([...response.headers.all('WWW-Authenticate'), ...response.headers.all('Proxy-Authenticate')])

const realmOf = (response: SipResponse): string => challengesOf(response)[0]?.realm ?? ''

const refused = (user: string, code: TroubleCode, why: string): Trouble => ({
  code,
  sentence: `Account ${user} cannot log in: ${why}`,
  why,
  cause: 'account-refused',
  certain: code !== 'no-answer',
})

function silence(
  exchange: Exchange | undefined,
  { user, variant, what }: { readonly user: string; readonly variant: Variant; readonly what: string },
): Trouble {
  if (exchange?.error instanceof NetworkError)
    return refused(user, 'no-answer', connectionTrouble(exchange.error, variant, 'the server').sentence)

  return refused(user, 'no-answer', `${what} over ${wordsFor(variant)} gets no answer`)
}

function refusedUnasked(answer: SipResponse, { user, variant }: { readonly user: string; readonly variant: Variant }) {
  const { status } = answer
  const code = status === 404 ? 'unknown-account' : status === 403 ? 'not-allowed-here' : rejected(status)
  const meaning =
    status === 404
      ? 'the server does not know the account'
      : status < 400
        ? redirectedTo(answer)
        : status >= 500
          ? 'without asking for a password: the registrar cannot serve anybody now, or what it relies on is away'
          : 'without asking for a password: the account, this address or this transport is not allowed'
  return refused(user, code, `on ${wordsFor(variant)} REGISTER is rejected with ${statusLine(answer)}, ${meaning}`)
}

function refusedAfter(answer: SipResponse, user: string): Trouble {
  const { status } = answer
  const [code, meaning] =
    status === 404
      ? (['unknown-account', 'the server does not know the account'] as const)
      : status === 403
        ? (['forbidden', 'the password or authUser is wrong, or the account is blocked'] as const)
        : ([rejected(status), status < 400 ? redirectedTo(answer) : 'though the challenge was answered'] as const)
  return refused(user, code, `REGISTER is rejected with ${statusLine(answer)}, ${meaning}`)
}

const challengedAgain = (answer: SipResponse, user: string): Trouble =>
  refused(
    user,
    'wrong-password',
    `wrong password or authUser, or unknown account (the challenge was answered, and the answer refused with another ${answer.status})`,
  )

const realmChanges = (user: string, [first, second]: readonly [string, string]): Trouble =>
  refused(
    user,
    'realm-changes',
    `the realm changes with each challenge, so that no answer fits (asked for "${first}" and answered; asked for "${second}" next)`,
  )

function noAlgorithm(answer: SipResponse, user: string): Trouble {
  const offered = challengesOf(answer).map(({ scheme, algorithm }) =>
    scheme === 'Digest' ? (algorithm ?? 'MD5') : scheme,
  )
  const what = offered.length === 0 ? 'the challenge cannot be read' : `the server asks for ${offered.join(', ')} only`
  return refused(user, 'no-common-algorithm', `no log-in algorithm in common, ${what}`)
}

/** A telephone follows (RFC 3261 §8.1.3.4); what is tested is what the target file names. */
function redirectedTo({ headers }: SipResponse): string {
  const contact = headers.get('Contact')
  if (contact === undefined) return 'a redirection that names no other server'
  return `the registrar redirects to ${clipped(contact)}; ringproof goes only where the target file leads: name that server there if it is the provider’s`
}

const clipped = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)} …` : text)

const rejected = (status: number): TroubleCode => `rejected-${status}`

function notRegistered(outcome: RegisterOutcome | undefined, variant: Variant): Trouble {
  const about = { cause: 'login-refused', certain: outcome?.exchange.final !== undefined } as const
  const final = outcome?.exchange.final
  const start = 'Devices cannot register, though the account can log in'
  if (final === undefined) {
    const error = outcome?.exchange.error
    const why =
      error instanceof NetworkError ? connectionTrouble(error, variant, 'the server').sentence : 'no answer to REGISTER'
    return { ...about, code: 'no-answer', sentence: `${start}: ${why}` }
  }
  const code = final.status === 403 ? 'not-allowed-here' : rejected(final.status)
  const where = final.status < 400 ? `, ${redirectedTo(final)}` : ''
  return { ...about, code, sentence: `${start}: ${statusLine(final)}${where}` }
}
