/** Reads capture files of others: packets become datagrams, streams and ICMP errors. */
import { constants, gunzipSync } from 'node:zlib'
import type { Endpoint } from '../transport/network.js'
import { Duplicates } from './duplicates.js'
import type { Capture, CapturedEvent } from './events.js'
import { readExportedPdu } from './exported-pdu.js'
import { Fragments } from './fragments.js'
import type { Origin } from './half-stream.js'
import { readIcmp } from './icmp.js'
import { ICMP, ICMP6, type IpPacket, readIp, TCP, UDP } from './ip.js'
import { linkOf } from './links.js'
import { CaptureError, type Packet, type PacketFile } from './packet.js'
import { isPcap, readPcap } from './pcap-file.js'
import { isPcapng, readPcapng } from './pcapng-file.js'
import { Secrets } from './tls/secrets.js'
import { TcpStreams } from './tcp-streams.js'
import { Troubles } from './troubles.js'

export * from './events.js'
export { CaptureError, TLS_IN_CLEAR } from './packet.js'

export interface ReadCaptureOptions {
  /** The text of an NSS key log, beside what the file itself brings. */
  readonly tlsSecrets?: string
}

/** RFC 3261 §19.1.2: the port of SIP over TLS. */
const SIP_OVER_TLS = 5061
/** A capture does not become so many times larger than it is compressed: what does is made to fill the memory. */
const MOST_INFLATED = { times: 200, and: 16 * 1024 * 1024, ever: 2_000_000_000 } as const

/**
 * The traffic of a pcap or pcapng file, compressed by gzip or not.
 * @throws CaptureError where the file is no capture; what of a capture cannot be read is told in `troubles`
 */
export function readCapture(file: Buffer, options: ReadCaptureOptions = {}): Capture {
  const troubles = new Troubles()
  const { packets, secrets } = packetsOf(inflated(file, troubles), troubles)
  const reader = new CaptureReader(new Secrets([...secrets, options.tlsSecrets ?? '']), troubles)
  for (const packet of inTime(packets)) reader.add(packet)
  const { events, links } = reader.end()
  let [from, until] = packets.length === 0 ? [0, 0] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { at } of packets) [from, until] = [Math.min(from, at), Math.max(until, at)]
  return { events: inTime(events), troubles: troubles.all, packets: packets.length, from, until, links }
}

function inflated(file: Buffer, troubles: Troubles): Buffer {
  if (file[0] !== 0x1f || file[1] !== 0x8b) return file
  const maxOutputLength = Math.min(file.length * MOST_INFLATED.times + MOST_INFLATED.and, MOST_INFLATED.ever)
  try {
    return gunzipSync(file, { maxOutputLength })
  } catch (error) {
    if (error instanceof RangeError)
      throw new CaptureError(`Unpacked the file has more than ${maxOutputLength} bytes: unpack it with gunzip first.`)
  }
  try {
    const all = gunzipSync(file, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH })
    troubles.add('The compressed file ends too early.')
    return all
  } catch {
    throw new CaptureError('The file begins like gzip and cannot be unpacked: it is damaged. Copy it again.')
  }
}

function packetsOf(file: Buffer, troubles: Troubles): PacketFile {
  if (isPcapng(file)) return readPcapng(file, troubles)
  if (isPcap(file)) return readPcap(file, troubles)
  throw new CaptureError(whatElse(file))
}

/** Beginnings of files that people take for captures of this kind. */
const OTHERS: readonly (readonly [string, string])[] = [
  ['28b52ffd', 'is compressed with zstd: unpack it with zstd -d first'],
  ['04224d18', 'is compressed with lz4: unpack it with lz4 -d first'],
  ['425a68', 'is compressed with bzip2: unpack it with bunzip2 first'],
  ['fd377a585a', 'is compressed with xz: unpack it with unxz first'],
  ['504b0304', 'is a ZIP archive: unpack it first'],
  ['736e6f6f70000000', 'is a snoop capture: make it one of pcapng with editcap FILE NEW.pcapng'],
  ['47304d42', 'is a capture of Network Monitor: make it one of pcapng with editcap FILE NEW.pcapng'],
]

function whatElse(file: Buffer): string {
  if (file.length === 0) return 'The file is empty: no capture was written.'
  const begins = file.toString('hex', 0, 8)
  const [, text] = OTHERS.find(([magic]) => begins.startsWith(magic)) ?? []
  return text === undefined
    ? 'The file is neither a pcap nor a pcapng capture: take one with tcpdump -w FILE or Wireshark.'
    : `The file ${text}.`
}

/** Sorted by time, where it is not; what is of one time stays in its order. */
function inTime<T extends { readonly at: number }>(list: readonly T[]): readonly T[] {
  const sorted = list.every(({ at }, index) => index === 0 || at >= (list[index - 1]?.at ?? at))
  return sorted ? list : [...list].sort((a, b) => a.at - b.at)
}

/** Packets, in time order, on their way to events. */
class CaptureReader {
  readonly #events: CapturedEvent[] = []
  readonly #links = new Set<string>()
  readonly #duplicates = new Duplicates()
  readonly #fragments: Fragments
  readonly #streams: TcpStreams
  readonly #troubles: Troubles
  /** One object for each place, as packets are many. */
  readonly #endpoints = new Map<string, Map<number, Endpoint>>()

  constructor(secrets: Secrets, troubles: Troubles) {
    this.#troubles = troubles
    this.#streams = new TcpStreams((event) => this.#events.push(event), secrets, troubles)
    this.#fragments = new Fragments(troubles, ({ packet, at, frame }) =>
      this.#whole(packet, false, { at, frame, comment: undefined }),
    )
  }

  add({ frame, at, link, data, port, tls, comment }: Packet): void {
    const kind = linkOf(link)
    if (kind === undefined) {
      this.#troubles.add(`Packets of link type ${link} cannot be read.`, { frame })
      return
    }
    this.#links.add(kind.name)
    const found = kind.find(data)
    const origin = { at, frame, comment }
    if (found?.kind === 'pdu') this.#pdu(data, tls, origin)
    else if (found) this.#ip(data.subarray(found.start), port, tls, origin)
  }

  end(): { events: readonly CapturedEvent[]; links: readonly string[] } {
    this.#fragments.end()
    this.#streams.end()
    return { events: this.#events, links: [...this.#links] }
  }

  #ip(ip: Buffer, port: number, tls: boolean, origin: Origin): void {
    const packet = readIp(ip)
    if (packet === undefined) {
      this.#troubles.add('An IP header is damaged or cut short.', { frame: origin.frame })
      return
    }
    if (this.#duplicates.isOne(ip, origin.at, port)) {
      this.#troubles.add('A packet is in the file twice; it counts once.', { frame: origin.frame })
      return
    }
    const whole = this.#fragments.add(packet, origin.at, origin.frame)
    if (whole) this.#whole(whole, tls, origin)
  }

  #whole(packet: IpPacket, tls: boolean, origin: Origin): void {
    const { protocol, payload, from, to } = packet
    if (protocol === UDP) return this.#udp(packet, origin)
    if (protocol === TCP && payload.length >= 4)
      return this.#streams.add({ ...this.#ends(packet), segment: payload, tls, origin })

    const error = protocol === ICMP || protocol === ICMP6 ? readIcmp(packet) : undefined
    if (error === undefined) return
    const ends = { from: this.#endpoint(from, 0), to: this.#endpoint(to, 0) }
    this.#events.push({ kind: 'icmp', ...whenOf(origin), ...ends, ...error })
  }

  /** RFC 768. */
  #udp(packet: IpPacket, origin: Origin): void {
    const { payload, length, pieces, hops } = packet
    if (payload.length < 8) {
      this.#troubles.add('A UDP header is damaged or cut short.', { frame: origin.frame })
      return
    }
    // RFC 2675: no length where it would not fit; network cards leave it out too.
    const said = payload.readUInt16BE(4) || length
    const full = said >= 8 && said <= length ? said : length
    const data = payload.subarray(8, full)
    const cut = full - 8 - data.length
    this.#events.push({
      kind: 'datagram',
      ...whenOf(origin),
      ...this.#ends(packet),
      data,
      hops,
      ...(cut > 0 ? { cut } : {}),
      ...(pieces === undefined ? {} : { pieces }),
    })
  }

  #pdu(bytes: Buffer, marked: boolean, origin: Origin): void {
    const pdu = readExportedPdu(bytes)
    if (pdu === undefined) {
      this.#troubles.add('An exported PDU does not say from where to where it went.', { frame: origin.frame })
      return
    }
    const { from, to, data, transport } = pdu
    const tls = marked || from.port === SIP_OVER_TLS || to.port === SIP_OVER_TLS
    if (transport === 'tcp') this.#streams.exported(from, to, data, tls, origin)
    else this.#events.push({ kind: 'datagram', ...whenOf(origin), from, to, data })
  }

  #ends({ from, to, payload }: IpPacket): { from: Endpoint; to: Endpoint } {
    return { from: this.#endpoint(from, payload.readUInt16BE(0)), to: this.#endpoint(to, payload.readUInt16BE(2)) }
  }

  #endpoint(address: string, port: number): Endpoint {
    let ports = this.#endpoints.get(address)
    if (ports === undefined) this.#endpoints.set(address, (ports = new Map()))
    let endpoint = ports.get(port)
    if (endpoint === undefined) ports.set(port, (endpoint = { address, port }))
    return endpoint
  }
}

const whenOf = ({ at, frame, comment }: Origin): Pick<CapturedEvent, 'at' | 'frame' | 'comment'> => ({
  at,
  frame,
  ...(comment === undefined ? {} : { comment }),
})
