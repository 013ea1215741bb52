/** Which address of this machine reaches another. */
import { createSocket } from 'node:dgram'
import type { Endpoint } from '../transport/network.js'

/** The local address that the kernel would send from; undefined where there is no way. Nothing is sent. */
export function addressTowards(remote: Endpoint): Promise<string | undefined> {
  return new Promise((settle) => {
    const socket = createSocket(remote.address.includes(':') ? 'udp6' : 'udp4')
    const end = (address: string | undefined) => {
      socket.close()
      settle(address)
    }
    socket.once('error', () => end(undefined))
    socket.connect(remote.port, remote.address, () => end(socket.address().address))
  })
}
