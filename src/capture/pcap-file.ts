/**
 * Capture files of libpcap (draft-ietf-opsawg-pcap), as tcpdump writes them: both byte orders, micro- and nanoseconds, and the
 * form with longer packet headers that Linux distributions once had (`modified`).
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------------------------------------------------------+     +---------------------------------------------------------------+
 *   |                             magic                             |     |                            seconds                            |
 *   +-------------------------------+-------------------------------+     +---------------------------------------------------------------+
 *   |             major             |             minor             |     |                  micro- or nanoseconds                        |
 *   +-------------------------------+-------------------------------+     +---------------------------------------------------------------+
 *   |                       reserved, two words                     |     |                        captured length                        |
 *   +---------------------------------------------------------------+     +---------------------------------------------------------------+
 *   |                          snap length                          |     |                        original length                        |
 *   +-------+-+-----+-----------------------------------------------+     +---------------------------------------------------------------+
 *   |  FCS  |f|  0  |                   link type                   |     |   data …
 *   +-------+-+-----+-----------------------------------------------+     +----
 */
import type { Packet, PacketFile } from './packet.js'
import type { Troubles } from './troubles.js'

const FILE_HEADER = 24
/** No packet is longer; Wireshark's own bound for any link but D-Bus and USB. */
const MOST_CAPTURED = 262_144 * 64

interface Form {
  /** Parts of a second. */
  readonly parts: number
  readonly header: number
}

const FORMS: Readonly<Record<number, Form>> = {
  0xa1b2c3d4: { parts: 1e6, header: 16 },
  0xa1b23c4d: { parts: 1e9, header: 16 },
  0xa1b2cd34: { parts: 1e6, header: 24 },
}

function formOf(file: Buffer): { form: Form; little: boolean } | undefined {
  if (file.length < 4) return undefined
  const [big, little] = [FORMS[file.readUInt32BE(0)], FORMS[file.readUInt32LE(0)]]
  const form = big ?? little
  return form && { form, little: big === undefined }
}

export const isPcap = (file: Buffer): boolean => formOf(file) !== undefined

export function readPcap(file: Buffer, troubles: Troubles): PacketFile {
  const packets: Packet[] = []
  const found = formOf(file)
  if (!found || file.length < FILE_HEADER) {
    troubles.add('The file ends within its header.', { offset: file.length })
    return { packets, secrets: [] }
  }
  const { form, little } = found
  const word = (at: number): number => (little ? file.readUInt32LE(at) : file.readUInt32BE(at))
  const link = word(20) & 0xffff
  let at = FILE_HEADER
  while (at < file.length) {
    const frame = packets.length + 1
    const captured = at + form.header > file.length ? Number.NaN : word(at + 8)
    const end = at + form.header + captured
    if (!(end <= file.length)) {
      troubles.add('The file ends in the middle of a packet.', { frame, offset: at })
      break
    }
    if (captured > MOST_CAPTURED) {
      troubles.add('A packet has an impossible length: the file is damaged from here on.', { frame, offset: at })
      break
    }
    packets.push({
      frame,
      at: word(at) * 1000 + word(at + 4) / (form.parts / 1000),
      link,
      data: file.subarray(at + form.header, end),
      cut: Math.max(0, word(at + 12) - captured),
      port: 0,
      tls: false,
    })
    at = end
  }
  return { packets, secrets: [] }
}
