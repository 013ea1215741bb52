/** What was received, recorded and written as a capture and a ladder; and the capture's blocks looked through. */
import { buildLadder } from '../../src/evidence/ladder.js'
import { pcapngOf } from '../../src/evidence/pcapng.js'
import { ScenarioRecord } from '../../src/evidence/record.js'

const local = { address: '192.0.2.1', port: 5060 }

/** @throws Error where the capture is none: blocks that do not follow each other */
export function captured(bytes: Buffer): void {
  const record = new ScenarioRecord()
  const tap = record.tap('alice')
  // The first bytes choose what the target may choose: where packets come from.
  const remote = { address: `198.51.100.${bytes[0] ?? 0}`, port: bytes.length }
  const base = { at: 1, direction: 'in', local, remote } as const
  tap({ ...base, kind: 'datagram', transport: 'udp', data: bytes })
  tap({
    ...base,
    kind: 'datagram',
    transport: 'udp',
    remote: { address: bytes.toString('latin1', 0, 12), port: 70_000 },
  })
  for (const transport of ['tcp', 'tls'] as const) {
    tap({ ...base, kind: 'accept', transport, connection: 1 })
    tap({ ...base, kind: 'data', transport, connection: 1, data: bytes })
    tap({ ...base, kind: 'close', transport, connection: 1, note: bytes.toString('latin1') })
  }
  const file = pcapngOf(record)
  for (let at = 0; at < file.length; ) {
    const length = at + 12 > file.length ? 0 : file.readUInt32LE(at + 4)
    if (length < 12 || length % 4 !== 0 || at + length > file.length) throw new Error(`no block at ${at}`)
    if (file.readUInt32LE(at + length - 4) !== length) throw new Error(`the block at ${at} has two lengths`)
    at += length
  }
  buildLadder(record, [{ name: 'alice', localAddress: '' }], 'target', 0)
}
