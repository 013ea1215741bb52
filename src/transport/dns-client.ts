/** A DNS stub resolver that works on either clock. */
import { getServers } from 'node:dns'
import { type Answer, decode, encode, RECURSION_DESIRED, type RecordType } from 'dns-packet'
import type { Clock } from '../clock/clock.js'
import type { Random } from '../clock/random.js'
import { canonicalAddress, familyOf, formatEndpoint, isNumericAddress, sameEndpoint } from './address.js'
import type { Endpoint, Family, Network } from './network.js'

export interface DnsClientOptions {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Asked in this order. */
  readonly servers: readonly Endpoint[]
  /** Milliseconds until the next server is asked; doubles with each round over the servers. Default 2,000. */
  readonly timeoutMs?: number
  /** Rounds over the servers. Default 3. */
  readonly attempts?: number
  /** Source addresses, where the wildcard will not do. */
  readonly localAddress?: { readonly ipv4?: string; readonly ipv6?: string }
}

export interface DnsReply {
  /** NOERROR or NXDOMAIN; all others are a DnsError. */
  readonly rcode: 'NOERROR' | 'NXDOMAIN'
  readonly answers: readonly Answer[]
  readonly server: Endpoint
  readonly transport: 'udp' | 'tcp'
}

/** No server gave an answer that can be used. */
export class DnsError extends Error {
  readonly code: 'timeout' | 'server-failure' | 'malformed' | 'unreachable'

  constructor(code: DnsError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'DnsError'
    this.code = code
  }
}

/** What `locate` needs of a resolver. */
export interface Resolver {
  /** Rejects with DnsError where no server answers usefully; a name that does not exist is an answer. */
  query(name: string, type: RecordType): Promise<DnsReply>
  /** A (ipv4) or AAAA (ipv6, RFC 3596) addresses, aliases followed; empty where there are none. */
  addresses(name: string, family: Family): Promise<string[]>
}

/** UDP payload that we take, announced by EDNS0; fits any path. */
const EDNS_PAYLOAD_BYTES = 1232
const LONGEST_ALIAS_CHAIN = 8
const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']
const FORMERR = 1

/** What one server said to one question. */
type Attempt =
  | {
      readonly kind: 'answer'
      readonly rcode: number
      readonly truncated: boolean
      readonly answers: readonly Answer[]
    }
  | { readonly kind: 'failure'; readonly error: DnsError }

/** A stub resolver over our own wires, and so on either clock. Nothing is kept: each question is asked anew. */
export class DnsClient implements Resolver {
  readonly #options: DnsClientOptions

  constructor(options: DnsClientOptions) {
    this.#options = options
  }

  async query(name: string, type: RecordType): Promise<DnsReply> {
    const { servers, timeoutMs = 2000, attempts = 3 } = this.#options
    let failure = new DnsError('unreachable', `No DNS server is known that could be asked for ${type} ${name}`)
    for (let round = 0; round < attempts; round++) {
      // RFC 1035 §4.2.1: the other servers first, then the same ones again, more patiently.
      for (const server of servers) {
        const question = { name: name.endsWith('.') ? name.slice(0, -1) : name, type }
        // oxlint-disable-next-line no-await-in-loop -- one server after another is the point
        const reply = await this.#ask(server, question, timeoutMs * 2 ** round)
        if (!(reply instanceof DnsError)) return reply
        failure = reply
      }
      // A server that answers, but cannot help, will not know better on the next round.
      if (failure.code === 'server-failure' && servers.length === 1) break
    }
    throw failure
  }

  async addresses(name: string, family: Family): Promise<string[]> {
    if (isNumericAddress(name)) return familyOf(name) === family ? [canonicalAddress(name)] : []
    const type = family === 'ipv4' ? 'A' : 'AAAA'
    let current = comparable(name)
    let answers: readonly Answer[] = []
    let asked: string | undefined
    for (let hops = 0; hops <= LONGEST_ALIAS_CHAIN; hops++) {
      const found = answers.flatMap((a) => (a.type === type && comparable(a.name) === current ? [a.data] : []))
      if (found.length > 0) return [...new Set(found.map((address) => canonicalAddress(address)))]
      const alias = answers.find((a) => a.type === 'CNAME' && comparable(a.name) === current)
      if (alias?.type === 'CNAME') {
        current = comparable(alias.data)
      } else if (asked === current) {
        return []
      } else {
        asked = current
        // oxlint-disable-next-line no-await-in-loop -- an alias that leads out of this answer
        answers = (await this.query(current, type)).answers
      }
    }
    throw new DnsError('malformed', `${name} is an alias of an alias, more than ${LONGEST_ALIAS_CHAIN} deep`)
  }

  async #ask(server: Endpoint, question: Question, timeoutMs: number): Promise<DnsReply | DnsError> {
    let edns = true
    let attempt = await this.#overUdp(server, question, timeoutMs, edns)
    if (attempt.kind === 'answer' && attempt.rcode === FORMERR) {
      // A server from before EDNS takes the OPT record for a mistake.
      edns = false
      attempt = await this.#overUdp(server, question, timeoutMs, edns)
    }
    let transport: DnsReply['transport'] = 'udp'
    // RFC 1035 §4.2.1: what was cut off is asked for again over TCP.
    if (attempt.kind === 'answer' && attempt.truncated) {
      transport = 'tcp'
      attempt = await this.#overTcp(server, question, timeoutMs, edns)
    }
    if (attempt.kind === 'failure') return attempt.error
    const rcode = RCODES[attempt.rcode] ?? `RCODE ${attempt.rcode}`
    if (rcode === 'NOERROR' || rcode === 'NXDOMAIN') return { rcode, answers: attempt.answers, server, transport }
    return new DnsError('server-failure', `${about(server, question)}: it answered ${rcode}`)
  }

  async #overUdp(server: Endpoint, question: Question, timeoutMs: number, edns: boolean): Promise<Attempt> {
    const { network, clock } = this.#options
    const id = this.#options.random.int(65_536)
    let socket: Awaited<ReturnType<Network['bindUdp']>>
    try {
      // A port of its own for each question, which makes forging an answer harder.
      socket = await network.bindUdp({ address: this.#sourceFor(server), port: 0 })
    } catch (error) {
      return failed('unreachable', server, question, error)
    }
    const attempt = await new Promise<Attempt>((resolve) => {
      let malformed = false
      const timer = clock.after(timeoutMs, () =>
        resolve(
          malformed
            ? failed('malformed', server, question, 'it answered what is no DNS message')
            : failed('timeout', server, question, `no answer within ${timeoutMs} ms`),
        ),
      )
      const settle = (result: Attempt) => {
        timer.cancel()
        resolve(result)
      }
      socket.onMessage = (data, from) => {
        if (!sameEndpoint(from, server)) return
        const answer = readDnsReply(data, id, question)
        // Not ours, or forged: the real answer may still come.
        if (answer === 'malformed') malformed = true
        else if (answer !== undefined) settle(answer)
      }
      socket.onError = (error) => settle(failed('unreachable', server, question, error))
      socket.send(write(id, question, edns), server)
    })
    socket.close()
    return attempt
  }

  async #overTcp(server: Endpoint, question: Question, timeoutMs: number, edns: boolean): Promise<Attempt> {
    const { network, clock } = this.#options
    const id = this.#options.random.int(65_536)
    const localAddress = this.#options.localAddress?.[familyOf(server.address)]
    let connection: Awaited<ReturnType<Network['connect']>>
    try {
      const from = localAddress === undefined ? {} : { localAddress }
      connection = await network.connect({ kind: 'tcp', remote: server, timeoutMs, ...from })
    } catch (error) {
      return failed('unreachable', server, question, error)
    }
    const attempt = await new Promise<Attempt>((resolve) => {
      const timer = clock.after(timeoutMs, () =>
        resolve(failed('timeout', server, question, `no answer over TCP within ${timeoutMs} ms`)),
      )
      const settle = (result: Attempt) => {
        timer.cancel()
        resolve(result)
      }
      let received = Buffer.alloc(0)
      connection.onData = (data) => {
        received = Buffer.concat([received, data])
        // RFC 1035 §4.2.2: two bytes of length first.
        if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
        const answer = readDnsReply(received.subarray(2, 2 + received.readUInt16BE(0)), id, question)
        if (answer !== undefined && answer !== 'malformed') settle(answer)
        else settle(failed('malformed', server, question, 'it answered something else over TCP'))
      }
      connection.onClose = () => settle(failed('unreachable', server, question, 'it closed the TCP connection'))
      const message = write(id, question, edns)
      const length = Buffer.alloc(2)
      length.writeUInt16BE(message.length)
      connection.write(Buffer.concat([length, message]))
    })
    connection.close()
    return attempt
  }

  #sourceFor(server: Endpoint): string {
    const family = familyOf(server.address)
    return this.#options.localAddress?.[family] ?? (family === 'ipv4' ? '0.0.0.0' : '::')
  }
}

/** The resolvers that this machine is set up with. */
export function systemServers(): Endpoint[] {
  return getServers().flatMap((text) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(text) ?? []
    const address = isNumericAddress(text) ? text : (bracketed ?? plain ?? '')
    if (!isNumericAddress(address)) return []
    return [{ address: canonicalAddress(address), port: isNumericAddress(text) ? 53 : Number(port ?? 53) }]
  })
}

interface Question {
  readonly name: string
  readonly type: RecordType
}

function write(id: number, question: Question, edns: boolean): Buffer {
  return encode({
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [question],
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: EDNS_PAYLOAD_BYTES,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  })
}

/** Undefined: a message, but not the answer to this question. */
export function readDnsReply(data: Buffer, id: number, question: Question): Attempt | 'malformed' | undefined {
  // Some servers answer FORMERR with the header alone; the codec reads that too.
  if (data.length >= 2 && data.readUInt16BE(0) !== id) return undefined
  // RFC 1035 §4.1.3: a record takes 11 bytes at least. The codec would make one for each that is counted, there or not.
  const records = data.length < 12 ? 0 : data.readUInt16BE(6) + data.readUInt16BE(8) + data.readUInt16BE(10)
  if (records * 11 > data.length) return 'malformed'
  try {
    const message = decode(data)
    const rcode = (message.flags ?? 0) & 0xf
    const [asked] = message.questions ?? []
    if (!message.flag_qr) return undefined
    if (asked === undefined ? rcode !== FORMERR : !isSameQuestion(asked, question)) return undefined
    return { kind: 'answer', rcode, truncated: message.flag_tc, answers: message.answers ?? [] }
  } catch {
    return 'malformed'
  }
}

function isSameQuestion(a: { name: string; type: string }, b: Question): boolean {
  return a.type === b.type && comparable(a.name) === comparable(b.name)
}

function comparable(name: string): string {
  const lower = name.toLowerCase()
  return lower.endsWith('.') && lower.length > 1 ? lower.slice(0, -1) : lower
}

function failed(code: DnsError['code'], server: Endpoint, question: Question, reason: unknown): Attempt {
  const sentence = reason instanceof Error ? reason.message : String(reason)
  return {
    kind: 'failure',
    error: new DnsError(
      code,
      `${about(server, question)}: ${sentence}`,
      reason instanceof Error ? { cause: reason } : {},
    ),
  }
}

function about(server: Endpoint, { name, type }: Question): string {
  return `DNS server ${formatEndpoint(server)}, asked for ${type} ${name}`
}
