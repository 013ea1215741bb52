/** Addresses of sockets as Linux has them in memory, on little-endian machines. */
import { addressBytes, addressFromBytes, type Endpoint, familyOf } from './address.js'

export const AF_INET = 2
export const AF_INET6 = 10
const SOCKADDR_IN_BYTES = 16
const SOCKADDR_IN6_BYTES = 28

/** struct sockaddr_in or sockaddr_in6. */
export function socketAddress({ address, port }: Endpoint): Buffer {
  const ipv6 = familyOf(address) === 'ipv6'
  const bytes = Buffer.allocUnsafeSlow(ipv6 ? SOCKADDR_IN6_BYTES : SOCKADDR_IN_BYTES).fill(0)
  bytes.writeUInt16LE(ipv6 ? AF_INET6 : AF_INET, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(addressBytes(address), ipv6 ? 8 : 4)
  return bytes
}

export function endpointOf(address: Buffer): Endpoint {
  const ipv6 = address.readUInt16LE(0) === AF_INET6
  return {
    address: addressFromBytes(ipv6 ? address.subarray(8, 24) : address.subarray(4, 8)),
    port: address.readUInt16BE(2),
  }
}
