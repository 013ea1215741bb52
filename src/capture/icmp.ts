/** ICMP errors about UDP and TCP (RFC 792, RFC 4443). */
import type { CapturedIcmp, IcmpText } from './events.js'
import { ICMP6, type IpPacket, readIp, TCP, UDP } from './ip.js'

const TEXTS: Readonly<Record<string, IcmpText>> = {
  '4 3 0': 'network unreachable',
  '4 3 1': 'host unreachable',
  '4 3 2': 'protocol unreachable',
  '4 3 3': 'port unreachable',
  '4 3 4': 'fragmentation needed',
  '4 3 6': 'network unreachable',
  '4 3 7': 'host unreachable',
  '4 3 9': 'prohibited',
  '4 3 10': 'prohibited',
  '4 3 11': 'network unreachable',
  '4 3 12': 'host unreachable',
  '4 3 13': 'prohibited',
  '4 11 0': 'hop limit exceeded',
  '4 11 1': 'reassembly time exceeded',
  '6 1 0': 'network unreachable',
  '6 1 1': 'prohibited',
  '6 1 2': 'network unreachable',
  '6 1 3': 'host unreachable',
  '6 1 4': 'port unreachable',
  '6 1 5': 'prohibited',
  '6 1 6': 'prohibited',
  '6 3 0': 'hop limit exceeded',
  '6 3 1': 'reassembly time exceeded',
  '6 4 1': 'protocol unreachable',
}

/** What an ICMP packet complains about; undefined where it is no error about UDP or TCP. */
export function readIcmp({ protocol, payload }: IpPacket): Pick<CapturedIcmp, 'about' | 'says'> | undefined {
  if (payload.length < 8 + 28) return undefined
  const version = protocol === ICMP6 ? 6 : 4
  const [type, code] = [payload[0], payload[1]]
  // RFC 4443: a type of its own says that the packet was too big.
  const says = version === 6 && type === 2 ? 'fragmentation needed' : TEXTS[`${version} ${type} ${code}`]
  const unknown = type === (version === 6 ? 1 : 3) ? 'unreachable' : undefined
  const about = aboutOf(readIp(payload.subarray(8)))
  const text = says ?? unknown
  return about && text ? { about, says: text } : undefined
}

/** Of the packet that came to nothing at least the ports are quoted: unless it was a later fragment, which has none. */
function aboutOf(packet: IpPacket | undefined): CapturedIcmp['about'] | undefined {
  if (!packet || packet.payload.length < 4 || (packet.fragment && packet.fragment.offset > 0)) return undefined
  if (packet.protocol !== UDP && packet.protocol !== TCP) return undefined
  const { from, to, payload } = packet
  return {
    from: { address: from, port: payload.readUInt16BE(0) },
    to: { address: to, port: payload.readUInt16BE(2) },
    protocol: packet.protocol === UDP ? 'udp' : 'tcp',
  }
}
