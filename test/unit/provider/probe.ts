import { answerChallenge, chooseChallenge, parseChallenges } from '../../../src/message/digest.js'
import { createRequest } from '../../../src/message/build.js'
import type { SipRequest, SipResponse } from '../../../src/message/message.js'
import { timerTable } from '../../../src/transaction/timers.js'
import { type ServerTransaction, TransactionLayer } from '../../../src/transaction/transaction-layer.js'
import type { Hop } from '../../../src/transport/flow.js'
import { SipTransport } from '../../../src/transport/sip-transport.js'
import type { Town } from './town.js'

export const PROVIDER: Hop = { transport: 'udp', remote: { address: '127.0.0.71', port: 5060 } }
export const DOMAIN = 'proxy.ringproof.test'

export interface Asked {
  method?: string
  uri?: string
  from?: string
  to?: string
  callId?: string
  cseq?: number
  headers?: [string, string][]
  contact?: string
  body?: string
  contentType?: string
  maxForwards?: number | null
  hop?: Hop
}

/** Sends single requests and shows all answers: what a telephone would never do can be done with it. */
export class Probe {
  readonly town: Town
  readonly address: string
  readonly transport: SipTransport
  readonly layer: TransactionLayer
  readonly requests: SipRequest[] = []
  readonly acks: SipRequest[] = []
  onRequest: ((tx: ServerTransaction) => void) | undefined
  account: { user: string; password: string }
  #count = 0

  constructor(town: Town, n: number, account = n, parseMode: 'strict' | 'fast' = 'strict') {
    this.town = town
    this.address = `203.0.113.${n}`
    this.account = town.provider.accounts[account - 1]!
    this.transport = new SipTransport({ network: town.network, clock: town.clock, parseMode })
    this.layer = new TransactionLayer({
      transport: this.transport,
      clock: town.clock,
      timers: timerTable(),
      random: town.random.fork(`probe ${n}`),
    })
    this.layer.onRequest = (tx) => {
      this.requests.push(tx.request)
      this.onRequest?.(tx)
    }
    this.layer.onAck = (ack) => this.acks.push(ack)
  }

  async start(): Promise<this> {
    await this.transport.listen({ transport: 'udp', at: { address: this.address, port: 5060 } })
    await this.transport.listen({ transport: 'tcp', at: { address: this.address, port: 5060 } })
    return this
  }

  get contact(): string {
    return `<sip:${this.account.user}@${this.address}:5060>`
  }

  make(o: Asked): SipRequest {
    const method = o.method ?? 'REGISTER'
    const aor = `<sip:${this.account.user}@${DOMAIN}>`
    return createRequest({
      method,
      uri: o.uri ?? `sip:${DOMAIN}`,
      from: `${o.from ?? aor};tag=${this.town.random.token(8)}`,
      to: o.to ?? aor,
      callId: o.callId ?? this.town.random.token(12),
      cseq: o.cseq ?? ++this.#count,
      ...(o.contact === undefined ? {} : { contact: o.contact }),
      ...(o.maxForwards === undefined ? {} : { maxForwards: o.maxForwards }),
      headers: o.headers,
      body: o.body,
      contentType: o.contentType,
    })
  }

  /** All answers to a request, the final one last; undefined in its place after a timeout. */
  send(request: SipRequest, hop: Hop = PROVIDER): Promise<SipResponse[]> {
    const answers: SipResponse[] = []
    return new Promise((resolve) => {
      this.layer.request(request, hop, {
        onResponse: (response) => {
          answers.push(response)
          if (response.status >= 200) resolve(answers)
        },
        onTimeout: () => resolve(answers),
        onTransportError: () => resolve(answers),
      })
    })
  }

  /** Asks once, answers the challenge, asks again with the next CSeq. Returns the final answer. */
  async ask(o: Asked, credentials = this.account): Promise<SipResponse | undefined> {
    const request = this.make(o)
    const first = (await this.send(request.clone(), o.hop)).at(-1)
    if (first?.status !== 401 && first?.status !== 407) return first
    const again = request.clone()
    const cseq = request.cseq.number + (o.cseq === undefined ? 1 : 0)
    this.#count = Math.max(this.#count, cseq)
    again.headers.set('CSeq', `${cseq} ${request.method}`)
    again.headers.set(...this.credentials(first, request, credentials))
    return (await this.send(again, o.hop)).at(-1)
  }

  credentials(
    challenge: SipResponse,
    request: SipRequest,
    { user, password }: { user: string; password: string } = this.account,
    o: { algorithm?: string; uri?: string; nc?: number } = {},
  ): [string, string] {
    const [asks, answers] =
      challenge.status === 401 ? ['WWW-Authenticate', 'Authorization'] : ['Proxy-Authenticate', 'Proxy-Authorization']
    const all = parseChallenges(challenge.headers.all(asks))
    const chosen = o.algorithm === undefined ? chooseChallenge(all)! : all.find((c) => c.algorithm === o.algorithm)!
    const value = answerChallenge({
      challenge: chosen,
      method: request.method,
      uri: o.uri ?? request.uri,
      user,
      password,
      nc: o.nc ?? 1,
      cnonce: 'c0ffee',
    })
    return [answers, value]
  }
}
