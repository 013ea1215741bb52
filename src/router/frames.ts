/** Messages on a TCP connection: two bytes of length before each. */
import type { StreamConnection } from '../transport/network.js'

/** What is longer is no message of ours. */
const LONGEST = 2_048

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** Hands over each message that comes; a connection on which something else comes is closed. */
export function readFrames(connection: StreamConnection, onMessage: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0)
  connection.onData = (data) => {
    rest = Buffer.concat([rest, data])
    // Whoever hears them may close it.
    while (connection.open && rest.length >= 2) {
      const length = rest.readUInt16BE(0)
      if (length > LONGEST) {
        connection.close()
        break
      }
      if (rest.length < 2 + length) return
      onMessage(rest.subarray(2, 2 + length))
      rest = rest.subarray(2 + length)
    }
    if (!connection.open) rest = Buffer.alloc(0)
  }
}
