/**
 * A capture of TLS as it was on the wire, with the secrets that decrypt it: written only where a user has asked for it (`--keep-tls`). Nothing
 * is masked in it, so it is a file by itself, which only its owner may read, which no result names and no bundle packs.
 */
import type { TlsOriginal } from '../transport/tls-original.js'
import { decryptionSecrets, enhancedPacket, interfaceDescription, sectionHeader } from './pcapng-blocks.js'
import type { ScenarioRecord } from './record.js'
import { TcpWriter } from './tcp-writer.js'

/** The bytes of the file; undefined where nothing was kept. */
export function tlsCaptureOf({ wire, unixAtZero }: ScenarioRecord): Buffer | undefined {
  const kept = wire.flatMap(({ device, kind, original }) =>
    original?.openedAt === undefined ? [] : [{ device, original, opener: kind === 'accept' ? 'in' : 'out' } as const],
  )
  if (kept.length === 0) return undefined
  const devices = [...new Set(kept.map(({ device }) => device))]
  const packets = kept.flatMap(({ device, original, opener }, index) =>
    packetsOf(original, opener, index + 1).map(({ at, ip }) => ({ at, ip, device })),
  )
  packets.sort((a, b) => a.at - b.at)
  return Buffer.concat([
    sectionHeader(),
    ...devices.map((device) => interfaceDescription(`${device} (TLS, as it was)`)),
    // Before what it decrypts.
    decryptionSecrets(kept.flatMap(({ original }) => original.keys)),
    ...packets.flatMap(({ at, ip, device }) => enhancedPacket(devices.indexOf(device), unixAtZero + at, ip, undefined)),
  ])
}

function packetsOf(original: TlsOriginal, opener: 'in' | 'out', number: number): { at: number; ip: Buffer[] }[] {
  const { local, remote, openedAt = 0, segments } = original
  const tcp = new TcpWriter(local, remote, number)
  const opening = tcp.open(opener).map((ip) => ({ at: openedAt, ip }))
  const rest = segments.flatMap(({ at, direction, data }) =>
    (data === undefined ? tcp.close(direction) : tcp.data(direction, data)).map((ip) => ({ at, ip })),
  )
  return [...opening, ...rest]
}
