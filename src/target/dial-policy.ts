/** What may be dialled on a target. */
import { compileDialPattern, type DialPattern } from './dial-pattern.js'
import { forbidden } from './forbidden-numbers.js'
import { isLoopbackHost, parseIp } from './ip-address.js'
import { depositNumber } from './mailbox-number.js'
import { formsOf } from './number-forms.js'
import { PublishedList } from './published-list.js'
import type { TargetDocument } from './target-schema.js'

/** What is dialled: the parts that were judged, and no others, ready for a Request-URI. */
export interface Dialled {
  readonly scheme: 'sip' | 'sips'
  /** The user part, escaped where a URI needs it. */
  readonly user: string
  /** Absent: the domain of whoever dials. With its port and transport, where they were given. */
  readonly host?: string
}

/** Whether a destination may be dialled, and why. */
export type DialDecision =
  | {
      readonly allowed: true
      readonly as: 'account' | 'service' | 'mayDial' | 'nobody'
      readonly dialled: Dialled
    }
  | {
      readonly allowed: false
      readonly because: 'emergency' | 'premium' | 'elsewhere' | 'not-listed' | 'unreadable'
      /** One sentence for the report: what was refused and what to do. */
      readonly reason: string
    }

/** The Request-URI of what was allowed. @param domain of the address-of-record, where the destination named none */
export function requestUri({ scheme, user, host }: Dialled, domain: string): string {
  return `${scheme}:${user}@${host ?? domain}`
}

/** Users whose name begins so belong to nobody; scenarios dial them to see how a target refuses. */
export const nobodyPrefix = 'ringproof-nobody'

/**
 * What may be dialled on a target: the numbers and codes that its file names and what `limits.mayDial` matches.
 * Emergency and premium numbers never, in whatever spelling. Everything that sends an INVITE, a REFER or a diversion
 * code asks here first, with the number or the URI that it is about to use.
 */
export class DialPolicy {
  readonly #exact = new Map<string, 'account' | 'service'>()
  readonly #patterns: { readonly pattern: DialPattern; readonly as: 'account' | 'service' | 'mayDial' }[] = []
  readonly #extensions: Extensions
  readonly #hosts: ReadonlySet<string>
  readonly #published: PublishedList
  /** Whether the target is on this machine. */
  readonly #isLocal: boolean

  constructor(target: Pick<TargetDocument, 'accounts' | 'services' | 'limits' | 'domain' | 'endpoints' | 'published'>) {
    const { countryCode } = target.services
    this.#extensions = extensionsOf(target)
    const allForms = (number: string) => (countryCode === undefined ? [number] : formsOf(number, countryCode))
    for (const account of target.accounts) {
      for (const number of [account.user, account.authUser ?? account.user, ...account.numbers])
        for (const form of allForms(number)) this.#exact.set(dialledForm(form), 'account')

      // Behind a trunk the extensions follow the number (BH-12).
      if (account.roles.includes('trunk')) {
        for (const number of account.numbers)
          this.#patterns.push({ pattern: new RegExp(`^${escaped(dialledForm(number))}\\d{1,6}$`), as: 'account' })
      }
    }
    const { echo, dtmfTest, mailbox, diversionTo, queue, codes } = target.services
    for (const number of [echo, dtmfTest, mailbox?.internal, mailbox?.external, diversionTo, queue])
      if (number !== undefined) this.#exact.set(dialledForm(number), 'service')

    const { deposit } = mailbox ?? {}
    if (deposit !== undefined)
      for (const account of target.accounts) this.#exact.set(dialledForm(depositNumber(deposit, account)), 'service')

    for (const code of Object.values(codes)) {
      if (code === undefined) continue
      const pattern = escaped(dialledForm(code)).replace('HHMM', String.raw`(?:[01]\d|2[0-3])[0-5]\d`)
      this.#patterns.push({ pattern: new RegExp(`^${pattern}$`), as: 'service' })
    }
    for (const pattern of target.limits.mayDial)
      this.#patterns.push({ pattern: compileDialPattern(pattern), as: 'mayDial' })

    const { udp, tcp, tls } = target.endpoints
    const hosts = [target.domain, udp?.host, tcp?.host, tls?.host, tls?.domain]
    this.#isLocal = [udp?.host, tcp?.host, tls?.host, target.domain].some(
      (host) => host !== undefined && isLoopbackHost(host),
    )
    this.#hosts = new Set(hosts.flatMap((host) => (host === undefined ? [] : [hostForm(host)])))
    this.#published = new PublishedList(target)
  }

  /**
   * Decides about a number (`0211-23706687`), a user name, or a SIP, SIPS or tel URI, in angle brackets or not. What is
   * dialled afterwards is `dialled` of the answer, never the text that was asked about.
   */
  decide(destination: string): DialDecision {
    const shown = `'${destination.length > LONGEST ? `${destination.slice(0, LONGEST)}…` : destination}'`
    const unreadable = (what: string) => refusal('unreadable', `${shown} was not dialled: ${what}`)
    const text = withoutBrackets(destination)
    if (text === undefined) return unreadable('it is neither a number nor one URI')
    const { user, host, extra } = parts(text)
    const number = dialledForm(user)
    if (number === '' || number.length > LONGEST || !/^[\u0021-\u007e]+$/.test(number) || number.includes('%'))
      return unreadable('no number or user name can be read from it')

    if (isEmergencyService(user)) return emergency(shown)
    const found = forbidden(number)
    const exact = this.#exact.get(number)
    // What the file names as an extension of its own is one, whatever switches elsewhere would make of it.
    const isExtension =
      found?.unless === 'named'
        ? exact !== undefined
        : found?.unless === 'account' && this.#extensions.get(number) === 'account'
    if (found !== undefined && !isExtension) {
      return found.kind === 'emergency'
        ? emergency(shown)
        : refusal('premium', `${shown} was not dialled: it is, or looks like, a premium-rate number`)
    }
    if (extra !== undefined) return unreadable(`'${extra}' could lead the call elsewhere; give number and host only`)
    const reserved = host !== undefined && /(?:^|\.)invalid\.?$/i.test(host)
    if (host !== undefined && !reserved && !this.#isOwnHost(host))
      return refusal('elsewhere', `${shown} was not dialled: ${host} is not a host of this target`)

    const allow = (as: (DialDecision & { allowed: true })['as']): DialDecision => {
      const dialled = dialledParts(text, user)
      return dialled === undefined
        ? unreadable('no number or user name can be read from it')
        : { allowed: true, as, dialled }
    }
    if (exact !== undefined) return allow(exact)
    const match = this.#patterns.find(({ pattern }) => pattern.test(number))
    if (match !== undefined) return allow(match.as)
    if (number.startsWith(dialledForm(nobodyPrefix)) || (reserved && /^[a-z]/i.test(number))) return allow('nobody')
    return refusal(
      'not-listed',
      `${shown} was not dialled: it is not a number or code in the target file; to allow it, add it to limits.mayDial`,
    )
  }

  #isOwnHost(host: string): boolean {
    return (
      this.#hosts.has(hostForm(host)) ||
      (this.#isLocal && isLoopbackHost(host)) ||
      this.#published.isPublished(host, 5060, 'udp') ||
      this.#published.isPublished(host, 5061, 'tcp')
    )
  }
}

function emergency(shown: string): DialDecision {
  return refusal(
    'emergency',
    `${shown} was not dialled: it is, or looks like, an emergency or helpline number; no setting allows these`,
  )
}

function refusal(because: (DialDecision & { allowed: false })['because'], reason: string): DialDecision {
  return { allowed: false, because, reason }
}

/** Longer numbers and names are not dialled. */
const LONGEST = 128

/** RFC 5031 §4.2: services of emergency, also where the URN stands in a SIP URI. */
const isEmergencyService = (user: string): boolean => /^(?:urn:service:)?sos(?:\.|$)/i.test(user)

/**
 * Whether calls to this Request-URI would reach an emergency or premium service: held against all that leaves.
 * @param extensions those that the target file names
 */
export function isForbiddenUri(uri: string, extensions?: Extensions): boolean {
  const { user } = parts(uri.replace(/[<>"]/g, ''))
  const number = dialledForm(user)
  if (isEmergencyService(user)) return true
  const unless = forbidden(number)?.unless
  const named = extensions?.get(number)
  if (unless === 'account') return named !== 'account'
  // Contacts of servers may begin with any digit, and lead back into the call.
  return unless === 'nothing' || (unless === 'named' && /^[09]/.test(number) && named === undefined)
}

/** Extensions that a target file names, as they are dialled. */
export function extensionsOf({ accounts, services }: Pick<TargetDocument, 'accounts' | 'services'>): Extensions {
  const { echo, dtmfTest, mailbox, diversionTo, queue } = services
  const served = [echo, dtmfTest, mailbox?.internal, mailbox?.external, diversionTo, queue]
  const called = accounts.flatMap(({ user, numbers }) => [user, ...numbers])
  const named = (numbers: readonly (string | undefined)[], as: 'account' | 'service') =>
    numbers.flatMap((number) => {
      const dialled = dialledForm(number ?? '')
      return dialled === '' ? [] : [[dialled, as] as const]
    })
  return new Map([...named(served, 'service'), ...named(called, 'account')])
}

export type Extensions = ReadonlyMap<string, 'account' | 'service'>

const displayed = /^(?:"(?:[^"\\]|\\.)*"|[\w .!%*+`'~-]*)\s*<([^<>]*)>(?:;[^<>]*)?$/

/** The URI or number itself; undefined where brackets and quotes stand in other places than around one URI. */
function withoutBrackets(destination: string): string | undefined {
  const text = destination.trim()
  const inner = displayed.exec(text)?.[1] ?? text
  return /[<>"]/.test(decoded(inner)) ? undefined : inner.trim()
}

interface Parts {
  readonly user: string
  readonly host: string | undefined
  /** A parameter or header that would send the call elsewhere. */
  readonly extra: string | undefined
}

/** Splits a URI, or a bare number, into the part that is dialled and the host. */
function parts(destination: string): Parts {
  const uri = decoded(destination).trim()
  if (/^urn:/i.test(uri)) return { user: uri, host: undefined, extra: undefined }
  const rest = uri.replace(/^(?:sips?|tel):/i, '')
  const at = rest.lastIndexOf('@')
  if (at < 0) {
    // `sip:110` is a host by the grammar, but may be meant, and taken, as a number.
    return { user: rest.replace(/[;:?].*$/, ''), host: undefined, extra: /[;?](?!user=|isub=).*$/.exec(rest)?.[0] }
  }
  const user = rest.slice(0, at).replace(/[;:].*$/, '')
  const [, host = '', port = '', tail = ''] = /^(\[[^\]]*\]|[^:;?]*)(:\d*)?(.*)$/s.exec(rest.slice(at + 1)) ?? []
  const extra = /^(?:;transport=(?:udp|tcp|tls)|;user=(?:phone|ip))*$/i.test(tail) ? undefined : tail
  return { user, host: host.replace(/^\[|\]$/g, ''), extra: port.length > 6 ? port : extra }
}

/** What was judged, for the wire. The spelling of the user part stays where it is a plain one (`%2A01` for `*01`). */
function dialledParts(text: string, user: string): Dialled | undefined {
  const plain = decoded(text).trim()
  const scheme = /^sips:/i.test(plain) ? 'sips' : 'sip'
  const [, written = ''] = /^(?:sips?:|tel:)?([^@;:?]*)/i.exec(text) ?? []
  const isPlain = /^(?:[\w.!~*'()&=+$,/-]|%[0-9a-f]{2})+$/i.test(written) && unescapedOnce(written) === user
  const part = isPlain
    ? written
    : escapedUser(
        user
          .normalize('NFKC')
          .replace(/[\s\p{Cf}]/gu, '')
          .replace(/\p{Pd}/gu, '-'),
      )
  if (part === undefined) return undefined
  const host = /@([^@;?]*)(?:;user=\w+)*(;transport=\w+)?/i.exec(plain)
  return { scheme, user: part, ...(host === null ? {} : { host: `${host[1] ?? ''}${host[2] ?? ''}` }) }
}

/** RFC 3261 §25.1: what may not stand in a user part travels as %HH. Undefined for what is no ASCII. */
function escapedUser(user: string): string | undefined {
  if (!/^[\u0021-\u007e]+$/.test(user)) return undefined
  return user.replace(/[^\w.!~*'()&=+$,/-]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescapedOnce(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The form in which numbers are compared: decoded, without separators, letters and digits of other widths made plain. */
function dialledForm(number: string): string {
  return decoded(number)
    .normalize('NFKC')
    .replace(/[\s\p{Cf}\p{Pd}()/.]/gu, '')
}

/** Undoes %-escapes, also where they were applied more than once. */
function decoded(text: string): string {
  let current = text
  for (let round = 0; round < 8; round++) {
    const next = unescapedOnce(current)
    if (next === current) break
    current = next
  }
  return current
}

function hostForm(host: string): string {
  const ip = parseIp(host)
  return ip === undefined ? host.toLowerCase().replace(/\.$/, '') : `${ip.family} ${ip.value}`
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
