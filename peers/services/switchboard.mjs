// Takes calls for the services and places those of their own. RFC 3261 §8.2.
import { within } from './failures.mjs'
import { openStream } from './rtp-stream.mjs'
import { Call, METHODS } from './call.mjs'
import { Dialog } from './dialog.mjs'
import { ReliableRinging } from './reliable-ringing.mjs'
import { allOf, header, parameter } from './sip-message.mjs'
import { SipEndpoint, token } from './sip-endpoint.mjs'

const SDP = 'application/sdp'
/** Nobody answers a call of ours for so long. */
const RINGS_MS = 30_000

export class Switchboard {
  #calls = new Set()
  /** §8.2.2.2: requests that are being served, by Call-ID, From tag and CSeq. */
  #served = new Map()

  /**
   * @param o `address`, `port`, `ports` of audio; `front`: `{ address, port, domain }` that everything comes from and goes to;
   *   `serves(name)`: what to do with a call, undefined where there is no such service; `subscribes`: takes SUBSCRIBE
   */
  constructor(o) {
    this.o = o
    this.endpoint = new SipEndpoint({
      address: o.address,
      port: o.port,
      onRequest: (request, transaction) => this.#take(request, transaction),
    })
  }

  listen = () => this.endpoint.listen()

  async #take(request, transaction) {
    const call = [...this.#calls].find((one) => one.isOf(request))
    if (call) {
      call.take(request, transaction)
      return
    }
    if (transaction === undefined) return
    if (request.method === 'SUBSCRIBE') {
      this.o.subscribes(request, transaction)
      return
    }
    if (parameter(header(request, 'to') ?? '', 'tag') !== undefined) {
      transaction.respond(481)
      return
    }
    const id = `${header(request, 'call-id')} ${header(request, 'from')} ${header(request, 'cseq')}`
    if (this.#served.has(id)) {
      transaction.respond(482)
      return
    }
    this.#served.set(id, transaction)
    setTimeout(() => this.#served.delete(id), 32_000).unref()
    const refused = refusal(request)
    if (refused) transaction.respond(...refused)
    else if (request.method === 'OPTIONS') transaction.respond(200, { headers: abilities })
    else await this.#answer(request, transaction)
  }

  async #answer(request, transaction) {
    const name = /^sips?:([^@;]*)@/.exec(request.uri)?.[1] ?? ''
    const service = this.o.serves(name)
    if (service === undefined) {
      transaction.respond(404)
      return
    }
    const call = await this.#made(request, name)
    const dialog = Dialog.accepted(this.endpoint, request)
    this.#calls.add(call)
    void call.ended.then(() => this.#calls.delete(call))
    call.onUp = within(call, () => service(call))
    const ringing = this.#rings(request, transaction, { tag: dialog.ours.tag, name })
    transaction.onCancel = () => {
      transaction.respond(487, { tag: dialog.ours.tag })
      ringing?.stop()
    }
    call.rings(dialog, transaction, ringing)
    await ringing?.done
    if (transaction.last >= 200) call.hangUp()
    else if (!call.accept(request, transaction)) transaction.respond(488, { tag: dialog.ours.tag })
  }

  /** RFC 3262 §3: reliably where the caller can, and has made its offer. Announcements are under way a little longer. */
  #rings(request, transaction, { tag, name }) {
    const headers = [['contact', this.endpoint.contact(name)]]
    const isReliable =
      request.body !== '' && [...allOf(request, 'require'), ...allOf(request, 'supported')].includes('100rel')
    if (isReliable) return new ReliableRinging(transaction, name === 'echo' ? [180] : [180, 183], { tag, headers })
    transaction.respond(180, { tag, headers })
    return undefined
  }

  async #made(request, name) {
    return new Call({
      stream: await openStream(this.o.address, this.o.ports),
      address: this.o.address,
      contact: this.endpoint.contact(name),
      account: header(request, 'x-account'),
      dialled: header(request, 'x-dialled'),
    })
  }

  /** Calls an account. @returns the call when it is answered, undefined where it is not */
  async calls(account, name) {
    const { domain, ...front } = this.o.front
    const call = new Call({
      stream: await openStream(this.o.address, this.o.ports),
      address: this.o.address,
      contact: this.endpoint.contact(name),
    })
    const request = {
      method: 'INVITE',
      uri: `sip:${account}@${domain}`,
      headers: [
        ['max-forwards', '70'],
        ['from', `<sip:${name}@${domain}>;tag=${token()}`],
        ['to', `<sip:${account}@${domain}>`],
        ['call-id', token()],
        ['cseq', '1 INVITE'],
        ['contact', this.endpoint.contact(name)],
        ['allow', METHODS],
        ['content-type', SDP],
      ],
      body: call.offer(),
    }
    return new Promise((resolve) => {
      const given = setTimeout(() => sent.cancel(), RINGS_MS)
      let answered
      const sent = this.endpoint.request(request, front, (response) => {
        if (response?.status < 200) return
        clearTimeout(given)
        if (response === undefined || response.status >= 300) {
          call.hangUp()
          resolve(undefined)
          return
        }
        if (answered === undefined) {
          const dialog = Dialog.answered(this.endpoint, request, response)
          // Later than it was waited for.
          if (call.isOver) {
            dialog.acknowledge(1)
            dialog.request('BYE')
            return
          }
          call.isAnswered(dialog, response)
          this.#calls.add(call)
          void call.ended.then(() => this.#calls.delete(call))
        }
        answered = response
        call.acknowledge()
        resolve(call)
      })
    })
  }
}

const abilities = [
  ['allow', METHODS],
  ['accept', SDP],
  ['accept-encoding', 'identity'],
  ['accept-language', 'en'],
  ['supported', 'timer, 100rel'],
]

/** §8.2.1 to §8.2.3: what `respond` takes, undefined where the request can be served. */
function refusal(request) {
  if (!/^(?:INVITE|OPTIONS)$/.test(request.method)) return [405, { headers: [['allow', METHODS]] }]
  const unknown = request.headers.flatMap(([name, value]) =>
    name === 'require' && !['timer', '100rel'].includes(value) ? [value] : [],
  )
  if (unknown.length > 0) return [420, { headers: [['unsupported', unknown.join(', ')]] }]
  const type = header(request, 'content-type')?.split(';')[0].trim().toLowerCase()
  const isEncoded = !['identity', undefined].includes(header(request, 'content-encoding')?.toLowerCase())
  // RFC 3262 §3, RFC 3264 §4: the offer would have to be in a provisional response, which it never is here.
  if (allOf(request, 'require').includes('100rel') && request.body === '') return [488]
  const isTaken = request.body === '' || (type === SDP && !isEncoded)
  return isTaken ? undefined : [415, { headers: abilities.filter(([name]) => name.startsWith('accept')) }]
}
