/** Who belongs to the target, so that scanners from the Internet are not taken for it. */
import type { SipRequest } from '../../message/message.js'
import { parseUri } from '../../message/uri.js'
import type { PublishedList } from '../../target/published-list.js'
import type { Endpoint } from '../../transport/network.js'
import { quietly } from '../reading.js'
import { BoundedMap } from './bounded-map.js'

export class Peers {
  readonly #published: PublishedList | undefined
  /** Addresses that our devices sent requests to. */
  readonly #addresses: BoundedMap<string, true>
  /** Contacts of our devices, and the users in them. */
  readonly #contacts: BoundedMap<string, true>
  readonly #users: BoundedMap<string, true>

  constructor(limit: number, published: PublishedList | undefined) {
    this.#published = published
    this.#addresses = new BoundedMap(limit)
    this.#contacts = new BoundedMap(limit)
    this.#users = new BoundedMap(limit)
  }

  /** A request of one of our devices. */
  learn(request: SipRequest, remote: Endpoint): void {
    this.#addresses.set(remote.address, true)
    const { method } = request
    if (method !== 'REGISTER' && method !== 'INVITE') return
    const value = request.headers.get('contact')
    if (value === undefined || this.#contacts.has(value)) return
    this.#contacts.set(value, true)
    const contacts = quietly(() => request.contacts())
    if (contacts === undefined || contacts === '*') return
    for (const { uri } of contacts) {
      const user = quietly(() => parseUri(uri).user)
      if (user !== undefined && user !== '') this.#users.set(user, true)
    }
  }

  /** Did we send something there, or does the target's list name it? */
  has(remote: Endpoint): boolean {
    return (
      this.#addresses.has(remote.address) || this.#published?.isPublished(remote.address, remote.port, 'udp') === true
    )
  }

  /** Whoever asks for the user of a Contact of ours knows it from us. */
  asksForUs(request: SipRequest): boolean {
    const user = quietly(() => parseUri(request.uri).user)
    return user !== undefined && this.#users.has(user)
  }
}
