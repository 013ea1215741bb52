/** Capture files of others: as files, as packets within a file, and as TLS within a stream. */
import { CaptureError, readCapture } from '../../src/capture/read-capture.js'
import { ipPacket, tcpSegment, udpDatagram } from '../../src/evidence/ip-headers.js'
import { pcapngOf } from '../../src/evidence/pcapng.js'
import { ScenarioRecord } from '../../src/evidence/record.js'

const from = { address: '192.0.2.1', port: 5061 }
const to = { address: '198.51.100.7', port: 5062 }

const udp = (text: string) => Buffer.concat(ipPacket(from, to, 17, udpDatagram(from, to, Buffer.from(text))))
const tcp = (sequence: number, flags: string, data: Buffer) =>
  Buffer.concat(ipPacket(from, to, 6, tcpSegment(from, to, { sequence, acknowledgement: 0, flags }, data)))

/** Numbers of the format, little-endian. */
function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i))
  return bytes
}

const pcap = (...packets: readonly Buffer[]): Buffer =>
  Buffer.concat([
    words(0xa1b2c3d4, 0x00040002, 0, 0, 65_535, 101),
    ...packets.flatMap((packet, i) => [words(1_700_000_000, i, packet.length, packet.length), packet]),
  ])

/** In two pieces. */
function fragments(packet: Buffer): Buffer[] {
  const parts = [packet.subarray(20, 44), packet.subarray(44)]
  return parts.map((part, i) => {
    const head = Buffer.from(packet.subarray(0, 20))
    head.writeUInt16BE(20 + part.length, 2)
    head.writeUInt16BE(i === 0 ? 0x2000 : 3, 6)
    return Buffer.concat([head, part])
  })
}

/** TLS 1.3: hellos, and a record that the secrets below do not open. */
const HELLOS = [
  `160301002f 0100002b 0303 ${'07'.repeat(32)} 00 0002 1301 01 00 0000`,
  `1603030032 0200002e 0303 ${'08'.repeat(32)} 00 1301 00 0006 002b 0002 0304`,
  `1703030020 ${'0c'.repeat(32)}`,
].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const tlsSecrets = ['CLIENT_HANDSHAKE_TRAFFIC_SECRET', 'SERVER_TRAFFIC_SECRET_0', 'CLIENT_RANDOM']
  .map((label) => `${label} ${'07'.repeat(32)} ${'09'.repeat(32)}`)
  .join('\n')

function ours(): Buffer {
  const record = new ScenarioRecord()
  const tap = record.tap('alice')
  const base = { at: 1, local: from, remote: to, direction: 'in' } as const
  tap({ ...base, kind: 'datagram', transport: 'udp', data: Buffer.from('one') })
  tap({ ...base, kind: 'accept', transport: 'tls', connection: 1 })
  tap({ ...base, kind: 'data', transport: 'tls', connection: 1, data: Buffer.from('two') })
  tap({ ...base, kind: 'close', transport: 'tls', connection: 1, note: 'gone' })
  return pcapngOf(record)
}

export const CAPTURES: readonly Buffer[] = [
  ours(),
  pcap(udp('one'), ...fragments(udp('a text that needs two fragments')), tcp(1, 'PA', Buffer.from('two'))),
  pcap(...HELLOS.map((hello, i) => tcp(1 + Buffer.concat(HELLOS.slice(0, i)).length, 'PA', hello))),
  udp('three'),
  ...HELLOS,
]

/** @throws Error where more comes out than went in, or something is out of time */
export function readAnyCapture(bytes: Buffer): void {
  const half = bytes.length >> 1
  const stream = HELLOS.map((hello, i) => tcp(1 + Buffer.concat(HELLOS.slice(0, i)).length, 'PA', hello))
  const files = [
    bytes,
    pcap(bytes, bytes.subarray(half)),
    pcap(
      tcp(0, 'S', Buffer.alloc(0)),
      tcp(1 + half, 'PA', bytes.subarray(half)),
      tcp(1, 'PA', bytes.subarray(0, half)),
    ),
    pcap(...stream, tcp(500, 'PA', bytes), tcp(400, 'PA', bytes.subarray(half))),
  ]
  for (const file of files) {
    try {
      check(file)
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error
    }
  }
}

function check(file: Buffer): void {
  const { events } = readCapture(file, { tlsSecrets })
  let [bytes, last] = [0, Number.NEGATIVE_INFINITY]
  for (const event of events) {
    if (event.at < last) throw new Error('events are not in time order')
    last = event.at
    if ('data' in event) bytes += event.data.length
  }
  if (bytes > file.length) throw new Error('more came out than went in')
}
