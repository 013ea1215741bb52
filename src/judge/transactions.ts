/** Messages put together to transactions, hop by hop (RFC 3261 §17.1.3, §17.2.3). */
import { type Endpoint, sameEndpoint } from '../transport/network.js'
import type { SipSeen } from './sip-reader.js'

/** A request on one hop, with all that belongs to it. */
export interface Transaction {
  readonly method: string
  readonly client: Endpoint
  readonly server: Endpoint
  readonly branch: string
  readonly callId: string
  readonly cseq: number
  /** The request, as often as it was sent. */
  readonly requests: readonly [SipSeen, ...SipSeen[]]
  /** Repeated ones too. */
  readonly responses: readonly SipSeen[]
  /** Of an INVITE that was refused: the ACKs on this hop. */
  readonly acks: readonly SipSeen[]
}

type Draft = { -readonly [K in keyof Transaction]: Transaction[K] } & {
  requests: [SipSeen, ...SipSeen[]]
  responses: SipSeen[]
  acks: SipSeen[]
}

export const firstOf = ({ requests: [first] }: Transaction): SipSeen => first
export const lastOf = ({ requests }: Transaction): SipSeen => requests.at(-1) ?? requests[0]
/** The first final response; undefined where none was seen. */
export const finalOf = ({ responses }: Transaction): SipSeen | undefined =>
  responses.find(({ status }) => status >= 200)
export const isChallenge = (status: number): boolean => status === 401 || status === 407

/** Puts requests and responses together; ACKs of a 2xx and responses without a request stay apart. */
export class Transactions {
  readonly all: Transaction[] = []
  /** ACKs that confirm a 2xx. */
  readonly acks: SipSeen[] = []
  /** Responses whose request was not seen. */
  readonly orphans: SipSeen[] = []
  readonly #byKey = new Map<string, Draft[]>()

  add(seen: SipSeen): void {
    if (seen.message.kind === 'request') this.#request(seen)
    else this.#response(seen)
  }

  #request(seen: SipSeen): void {
    const { method, from, to, branch, callId, cseq } = seen
    if (method === 'ACK') {
      // §17.1.1.3: the ACK of a refusal has the branch of its INVITE; that of a 2xx is a transaction of its own.
      const invite = this.#find('INVITE', seen, from, to)
      const isRefused = invite?.responses.some(({ status }) => status >= 300) === true
      if (invite !== undefined && isRefused) invite.acks.push(seen)
      else this.acks.push(seen)
      return
    }
    const known = this.#find(method, seen, from, to)
    if (known !== undefined) {
      known.requests.push(seen)
      return
    }
    const draft: Draft = {
      method,
      client: from,
      server: to,
      branch,
      callId,
      cseq,
      requests: [seen],
      responses: [],
      acks: [],
    }
    this.all.push(draft)
    const key = keyOf(method, seen)
    const list = this.#byKey.get(key)
    if (list === undefined) this.#byKey.set(key, [draft])
    else list.push(draft)
  }

  #response(seen: SipSeen): void {
    const { method, from, to } = seen
    const list = this.#byKey.get(keyOf(method, seen)) ?? []
    // A response may come from another port than the one asked, or go to the one that Via names.
    const found =
      list.findLast(({ client, server }) => sameEndpoint(client, to) && sameEndpoint(server, from)) ??
      list.findLast(({ client, server }) => client.address === to.address && server.address === from.address) ??
      list.findLast(({ server }) => server.address === from.address)
    if (found === undefined) this.orphans.push(seen)
    else found.responses.push(seen)
  }

  #find(method: string, seen: SipSeen, from: Endpoint, to: Endpoint): Draft | undefined {
    return this.#byKey
      .get(keyOf(method, seen))
      ?.findLast(({ client, server }) => client.address === from.address && server.address === to.address)
  }
}

/** The topmost branch tells transactions apart; the numbers beside it those of senders that use one twice. */
const keyOf = (method: string, { branch, callId, cseq }: SipSeen): string => `${method} ${branch} ${cseq} ${callId}`
