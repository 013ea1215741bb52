/** Datagrams that the kernel dropped since this process did not read its sockets in time, from Linux's tables. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

const TABLES = ['/proc/net/udp', '/proc/net/udp6']

/** Counts drops of this process's own sockets, also of those that are closed by now, as long as it looks often enough. */
export class SocketDrops {
  readonly #byInode = new Map<string, number>()
  readonly #foreign = new Map<string, number>()

  /** All drops so far. Always 0 where there is no such table. */
  count(): number {
    const dropping = TABLES.flatMap((path) => droppingSockets(readOrNothing(path)))
    // Sockets that drop are rare, and looking through our descriptors takes long.
    const unknown = dropping.filter(({ inode }) => !this.#byInode.has(inode) && !this.#foreign.has(inode))
    if (unknown.length > 0) {
      const own = ownSockets()
      for (const { inode } of unknown) (own.has(inode) ? this.#byInode : this.#foreign).set(inode, 0)
    }
    for (const { inode, drops } of dropping) if (this.#byInode.has(inode)) this.#byInode.set(inode, drops)
    return [...this.#byInode.values()].reduce((sum, drops) => sum + drops, 0)
  }
}

/** Reads a table as `/proc/net/udp`: the inode and the drops of each socket that has dropped anything. */
export function droppingSockets(table: string): { inode: string; drops: number }[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/)
      const drops = Number(fields.at(-1))
      const inode = fields[9]
      return fields.length >= 13 && drops > 0 && inode !== undefined ? [{ inode, drops }] : []
    })
}

function ownSockets(): Set<string> {
  const found = new Set<string>()
  for (const descriptor of listOrNothing('/proc/self/fd')) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1]
      if (inode !== undefined) found.add(inode)
    } catch {
      // It was closed meanwhile.
    }
  }
  return found
}

function listOrNothing(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
