/** ICE-lite on a relay (RFC 8445 §2.5): the devices check their paths, the relay answers and takes the one that they choose. */
import { answerCheck } from '../nat/ice-check.js'
import type { IceCredentials } from '../sdp/ice.js'
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import type { ProviderContext } from './context.js'
import type { IceRules } from './rules/ice.js'

/** RFC 8839 §5.4: 24 bits at least. */
const UFRAG_LENGTH = 8

/** Where a stream goes from now on. */
interface Chosen {
  readonly from: Endpoint
  /** RTCP on a port of its own. */
  readonly control: boolean
}

export class IceLite {
  readonly own: IceCredentials
  /** Of the device; another one begins anew (RFC 8839 §4.4.1.1.1). */
  readonly theirs: IceCredentials
  /** RTCP shares the port of the audio. */
  isMuxed = false
  /** A path was nominated, or the device sends without one: audio may be sent (RFC 8445 §12.1.1). */
  isOpen = false
  /** The device has offered paths for RTCP, too. */
  readonly #offersReports: boolean
  readonly #asAWhole: boolean
  readonly #rules: IceRules
  /** Where alone nominations may come from; undefined: from wherever the device is. */
  readonly #places: readonly Endpoint[] | undefined
  readonly #chosen: Chosen[] = []

  constructor(
    { policy, random, rules }: ProviderContext,
    theirs: IceCredentials,
    o: { readonly places?: readonly Endpoint[] | undefined; readonly offersReports: boolean },
  ) {
    const { places, offersReports } = o
    this.#asAWhole = policy.iceAsAWhole
    this.#offersReports = offersReports
    this.#rules = rules.ice
    this.#places = places
    this.theirs = theirs
    this.own = { ufrag: random.token(UFRAG_LENGTH), password: random.token(rules.ice.passwordLength) }
  }

  /** @param control it came at the port of RTCP */
  check(data: Buffer, from: Endpoint, control: boolean): { answer: Buffer | undefined; chosen: readonly Chosen[] } {
    if (!this.#rules.answersChecks) return { answer: undefined, chosen: [] }
    const source = this.#rules.tellsSource ? from : { address: from.address, port: from.port ^ 1 }
    const { answer, isAuthentic, nominates } = answerCheck(data, source, this.own, this.#rules)
    const isTaken = isAuthentic || !this.#rules.checksCredentials
    const isPlace = this.#places === undefined || this.#places.some((place) => sameEndpoint(place, from))
    if (!isTaken || !nominates || !isPlace) return { answer, chosen: [] }
    this.#chosen.push({ from, control })
    const lacksOne = new Set(this.#chosen.map((one) => one.control)).size < 2
    if (this.#asAWhole && !this.isMuxed && lacksOne) return { answer, chosen: [] }
    this.isOpen = true
    return { answer, chosen: this.#chosen.splice(0) }
  }

  /** Where audio goes does not depend on its paths. */
  get isOfNoAccount(): boolean {
    const isHalf = this.#asAWhole && !this.isMuxed && !this.#offersReports
    return isHalf || !this.#rules.followsNomination
  }

  /** Audio came. A device that sends without a check does not use ICE in the end. */
  heard(): void {
    if (this.#places === undefined) this.isOpen = true
  }
}
