// Transactions over UDP, and over TCP for what comes that way: what is repeated is answered again, what is not answered is sent
// again. RFC 3261 §17, §18.
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { randomBytes } from 'node:crypto'
import { failed } from './failures.mjs'
import { addressOf, allOf, cseq, header, parameter, parse, write } from './sip-message.mjs'

const T1_MS = 500
const T2_MS = 4000
const GIVES_UP_MS = 64 * T1_MS

export const token = () => randomBytes(9).toString('hex')

const reasons = {
  100: 'Trying',
  180: 'Ringing',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  415: 'Unsupported Media Type',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
}

export class SipEndpoint {
  #socket = createSocket('udp4')
  /** §18.1.1: what is too large for a datagram. */
  #server = createServer((connection) => {
    let text = ''
    connection.on('error', () => connection.destroy())
    connection.on('data', (data) => {
      text += data.toString('latin1')
      for (let length = framed(text); length !== undefined; length = framed(text)) {
        const message = Buffer.from(text.slice(0, length), 'latin1').toString('utf8').trimStart()
        text = text.slice(length)
        this.#take(message, (answer) => connection.writable && connection.write(answer))
      }
    })
  })
  /** Server transactions by branch, sent-by and method; client transactions by branch and method. */
  #servers = new Map()
  #clients = new Map()

  /** @param onRequest `(request, transaction)`, for ACK without transaction, once for each request; where it fails the answer is 500 */
  constructor({ address, port, onRequest }) {
    Object.assign(this, { address, port, onRequest })
    this.#socket.on('message', (data, from) =>
      this.#take(data.toString('utf8'), (answer) => this.#socket.send(answer, from.port, from.address)),
    )
  }

  /** @returns when it listens */
  async listen() {
    await new Promise((resolve, reject) => {
      this.#socket.once('error', reject)
      this.#socket.bind(this.port, this.address, resolve)
    })
    await new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.port, this.address, resolve)
    })
    for (const socket of [this.#socket, this.#server]) socket.on('error', failed('SIP'))
  }

  close() {
    this.#socket.close()
    this.#server.close()
  }

  #take(text, answer) {
    try {
      const message = parse(text)
      if (message?.method) this.#request(message, answer)
      else if (message) this.#response(message)
    } catch (error) {
      failed('a message')(error)
    }
  }

  #serve(request, transaction) {
    const serving = async () => this.onRequest(request, transaction)
    void serving().catch(failed(request.method, () => transaction?.respond(500)))
  }

  /** `sip:NAME@address:port`, of ours. */
  contact = (name) => `<sip:${name}@${this.address}:${this.port}>`

  #request(request, answer) {
    const via = header(request, 'via') ?? ''
    // §17.2.3: an ACK for a refusal has the branch of its INVITE.
    const id = `${parameter(via, 'branch')} ${/SIP\/2\.0\/\w+[ \t]+([^;]+)/i.exec(via)?.[1]}`
    const isAck = request.method === 'ACK'
    const known = this.#servers.get(`${id} ${isAck ? 'INVITE' : request.method}`)
    if (isAck) {
      if (known?.last >= 300) known.settle()
      else this.#serve(request)
      return
    }
    if (known) {
      known.again()
      return
    }
    const transaction = new ServerTransaction(request, answer)
    const key = `${id} ${request.method}`
    this.#servers.set(key, transaction)
    transaction.onEnd = () => this.#servers.delete(key)
    if (request.method === 'CANCEL') {
      // §9.2
      const cancelled = this.#servers.get(`${id} INVITE`)
      transaction.respond(cancelled ? 200 : 481)
      if (cancelled && cancelled.last < 200) cancelled.onCancel()
      return
    }
    this.#serve(request, transaction)
  }

  #response(response) {
    const branch = parameter(header(response, 'via') ?? '', 'branch')
    this.#clients.get(`${branch} ${cseq(response).method}`)?.take(response)
  }

  /**
   * Sends a request and tells of every response but 100; undefined where none comes.
   * @param to `{ address, port }`
   */
  request(request, to, onResponse) {
    const branch = `z9hG4bK${token()}`
    const via = ['via', `SIP/2.0/UDP ${this.address}:${this.port};branch=${branch}`]
    const sent = { ...request, headers: [via, ...request.headers] }
    const send = (message) => this.#socket.send(write(message), to.port, to.address)
    const key = `${branch} ${request.method}`
    const client = new ClientTransaction(sent, send, onResponse)
    this.#clients.set(key, client)
    client.onEnd = () => this.#clients.delete(key)
    return {
      cancel: () =>
        client.cancel(() => {
          const cancel = { ...hopByHop(sent, 'CANCEL'), body: '' }
          const transaction = new ClientTransaction(cancel, send, () => undefined)
          this.#clients.set(`${branch} CANCEL`, transaction)
          transaction.onEnd = () => this.#clients.delete(`${branch} CANCEL`)
        }),
    }
  }

  /** ACK for a 2xx is a request of its own. */
  send(request, to) {
    const via = ['via', `SIP/2.0/UDP ${this.address}:${this.port};branch=z9hG4bK${token()}`]
    this.#socket.send(write({ ...request, headers: [via, ...request.headers] }), to.port, to.address)
  }
}

/** §18.3: how long the first message in this text is; undefined where its end has not come. */
function framed(text) {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const length = end + 4 + Number(/^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(text.slice(0, end))?.[1] ?? 0)
  return text.length >= length ? length : undefined
}

/** §17.1.1.3, §9.1: a request that goes the way of another one. */
const hopByHop = (request, method, to) => ({
  method,
  uri: request.uri,
  headers: request.headers.flatMap(([name, value]) => {
    if (name === 'cseq') return [[name, `${cseq(request).number} ${method}`]]
    if (name === 'to') return [[name, to ?? value]]
    return ['via', 'from', 'call-id', 'route', 'max-forwards'].includes(name) ? [[name, value]] : []
  }),
})

class ServerTransaction {
  last = 0
  onCancel = () => undefined
  onEnd = () => undefined
  #sent
  #timer
  #send
  #waits = T1_MS

  constructor(request, send) {
    this.request = request
    this.#send = send
  }

  again() {
    if (this.#sent) this.#send(this.#sent)
  }

  /** @param options `tag` of ours, `headers`, `body` */
  respond(status, { tag, headers = [], body = '' } = {}) {
    if (this.last >= 200) return
    this.last = status
    const { request } = this
    const to = header(request, 'to') ?? ''
    const isOurs = status === 100 || parameter(to, 'tag') !== undefined
    this.#sent = write({
      status,
      reason: reasons[status] ?? 'Unknown',
      headers: [
        ...allOf(request, 'via').map((value) => ['via', value]),
        ...(status > 100 && status < 300 ? allOf(request, 'record-route').map((value) => ['record-route', value]) : []),
        ['from', header(request, 'from') ?? ''],
        ['to', isOurs ? to : `${to};tag=${tag ?? token()}`],
        ['call-id', header(request, 'call-id') ?? ''],
        ['cseq', header(request, 'cseq') ?? ''],
        ...headers,
      ],
      body,
    })
    this.#send(this.#sent)
    if (status < 200) return
    // A refusal of an INVITE is sent again until its ACK; a 2xx is for the call to repeat (§13.3.1.4), which goes on to know it.
    if (request.method === 'INVITE') this.#repeat()
    setTimeout(this.onEnd, GIVES_UP_MS).unref()
  }

  #repeat() {
    const next = () => {
      this.#timer = setTimeout(() => {
        this.again()
        this.#waits = Math.min(2 * this.#waits, T2_MS)
        next()
      }, this.#waits)
    }
    next()
    setTimeout(() => this.settle(), GIVES_UP_MS).unref()
  }

  /** Its ACK has come. */
  settle() {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

class ClientTransaction {
  onEnd = () => undefined
  #final = false
  #provisional = false
  #cancels
  #timer
  #deadline

  constructor(request, send, onResponse) {
    Object.assign(this, { request, send, onResponse })
    this.isInvite = request.method === 'INVITE'
    this.send(request)
    this.#again(T1_MS)
    this.#deadline = setTimeout(() => this.#end(undefined), GIVES_UP_MS)
  }

  #again(waits) {
    this.#timer = setTimeout(() => {
      this.send(this.request)
      this.#again(this.isInvite ? 2 * waits : Math.min(2 * waits, T2_MS))
    }, waits)
  }

  /** RFC 3261 §9.1: after a provisional response only; and no final one is waited for longer than 64·T1. @param send sends the CANCEL */
  cancel(send) {
    if (this.#final || this.#cancels) return
    this.#cancels = send
    if (this.#provisional) this.#sendCancel()
  }

  #sendCancel() {
    this.#cancels()
    clearTimeout(this.#deadline)
    this.#deadline = setTimeout(() => this.#end(undefined), GIVES_UP_MS)
  }

  take(response) {
    if (response.status < 200) {
      const isFirst = !this.#provisional
      this.#provisional = true
      if (isFirst && this.isInvite) {
        clearTimeout(this.#timer)
        clearTimeout(this.#deadline)
        if (this.#cancels) this.#sendCancel()
      }
      if (response.status > 100) this.onResponse(response)
      return
    }
    if (response.status >= 300 && this.isInvite) this.send(hopByHop(this.request, 'ACK', header(response, 'to')))
    // Repeats of a 2xx are the call's to acknowledge.
    if (this.isInvite && response.status < 300 && this.#final) this.onResponse(response)
    this.#end(response)
  }

  #end(response) {
    if (this.#final) return
    this.#final = true
    clearTimeout(this.#timer)
    clearTimeout(this.#deadline)
    setTimeout(this.onEnd, GIVES_UP_MS).unref()
    this.onResponse(response)
  }
}

/** Where a request goes first: the first Route, or its own URI. */
export function nextHop(request) {
  const uri = addressOf(header(request, 'route') ?? `<${request.uri}>`)
  const place = /^sips?:(?:[^@]*@)?([0-9.]+)(?::(\d+))?/.exec(uri)
  return place ? { address: place[1], port: Number(place[2] ?? 5060) } : undefined
}
