/** An authoritative name server for the provider's own names (EP-8): A, AAAA, SRV and NAPTR as RFC 3263 wants them. */
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode } from 'dns-packet'
import {
  type Endpoint,
  familyOf,
  type StreamConnection,
  type StreamListener,
  type UdpSocket,
} from '../transport/network.js'
import type { ProviderContext } from './context.js'

const TTL = 60
const NXDOMAIN = 3
const NOTIMP = 4
/** RFC 1035 §4.2.1 */
const LONGEST_DATAGRAM = 512
const TRUNCATED = 0x200

export class DnsServer {
  readonly #context: ProviderContext
  readonly #records: readonly Answer[]
  #socket: UdpSocket | undefined
  #listener: StreamListener | undefined

  constructor(context: ProviderContext) {
    this.#context = context
    this.#records = recordsOf(context)
  }

  /** @throws NetworkError */
  async start(): Promise<void> {
    const { network, addresses } = this.#context
    const socket = await network.bindUdp(addresses.dns)
    this.#socket = socket
    socket.onMessage = (data: Buffer, from: Endpoint) => {
      const answer = this.#answer(data, LONGEST_DATAGRAM)
      if (answer !== undefined) socket.send(answer, from)
    }
    this.#listener = await network.listen({
      kind: 'tcp',
      at: addresses.dns,
      onConnection: (connection) => this.#serve(connection),
    })
  }

  async stop(): Promise<void> {
    this.#socket?.close()
    await this.#listener?.close()
  }

  // RFC 1035 §4.2.2: two octets of length before each message.
  #serve(connection: StreamConnection): void {
    let pending: Buffer = Buffer.alloc(0)
    connection.onData = (data) => {
      pending = Buffer.concat([pending, data])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0)
        const answer = this.#answer(pending.subarray(2, end), 65_535)
        pending = pending.subarray(end)
        if (answer === undefined) continue
        const length = Buffer.alloc(2)
        length.writeUInt16BE(answer.length)
        connection.write(Buffer.concat([length, answer]))
      }
    }
  }

  #answer(data: Buffer, longest: number): Buffer | undefined {
    let query: ReturnType<typeof decode>
    try {
      query = decode(data)
    } catch {
      return undefined
    }
    const [question] = query.questions ?? []
    if (query.type !== 'query' || question === undefined) return undefined
    const common = { type: 'response' as const, id: query.id ?? 0, questions: [question] }
    if ((((data[2] ?? 0) >> 3) & 15) !== 0) return encode({ ...common, flags: NOTIMP })
    const name = question.name.toLowerCase()
    const known = this.#records.filter((record) => record.name === name)
    const answers = known.filter((record) => record.type === question.type)
    const flags = AUTHORITATIVE_ANSWER | (known.length === 0 ? NXDOMAIN : 0)
    const additionals = question.type === 'SRV' ? this.#addressesOf(answers) : []
    const whole = encode({ ...common, flags, answers, additionals })
    return whole.length <= longest ? whole : encode({ ...common, flags: flags | TRUNCATED })
  }

  #addressesOf(answers: readonly Answer[]): Answer[] {
    const targets = new Set(answers.flatMap((answer) => (answer.type === 'SRV' ? [answer.data.target] : [])))
    return this.#records.filter((record) => ['A', 'AAAA'].includes(record.type) && targets.has(record.name))
  }
}

function recordsOf({ names, addresses, families, rules }: ProviderContext): Answer[] {
  const records: Answer[] = []
  const at = (name: string, address: string) =>
    records.push({ name, type: familyOf(address) === 'ipv4' ? 'A' : 'AAAA', ttl: TTL, data: address })
  const sip = (name: string) => {
    for (const family of families) if (family === 'ipv4' || rules.dns.hasAaaa) at(name, addresses[family])
  }
  const srv = (name: string, port: number, target: string, priority = 10) => {
    const data = { priority, weight: 10, port: port + rules.dns.srvPortError, target }
    records.push({ name, type: 'SRV', ttl: TTL, data })
  }
  const naptr = (name: string, preference: number, services: string, replacement: string) => {
    if (!rules.dns.hasNaptr) return
    const data = { order: 10, preference, flags: 's', services, regexp: '', replacement }
    records.push({ name, type: 'NAPTR', ttl: TTL, data })
  }
  sip(names.domain)
  sip(names.secure)
  at(names.stun, addresses.stun.address)
  at(names.ntp, addresses.ntp.address)
  if (rules.dns.hasDeadAddress)
    records.push({ name: names.domain, type: 'A', ttl: TTL, data: addresses.ipv4.replace(/\d+$/, '79') })

  naptr(names.domain, 10, 'SIP+D2U', `_sip._udp.${names.domain}`)
  naptr(names.domain, 20, 'SIP+D2T', `_sip._tcp.${names.domain}`)
  naptr(names.domain, 30, 'SIPS+D2T', `_sips._tcp.${names.domain}`)
  srv(`_sip._udp.${names.domain}`, addresses.sipPort, names.domain)
  srv(`_sip._tcp.${names.domain}`, addresses.sipPort, names.domain)
  srv(`_sips._tcp.${names.domain}`, addresses.sipsPort, names.domain)
  naptr(names.secure, 10, 'SIPS+D2T', `_sips._tcp.${names.secure}`)
  srv(`_sips._tcp.${names.secure}`, addresses.sipsPort, names.secure)
  if (addresses.secondIpv4 === undefined || !families.includes('ipv4')) return records
  at(names.second, addresses.secondIpv4)
  for (const service of ['_sip._udp', '_sip._tcp'])
    srv(`${service}.${names.domain}`, addresses.sipPort, names.second, 20)
  for (const domain of [names.domain, names.secure]) srv(`_sips._tcp.${domain}`, addresses.sipsPort, names.second, 20)
  return records
}
