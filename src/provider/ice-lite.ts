/** ICE-lite on a relay (RFC 8445 §2.5): the devices check their paths, the relay answers and takes the one that they choose. */
import { answerCheck, type CheckAnswered } from '../nat/ice-check.js'
import type { IceCredentials } from '../sdp/ice.js'
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import type { ProviderContext } from './context.js'
import type { IceRules } from './rules/ice.js'

/** RFC 8839 §5.4: 24 bits at least. */
const UFRAG_LENGTH = 8

export class IceLite {
  readonly own: IceCredentials
  /** Of the device; another one begins anew (RFC 8839 §4.4.1.1.1). */
  readonly theirs: IceCredentials
  /** RTCP shares the port of the audio. */
  isMuxed = false
  /** A path was nominated, or the device sends without one: audio may be sent (RFC 8445 §12.1.1). */
  isOpen = false
  readonly #rules: IceRules
  /** Where alone nominations may come from; undefined: from wherever the device is. */
  readonly #places: readonly Endpoint[] | undefined

  constructor({ random, rules }: ProviderContext, theirs: IceCredentials, places?: readonly Endpoint[]) {
    this.#rules = rules.ice
    this.#places = places
    this.theirs = theirs
    this.own = { ufrag: random.token(UFRAG_LENGTH), password: random.token(rules.ice.passwordLength) }
  }

  check(data: Buffer, from: Endpoint): CheckAnswered {
    if (!this.#rules.answersChecks) return { answer: undefined, isAuthentic: false, nominates: false }
    const source = this.#rules.tellsSource ? from : { address: from.address, port: from.port ^ 1 }
    const checked = answerCheck(data, source, this.own, this.#rules)
    const isTaken = checked.isAuthentic || !this.#rules.checksCredentials
    const isPlace = this.#places === undefined || this.#places.some((place) => sameEndpoint(place, from))
    if (!isTaken || !checked.nominates || !isPlace) return { ...checked, nominates: false }
    this.isOpen = true
    return checked
  }

  /** Where audio goes does not depend on its paths. */
  get isOfNoAccount(): boolean {
    return !this.#rules.followsNomination
  }

  /** Audio came. A device that sends without a check does not use ICE in the end. */
  heard(): void {
    if (this.#places === undefined) this.isOpen = true
  }
}
