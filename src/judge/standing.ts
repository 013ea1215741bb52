/** The standing checks over a capture: what the provider sends, seen with the eyes of those whom it sends it to. */
import type { CapturedDatagram } from '../capture/events.js'
import { Examiner } from '../examiner/examiner.js'
import type { JudgedFinding } from '../result/judge-result.js'
import { canonicalAddress, type Endpoint } from '../transport/network.js'
import { descriptionIn, placeOf } from './descriptions.js'
import type { MediaTable } from './media-table.js'
import type { Call } from './calls.js'
import type { Registration } from './registrations.js'
import type { Listener, Scene } from './scene.js'
import type { SipSeen } from './sip-reader.js'
import { StandingSightings } from './standing-sightings.js'
import type { Viewpoint } from './viewpoint.js'

export class StandingChecks implements Listener {
  readonly #examiner: Examiner
  readonly #servers: ReadonlySet<string>
  readonly #media: MediaTable
  readonly #broken: ReadonlySet<string>
  /** Addresses of telephones, and of whoever else the provider speaks with. */
  readonly #own = new Set<string>()
  /** One object for each place of media, as the examiner wants it. */
  readonly #locals = new Map<string, Endpoint>()
  readonly #sightings = new StandingSightings()

  constructor({ servers }: Viewpoint, media: MediaTable, messages: readonly SipSeen[], broken: ReadonlySet<string>) {
    this.#broken = broken
    this.#servers = servers
    this.#media = media
    for (const seen of messages) this.#learn(seen)
    this.#examiner = new Examiner({
      isOwn: ({ address }) => this.#own.has(canonicalAddress(address)),
      noted: (note) => this.#sightings.note(note),
    })
  }

  #learn(seen: SipSeen): void {
    const { from, to } = seen
    for (const { address } of [from, to]) if (!this.#servers.has(address)) this.#own.add(canonicalAddress(address))
    // Of what telephones announce, the first hop is theirs.
    if (this.#servers.has(from.address)) return
    const description = descriptionIn(seen)
    description?.sdp.media.forEach((_, index) => {
      const place = placeOf(description, index)
      if (place !== undefined && !this.#servers.has(place.endpoint.address)) this.#own.add(place.endpoint.address)
    })
  }

  message(seen: SipSeen): void {
    const { at, from, to, transport, message, violations, again, callId } = seen
    if (this.#broken.has(callId)) return
    const [sent, received] = [this.#servers.has(to.address), this.#servers.has(from.address)]
    if (sent === received) return
    const device = sent ? from.address : to.address
    const ends = sent ? { local: from, remote: to } : { local: to, remote: from }
    this.#sightings.looksAt({ frame: seen.frame, callId })
    this.#examiner.message({
      at,
      device,
      direction: sent ? 'out' : 'in',
      transport,
      ...ends,
      message,
      violations,
      again,
    })
  }

  packet(kind: 'rtp' | 'rtcp', { at, frame, from, to, data }: CapturedDatagram, opened?: Buffer): void {
    const [fromOwn, toOwn] = [this.#own.has(from.address), this.#own.has(to.address)]
    if (fromOwn === toOwn) return
    const place = this.#media.at(toOwn ? to : from, at)
    const isSecure = place !== undefined && /SAVP/i.test(place.media.protocol)
    const [local, remote] = toOwn ? [to, from] : [from, to]
    this.#sightings.looksAt({ frame, way: { from, to } })
    this.#examiner.packet({
      at,
      direction: toOwn ? 'in' : 'out',
      kind,
      local: this.#local(local),
      remote,
      raw: data,
      plain: isSecure ? opened : data,
    })
  }

  #local(endpoint: Endpoint): Endpoint {
    const key = `${endpoint.address} ${endpoint.port}`
    const known = this.#locals.get(key)
    if (known !== undefined) return known
    this.#locals.set(key, endpoint)
    return endpoint
  }

  /** What was noticed. */
  findings(scene: Scene, keyOf: (about: Call | Registration) => string | undefined): JudgedFinding[] {
    return this.#sightings.findings(scene, keyOf).filter(({ id }) => !(scene.keysAreMasked && id === 'EXAM-KEY-REUSE'))
  }
}
