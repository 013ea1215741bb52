/** Where the target led the calls of a load, and nothing was sent. */
import { packetKind } from '../evidence/record.js'
import { noteOf, type ToldRefusal } from '../examiner/out-of-reach.js'
import type { StandingNote } from '../result/finding.js'
import type { OutOfReach } from '../target/reach-policy.js'
import type { Refusal } from '../transport/gated-network.js'
import { formatEndpoint } from '../transport/network.js'

/** Destinations that are kept; a relay has thousands of ports. */
const MOST = 200

export class RefusalTally {
  readonly #told = new Map<string, { -readonly [K in keyof ToldRefusal]: ToldRefusal[K] }>()

  add({ why, remote, uri, data }: Refusal<OutOfReach>): void {
    if (why === 'nowhere') return
    const packet = data === undefined ? 'sip' : packetKind(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    const key = `${why} ${packet} ${uri ?? (packet === 'sip' ? formatEndpoint(remote) : remote.address)}`
    const known = this.#told.get(key)
    if (known !== undefined) known.count += 1
    else if (this.#told.size < MOST) this.#told.set(key, { why, remote, uri, packet, count: 1 })
  }

  notes(): StandingNote[] {
    const note = noteOf([...this.#told.values()])
    return note === undefined ? [] : [note]
  }
}
