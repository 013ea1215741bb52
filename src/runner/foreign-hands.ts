/**
 * Somebody else on our accounts (a second ringproof, a desk phone): contacts that this run never sent in the answers to
 * REGISTER, and calls that nobody of ours made. Bindings of an earlier run that was killed look the same.
 */
import type { ScenarioRecord, SipSighting } from '../evidence/record.js'
import type { SipMessage, SipResponse } from '../message/message.js'
import { parseUri } from '../message/uri.js'
import type { AnyScenario } from '../scenario/scenario.js'
import type { Target } from '../scenario/target.js'
import { formatEndpoint } from '../transport/network.js'
import type { ForeignHand } from '../verdict/facts.js'
import type { Lease } from './account-pool.js'

/** A story whose record is looked at while it is told. */
interface Watched {
  readonly definition: Pick<AnyScenario, 'needs' | 'devices'>
  readonly lease: Lease
  readonly target: Target
  /** The moment the run began. */
  readonly startMs: number
}

/** A call rings so long at most after somebody of ours dialled. */
const RINGS_MS = 40_000

export class ForeignHandsWatch {
  readonly #seen = new Map<string, ForeignHand>()
  /** User, host and port of every contact that this run has sent in a REGISTER. */
  readonly #contacts = new Set<string>()
  /** Addresses and ports under which the target has seen this run. */
  readonly #places = new Set<string>()
  /** Users of the accounts for which this run has sent a contact, with how many different ones. */
  readonly #registered = new Map<string, Set<string>>()
  /** Accounts that this run has registered and not taken back: for these the registrar must list a contact. */
  readonly #held = new Set<string>()
  /** Accounts for which it listed none all the same, asked by us. */
  readonly #lost = new Map<string, ForeignHand>()
  /** REGISTER requests by Call-ID and CSeq: what each asked for. */
  readonly #asked = new Map<string, 'bind' | 'unbind' | 'list'>()
  /** Call-IDs of all INVITEs of this run. */
  readonly #dialled = new Set<string>()
  /** Stories in which a call arrived that nobody of ours made. */
  readonly #disturbed = new WeakSet<ScenarioRecord>()
  /** The target has passed one of them on to another device. */
  #passesCallIds = false
  /** Contacts come back as they were sent, so that they can be told from others. */
  #areToldAsSent = false

  /** One for each account, as first seen. */
  get seen(): readonly ForeignHand[] {
    return [...this.#seen.values()]
  }

  /**
   * Who used the account, as far as it can be told. A binding of ours that is gone counts where somebody else was seen on any
   * account: by itself it may as well be the registrar that forgets.
   */
  handOn(account: string): ForeignHand | undefined {
    return this.#seen.get(account) ?? (this.#seen.size > 0 ? this.#lost.get(account) : undefined)
  }

  /** Whether a call of somebody else reached a device of the story: what the target sent for it proves nothing of the target. */
  wasDisturbed(record: ScenarioRecord): boolean {
    return this.#disturbed.has(record)
  }

  /** Looks at everything that will be recorded. */
  over(record: ScenarioRecord, about: Watched): void {
    let dialledAt = Number.NEGATIVE_INFINITY
    record.onMessage((sighting) => {
      const { direction, message, at } = sighting
      const method = methodOf(message)
      if (direction === 'out' && message.kind === 'request') {
        if (method === 'REGISTER') this.#sends(message)
        if (method !== 'INVITE') return
        this.#dialled.add(callIdOf(message))
        dialledAt = at
      } else if (message.kind === 'response') {
        this.#learnPlace(sighting)
        if (method === 'REGISTER' && message.status < 300) this.#compare(message, sighting, about)
      } else if (method === 'INVITE' && isInitial(message)) {
        const isKnown = this.#dialled.has(callIdOf(message))
        this.#passesCallIds ||= isKnown
        // A back-to-back user agent has Call-IDs of its own: there any call that comes after ours may be ours.
        const isOurs = isKnown || (!this.#passesCallIds && at - dialledAt < RINGS_MS)
        // The provider itself calls those who ordered it.
        if (isOurs || expectsCalls(about)) return
        this.#disturbed.add(record)
        this.#note(userOf(about, sighting), 'called', sighting, about)
      }
    })
  }

  #learnPlace({ message }: SipSighting): void {
    const via = quietly(() => message.vias().at(-1))
    if (via === undefined) return
    const address = via.received ?? via.host
    if (typeof via.rport === 'number') this.#places.add(formatEndpoint({ address, port: via.rport }))
  }

  #sends(register: SipMessage): void {
    const user = accountOf(register) ?? ''
    this.#asked.set(keyOf(register), purposeOf(register))
    for (const contact of contactsOf(register)) {
      const name = nameOf(contact)
      this.#contacts.add(name)
      this.#registered.set(user, (this.#registered.get(user) ?? new Set()).add(name))
    }
  }

  #compare(answer: SipResponse, sighting: SipSighting, about: Watched): void {
    const user = accountOf(answer)
    const listed = contactsOf(answer)
    this.#hold(user ?? '', answer, listed.length, sighting, about)
    const others = listed.filter((contact) => !this.#contacts.has(nameOf(contact)))
    this.#areToldAsSent ||= others.length < listed.length
    const strange = others.filter((contact) => !this.#places.has(placeOf(contact) ?? ''))
    const own = this.#registered.get(user ?? '')?.size ?? 0
    // A registrar that rewrites contacts leaves only their number to go by.
    const isForeign = this.#areToldAsSent || own === 0 ? strange.length > 0 : listed.length > own
    if (isForeign) this.#note(user, 'registered', sighting, about, strange[0])
  }

  #hold(user: string, answer: SipResponse, listed: number, { at }: SipSighting, { startMs }: Watched): void {
    const key = keyOf(answer)
    const asked = this.#asked.get(key)
    this.#asked.delete(key)
    if (asked === 'bind') this.#held.add(user)
    else if (asked === 'unbind') this.#held.delete(user)
    else if (asked === 'list' && listed === 0 && this.#held.has(user) && !this.#lost.has(user))
      this.#lost.set(user, { account: user, how: 'displaced', atMs: Math.round(at - startMs) })
  }

  #note(
    account: string | undefined,
    how: ForeignHand['how'],
    { at, remote, message }: SipSighting,
    { startMs, target }: Watched,
    contact = message.kind === 'request' ? quietly(() => message.from.uri) : undefined,
  ): void {
    const isOurs = target.document.accounts.some(({ user }) => user === account)
    if (account === undefined || !isOurs || this.#seen.has(account)) return
    this.#seen.set(account, {
      account,
      how,
      atMs: Math.round(at - startMs),
      contact: contact ?? formatEndpoint(remote),
    })
  }
}

const expectsCalls = ({ definition: { needs = [], devices } }: Watched): boolean =>
  needs.some((need) => need === 'codes:wakeUp' || need === 'queue' || need === 'diversion') ||
  Object.values(devices).some(({ role, isDivertedTo }) => role === 'wake-up' || isDivertedTo)

const userOf = ({ lease }: Watched, { device }: SipSighting): string | undefined => lease.get(device)?.user

function methodOf(message: SipMessage): string | undefined {
  return message.kind === 'request' ? message.method : quietly(() => message.cseq.method)
}

const keyOf = (message: SipMessage): string => `${callIdOf(message)} ${quietly(() => message.cseq.number)}`

/** What a REGISTER asks for: RFC 3261 §10.2. */
function purposeOf(register: SipMessage): 'bind' | 'unbind' | 'list' {
  const contacts = quietly(() => register.contacts())
  if (contacts === '*') return 'unbind'
  if (contacts === undefined || contacts.length === 0) return 'list'
  const whole = register.headers.get('Expires')
  return contacts.every(({ params }) => Number(params.get('expires') ?? whole) === 0) ? 'unbind' : 'bind'
}

const callIdOf = (message: SipMessage): string => message.headers.get('Call-ID') ?? ''

const isInitial = (message: SipMessage): boolean => quietly(() => message.to.tag) === undefined

function contactsOf(message: SipMessage): readonly string[] {
  const contacts = quietly(() => message.contacts())
  return contacts === undefined || contacts === '*' ? [] : contacts.map(({ uri }) => uri)
}

const accountOf = (message: SipMessage): string | undefined => quietly(() => parseUri(message.to.uri).userDecoded)

/** Where a contact leads: address and port. */
function placeOf(contact: string): string | undefined {
  const uri = quietly(() => parseUri(contact))
  return uri && formatEndpoint({ address: uri.host.replace(/^\[|\]$/g, ''), port: uri.port ?? 5060 })
}

/** User, host and port: what a registrar may spell otherwise, or add to, stays out. */
function nameOf(contact: string): string {
  const uri = quietly(() => parseUri(contact))
  if (uri === undefined) return contact
  return `${uri.userDecoded ?? ''}@${uri.host.toLowerCase()}:${uri.port ?? 5060}`
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
