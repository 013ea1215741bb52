/** Display filters of Wireshark (wireshark-filter(4)). */
import type { Endpoint } from '../transport/network.js'
import type { Call } from './calls.js'
import type { Registration } from './registrations.js'
import { firstOf } from './transactions.js'

/** A string between quotes, as wireshark-filter(4) escapes it. */
export const quoted = (text: string): string =>
  `"${text.replace(/[\\"]/g, (char) => `\\${char}`).replace(/[^\x20-\x7e]+/g, escaped)}"`

/** Byte by byte, as they stand in the message. */
const escaped = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')

export const callIdFilter = (callIds: readonly string[]): string =>
  callIds.map((one) => `sip.Call-ID == ${quoted(one)}`).join(' || ')

export const filterOfCall = ({ callId }: Pick<Call, 'callId'>): string => callIdFilter([callId])

const MOST_IDS = 8

export const filterOfRegistration = ({ transactions }: Registration): string =>
  callIdFilter([...new Set(transactions.map((one) => firstOf(one).callId))].slice(0, MOST_IDS))

const ipField = (address: string): string => (address.includes(':') ? 'ipv6' : 'ip')

/** Datagrams from one place to another. */
export const wayFilter = (from: Endpoint, to: Endpoint): string =>
  `${ipField(from.address)}.src == ${from.address} && udp.srcport == ${from.port} && ${ipField(to.address)}.dst == ${to.address} && udp.dstport == ${to.port}`

/** ICMP errors that a machine sends. */
export const icmpFilter = (from: string): string =>
  `${from.includes(':') ? 'icmpv6' : 'icmp'} && ${ipField(from)}.src == ${from}`
