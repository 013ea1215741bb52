// One call with audio: as long as it lasts, what it offers and answers, its session timer. RFC 3261 §13 to §15, RFC 3264, RFC 4028.
import { randomInt } from 'node:crypto'
import { allOf, header, parameter } from './sip-message.mjs'
import * as sdp from './sdp.mjs'

const T1_MS = 500
const T2_MS = 4000
const ACKNOWLEDGED_MS = 64 * T1_MS
export const METHODS = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, SUBSCRIBE'
const LEAST_SECONDS = 90

export class Call {
  #dialog
  #stream
  #contact
  #description
  #repeating
  #lapse
  #early
  #end = () => undefined
  /** Settles when the call is over. */
  ended = new Promise((resolve) => (this.#end = resolve))
  isOver = false
  /** Told once, when the caller has acknowledged the answer. */
  onUp = () => undefined

  /** @param made `{ stream, address, contact, account, dialled }`; the dialog comes with `accept` or `isAnswered` */
  constructor({ stream, address, contact, account, dialled }) {
    this.#stream = stream
    this.#contact = contact
    Object.assign(this, { stream, account, dialled })
    this.#description = { address, port: stream.port, id: randomInt(2 ** 31), version: 0, text: '' }
  }

  isOf = (request) => this.#dialog?.isOf(request) === true

  /** Before the answer. @param ringing what a PRACK confirms; undefined where nothing has to be */
  rings(dialog, transaction, ringing) {
    this.#dialog = dialog
    this.#early = { transaction, ringing }
  }

  /** Answers the INVITE that began it. False where nothing of the offer can be taken. */
  accept(request, transaction) {
    this.#early = undefined
    if (this.#answer(request, transaction)) return true
    this.#over()
    return false
  }

  /** A request within the call. */
  take(request, transaction) {
    if (request.method === 'ACK') return this.#acknowledged(request)
    const isOffer = request.method === 'INVITE' || request.method === 'UPDATE'
    if (this.#dialog.takes(request, { refreshes: isOffer && !this.#early }) === false) return transaction.respond(500)
    // RFC 3261 §14.2, RFC 3311 §5.2: one after the other.
    if (this.#early && isOffer)
      return transaction.respond(500, { headers: [['retry-after', String(randomInt(0, 11))]] })
    switch (request.method) {
      case 'PRACK':
        return transaction.respond(this.#early?.ringing?.confirms(request) ? 200 : 481)
      case 'INVITE':
      case 'UPDATE':
        if (!this.#answer(request, transaction)) transaction.respond(488)
        return undefined
      case 'BYE':
        transaction.respond(200)
        this.#early?.transaction.respond(487, { tag: this.#dialog.ours.tag })
        this.#early?.ringing?.stop()
        return this.#over()
      case 'OPTIONS':
        return transaction.respond(200, { headers: [['allow', METHODS]] })
      default:
        return transaction.respond(405, { headers: [['allow', METHODS]] })
    }
  }

  #answer(request, transaction) {
    const isOffer = request.body !== ''
    const offer = isOffer ? sdp.read(request.body) : undefined
    if (isOffer && offer === undefined) return false
    if (offer) this.#stream.use(offer)
    const isLate = request.method === 'INVITE' && !isOffer
    const text = offer ? (ours) => sdp.answer(offer, ours) : isLate ? sdp.offer : undefined
    const body = text ? this.#described(text) : ''
    transaction.respond(200, {
      tag: this.#dialog.ours.tag,
      headers: [
        ['contact', this.#contact],
        ['allow', METHODS],
        ['supported', 'timer, 100rel'],
        ...this.#timer(request),
        ...(body ? [['content-type', 'application/sdp']] : []),
      ],
      body,
    })
    if (request.method === 'INVITE') this.#repeats(transaction)
    return true
  }

  /** RFC 3264 §8: what changes has a new version. */
  #described(text) {
    const ours = this.#description
    if (text(ours) !== ours.text) {
      ours.version++
      ours.text = text(ours)
    }
    return ours.text
  }

  /** §13.3.1.4: a 2xx is sent again until its ACK comes; without one the call is ended. */
  #repeats(transaction) {
    this.#stopRepeating()
    transaction.settle()
    const repeating = { timer: undefined, deadline: setTimeout(() => this.hangUp(), ACKNOWLEDGED_MS) }
    const next = (waits) => {
      repeating.timer = setTimeout(() => {
        transaction.again()
        next(Math.min(2 * waits, T2_MS))
      }, waits)
    }
    next(T1_MS)
    this.#repeating = repeating
  }

  #stopRepeating() {
    clearTimeout(this.#repeating?.timer)
    clearTimeout(this.#repeating?.deadline)
    this.#repeating = undefined
  }

  #acknowledged(ack) {
    if (this.#repeating === undefined) return
    this.#stopRepeating()
    // The answer to an offer of ours.
    const answer = ack.body ? sdp.read(ack.body) : undefined
    if (answer) this.#stream.use(answer)
    this.onUp()
    this.onUp = () => undefined
  }

  /** RFC 4028 §9: the caller refreshes, where it can. */
  #timer(request) {
    clearTimeout(this.#lapse)
    const asked = header(request, 'session-expires')
    if (asked === undefined || !allOf(request, 'supported').includes('timer')) return []
    const seconds = Math.max(LEAST_SECONDS, Number.parseInt(asked, 10))
    const refresher = parameter(asked, 'refresher') === 'uas' ? 'uas' : 'uac'
    if (refresher === 'uas') this.#lapse = setTimeout(() => this.#refresh(seconds), seconds * 500)
    // §10: a little earlier than it runs out.
    else this.#lapse = setTimeout(() => this.hangUp(), (seconds - Math.min(32, seconds / 3)) * 1000)
    return [
      ['session-expires', `${seconds};refresher=${refresher}`],
      ...(refresher === 'uac' ? [['require', 'timer']] : []),
    ]
  }

  #refresh(seconds) {
    this.#dialog.request('UPDATE', {
      headers: [
        ['contact', this.#contact],
        ['supported', 'timer'],
        ['session-expires', `${seconds};refresher=uac`],
      ],
      onFinal: (response) => {
        if (response === undefined || response.status === 408 || response.status === 481) this.hangUp()
        else if (!this.isOver) this.#lapse = setTimeout(() => this.#refresh(seconds), seconds * 500)
      },
    })
  }

  /** A call of ours: its offer. */
  offer = () => this.#described(sdp.offer)

  /** A call of ours was answered. */
  isAnswered(dialog, response) {
    this.#dialog = dialog
    const answer = sdp.read(response.body)
    if (answer) this.#stream.use(answer)
    else this.hangUp()
  }

  acknowledge() {
    this.#dialog.acknowledge(1)
  }

  /** Of a call that nobody has answered it leaves nothing. */
  hangUp() {
    if (this.isOver) return
    const isUp = this.#early === undefined
    this.#over()
    if (isUp) this.#dialog?.request('BYE')
  }

  #over() {
    this.isOver = true
    this.#stopRepeating()
    clearTimeout(this.#lapse)
    this.#stream.close()
    this.#end()
  }
}
