// A dialog with one peer: requests in their order, and the way back. RFC 3261 §12.
import { addressOf, allOf, cseq, header, parameter } from './sip-message.mjs'
import { nextHop, token } from './sip-endpoint.mjs'

export class Dialog {
  #endpoint
  #number = 1
  #theirs = 0

  constructor(endpoint, fields) {
    this.#endpoint = endpoint
    Object.assign(this, fields)
  }

  /** §12.1.1: of a request that was received. */
  static accepted(endpoint, request) {
    const from = header(request, 'from') ?? ''
    const dialog = new Dialog(endpoint, {
      id: header(request, 'call-id'),
      ours: { address: header(request, 'to') ?? '', tag: token() },
      peer: { address: from, tag: parameter(from, 'tag') },
      target: addressOf(header(request, 'contact') ?? '<>'),
      routes: allOf(request, 'record-route'),
    })
    dialog.#theirs = cseq(request).number
    return dialog
  }

  /** §12.1.2: of a 2xx to a request of ours, whose CSeq number was 1. */
  static answered(endpoint, request, response) {
    const to = header(response, 'to') ?? ''
    const from = header(request, 'from') ?? ''
    return new Dialog(endpoint, {
      id: header(request, 'call-id'),
      ours: { address: from.replace(/;tag=.*$/, ''), tag: parameter(from, 'tag') },
      peer: { address: to, tag: parameter(to, 'tag') },
      target: addressOf(header(response, 'contact') ?? '<>'),
      routes: allOf(response, 'record-route').toReversed(),
    })
  }

  /** Does the request belong to this dialog? */
  isOf(request) {
    const tagOf = (name) => parameter(header(request, name) ?? '', 'tag')
    return header(request, 'call-id') === this.id && tagOf('to') === this.ours.tag && tagOf('from') === this.peer.tag
  }

  /** §12.2.2: takes a request's number, and a new target where it brings one; false where it is out of order. */
  takes(request, { refreshes = false } = {}) {
    const { number } = cseq(request)
    if (number < this.#theirs) return false
    this.#theirs = number
    const contact = header(request, 'contact')
    if (refreshes && contact) this.target = addressOf(contact)
    return true
  }

  /** @returns the request, sent; `onFinal` gets the final response, undefined where none came */
  request(method, { headers = [], body = '', onFinal = () => undefined } = {}) {
    this.#number++
    const request = this.#made(method, this.#number, headers, body)
    const hop = nextHop(request)
    if (hop)
      this.#endpoint.request(request, hop, (response) => (response?.status < 200 ? undefined : onFinal(response)))
    else onFinal(undefined)
  }

  acknowledge(number) {
    const ack = this.#made('ACK', number, [], '')
    const hop = nextHop(ack)
    if (hop) this.#endpoint.send(ack, hop)
  }

  #made = (method, number, headers, body) => ({
    method,
    uri: this.target,
    headers: [
      ...this.routes.map((route) => ['route', route]),
      ['max-forwards', '70'],
      ['from', `${this.ours.address};tag=${this.ours.tag}`],
      ['to', this.peer.address],
      ['call-id', this.id],
      ['cseq', `${number} ${method}`],
      ...headers,
    ],
    body,
  })
}
