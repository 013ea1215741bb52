/**
 * What the examiner remembers of one run, shared by all checks: mostly what our devices sent, which tells what the target may be
 * blamed for. It is bounded; what was forgotten is not judged.
 */
import type { PublishedList } from '../../target/published-list.js'
import { canonicalAddress, type Endpoint } from '../../transport/network.js'
import type { ExaminerOptions, OwnAccount } from '../types.js'
import { BoundedMap } from './bounded-map.js'
import { Branches } from './branches.js'
import { Calls } from './calls.js'
import { Legs } from './legs.js'
import { Peers } from './peers.js'
import { SentDescriptions } from './sent-descriptions.js'
import { SentMessages } from './sent-messages.js'

/** Calls, transactions, branches, ports: at most twice as many of each are kept. */
const MOST_REMEMBERED = 10_000

export class Memory {
  readonly limit = MOST_REMEMBERED
  readonly published: PublishedList | undefined
  readonly accounts: readonly OwnAccount[]
  readonly timers: { readonly T1: number; readonly T2: number }
  /** There is time for everything: it is not load. */
  readonly isThorough: boolean
  readonly calls: Calls
  readonly sentMessages: SentMessages
  readonly sentDescriptions = new SentDescriptions()
  readonly peers: Peers
  readonly branches: Branches
  readonly legs: Legs
  /** To tags that our devices gave. */
  readonly ownTags: BoundedMap<string, true>
  /** SRTP keys that our devices sent, by fingerprint; true: also in clear. */
  readonly ownKeys: BoundedMap<string, boolean>
  /** Our devices sent requests, or responses, that break the grammar: what comes back may be that. */
  oddRequests = false
  oddResponses = false
  readonly #isOwn: (endpoint: Endpoint) => boolean
  /** `address port` of media that our devices announced. */
  readonly #announced: BoundedMap<string, true>

  constructor(options: ExaminerOptions) {
    const { published, isOwn = () => false, accounts = [], timers = { T1: 500, T2: 4000 } } = options
    const { limit } = this
    this.published = published
    this.accounts = accounts
    this.timers = timers
    this.isThorough = options.depth !== 'load'
    this.#isOwn = isOwn
    this.calls = new Calls(limit, this.isThorough ? limit : limit / 5)
    this.sentMessages = new SentMessages(this.isThorough ? 5_000 : 16)
    this.peers = new Peers(limit, published)
    this.branches = new Branches(limit)
    this.legs = new Legs(limit, this.isThorough)
    this.ownTags = new BoundedMap(limit)
    this.ownKeys = new BoundedMap(limit)
    this.#announced = new BoundedMap(limit)
  }

  /** Is that one of our own sockets? Our devices talk to each other, and scenarios play the stranger. */
  isOwn(endpoint: Endpoint): boolean {
    return this.#isOwn(endpoint)
  }

  /** May media come from there, or go there, as far as the target's list says? */
  isListedRelay({ address, port }: Endpoint): boolean {
    const { published } = this
    return published === undefined || !published.listsRelays || published.isPublished(address, port, 'udp')
  }

  /** One of our devices announced that it takes media there. */
  announce(address: string, port: number): void {
    this.#announced.set(`${canonicalAddress(address)} ${port}`, true)
  }

  wasAnnounced(address: string, port: number): boolean {
    return this.#announced.has(`${canonicalAddress(address)} ${port}`)
  }
}
