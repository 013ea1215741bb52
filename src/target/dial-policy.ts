/** What may be dialled on a target. */
import { forbidden } from './forbidden-numbers.js'
import { isLoopbackHost, parseIp } from './ip-address.js'
import { PublishedList } from './published-list.js'
import type { TargetDocument } from './target-schema.js'

/** Whether a destination may be dialled, and why. */
export type DialDecision =
  | { readonly allowed: true; readonly as: 'account' | 'service' | 'mayDial' | 'nobody' }
  | {
      readonly allowed: false
      readonly because: 'emergency' | 'premium' | 'elsewhere' | 'not-listed' | 'unreadable'
      /** One sentence for the report: what was refused and what to do. */
      readonly reason: string
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
  readonly #patterns: { readonly pattern: RegExp; readonly as: 'account' | 'service' | 'mayDial' }[] = []
  readonly #hosts: ReadonlySet<string>
  readonly #published: PublishedList

  constructor(target: Pick<TargetDocument, 'accounts' | 'services' | 'limits' | 'domain' | 'endpoints' | 'published'>) {
    for (const account of target.accounts) {
      for (const number of [account.user, account.authUser ?? account.user, ...account.numbers])
        this.#exact.set(dialledForm(number), 'account')

      // Behind a trunk the extensions follow the number (BH-12).
      if (account.roles.includes('trunk')) {
        for (const number of account.numbers)
          this.#patterns.push({ pattern: new RegExp(`^${escaped(dialledForm(number))}\\d{1,6}$`), as: 'account' })
      }
    }
    const { echo, dtmfTest, mailbox, diversionTo, queue, codes } = target.services
    for (const number of [echo, dtmfTest, mailbox?.internal, mailbox?.external, diversionTo, queue])
      if (number !== undefined) this.#exact.set(dialledForm(number), 'service')

    for (const code of Object.values(codes)) {
      if (code === undefined) continue
      const pattern = escaped(dialledForm(code)).replace('HHMM', String.raw`(?:[01]\d|2[0-3])[0-5]\d`)
      this.#patterns.push({ pattern: new RegExp(`^${pattern}$`), as: 'service' })
    }
    for (const pattern of target.limits.mayDial)
      this.#patterns.push({ pattern: new RegExp(pattern, 'u'), as: 'mayDial' })

    const { udp, tcp, tls } = target.endpoints
    const hosts = [target.domain, udp?.host, tcp?.host, tls?.host, tls?.domain]
    this.#hosts = new Set(hosts.flatMap((host) => (host === undefined ? [] : [hostForm(host)])))
    this.#published = new PublishedList(target)
  }

  /** Decides about a number (`0211-23706687`), a user name, or a SIP, SIPS or tel URI, in angle brackets or not. */
  decide(destination: string): DialDecision {
    const { user, host } = parts(destination)
    const number = dialledForm(user)
    const shown = `'${destination}'`
    if (number === '' || !/^[\u0021-\u007e]+$/.test(number) || number.includes('%'))
      return refusal('unreadable', `${shown} was not dialled: no number or user name can be read from it`)

    if (/^(?:sos$|urn:service:sos)/i.test(number)) return emergency(shown)
    const kind = forbidden(number)
    if (kind === 'emergency') return emergency(shown)
    if (kind === 'premium')
      return refusal('premium', `${shown} was not dialled: it is, or looks like, a premium-rate number`)

    const reserved = host !== undefined && /(?:^|\.)invalid\.?$/i.test(host)
    if (host !== undefined && !reserved && !this.#isOwnHost(host))
      return refusal('elsewhere', `${shown} was not dialled: ${host} is not a host of this target`)

    const exact = this.#exact.get(number)
    if (exact !== undefined) return { allowed: true, as: exact }
    const match = this.#patterns.find(({ pattern }) => pattern.test(number))
    if (match !== undefined) return { allowed: true, as: match.as }
    if (number.startsWith(dialledForm(nobodyPrefix)) || (reserved && /^[a-z]/i.test(number)))
      return { allowed: true, as: 'nobody' }
    return refusal(
      'not-listed',
      `${shown} was not dialled: it is not a number or code in the target file; to allow it, add it to limits.mayDial`,
    )
  }

  #isOwnHost(host: string): boolean {
    return (
      this.#hosts.has(hostForm(host)) ||
      isLoopbackHost(host) ||
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

/** Splits a URI, or a bare number, into the part that is dialled and the host. */
function parts(destination: string): { user: string; host: string | undefined } {
  const inner = /<([^>]*)>/.exec(destination)?.[1] ?? destination
  const uri = decoded(inner).trim()
  if (/^urn:/i.test(uri)) return { user: uri, host: undefined }
  const rest = uri.replace(/^(?:sips?|tel):/i, '')
  const at = rest.lastIndexOf('@')
  if (at < 0) {
    // `sip:110` is a host by the grammar, but may be meant, and taken, as a number.
    return { user: rest.replace(/[;:?].*$/, ''), host: undefined }
  }
  const user = rest.slice(0, at).replace(/[;:].*$/, '')
  const host = rest.slice(at + 1).replace(/[;?>].*$/, '')
  const bare = /^\[([^\]]*)\]/.exec(host)?.[1] ?? host.replace(/:\d*$/, '')
  return { user, host: bare }
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
    const next = current.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
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
