/** Flights on the wire (RFC 6347 §4.2.3, §4.2.4): messages in fragments, records in datagrams. */
import type { FlightPart } from './handshake.js'
import { HANDSHAKE_HEADER_BYTES, serializeHandshake } from './handshake-messages.js'
import { ContentType, type RecordWriter } from './records.js'

const LEAST_FRAGMENT = 64

/** Records of a flight, numbered anew each time, in datagrams of so many octets at most. */
export function cutIntoDatagrams(flight: readonly FlightPart[], writer: RecordWriter, mtu: number): Buffer[] {
  const datagrams: Buffer[][] = [[]]
  let room = mtu
  const put = (record: Buffer) => {
    if (record.length > room && room < mtu) {
      datagrams.push([])
      room = mtu
    }
    datagrams.at(-1)?.push(record)
    room -= record.length
  }
  for (const part of flight) {
    if (part.kind === 'change-cipher-spec') {
      put(writer.write(ContentType.changeCipherSpec, 0, Buffer.from([1])))
      continue
    }
    const { epoch, message, version } = part
    const around = writer.size(epoch, HANDSHAKE_HEADER_BYTES)
    let at = 0
    do {
      // What is left of a datagram is used where more than a crumb fits, or the whole rest does.
      const left = message.body.length - at
      const fits = room - around >= Math.min(left, LEAST_FRAGMENT) ? room - around : mtu - around
      const end = at + Math.min(left, Math.max(fits, 1))
      put(writer.write(ContentType.handshake, epoch, serializeHandshake(message, at, end), version))
      at = end
    } while (at < message.body.length)
  }
  return datagrams.filter((records) => records.length > 0).map((records) => Buffer.concat(records))
}
