/**
 * Two ringproofs on the same accounts displace each other's devices. Those of one machine know of each other by a file for each process, as
 * long as it runs; of others the run finds out by the contacts and calls that it meets (runner/foreign-hands.ts).
 */
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TargetDocument } from '../target/target-file.js'
import { isAlive } from '../worlds/processes.js'
import type { CliContext } from './context.js'

/** Users that are named. */
const MOST_NAMED = 3

/**
 * Says so where another process uses some of the accounts, and lets others know that this one does.
 * @param o.folder where the files are; default: below the system's folder for temporary files, one for each user of the machine
 * @returns takes it back
 */
export function claimAccounts(
  { domain, accounts, launch }: Pick<TargetDocument, 'domain' | 'accounts' | 'launch'>,
  context: Pick<CliContext, 'complain'>,
  { folder = ownFolder(), pid = process.pid }: { readonly folder?: string; readonly pid?: number } = {},
): () => void {
  // What is started for this run alone is nobody else's.
  if (launch !== undefined) return () => {}
  const file = join(folder, `${pid}`)
  const keys = new Map(accounts.map(({ user }) => [keyOf(domain, user), user]))
  try {
    // One step: where a folder can never be made, Node's recursive mkdir tries for ever.
    if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 })
    if (!isOurs(folder)) return () => {}
    for (const [other, held] of claimsIn(folder, pid)) {
      const users = held.flatMap((key) => keys.get(key) ?? [])
      if (users.length > 0) context.complain(sentence(users, other))
    }
    writeFileSync(file, [...keys.keys()].join('\n'))
  } catch {
    // A warning less: nothing depends on it.
    return () => {}
  }
  return () => rmSync(file, { force: true })
}

const ownFolder = (): string => join(tmpdir(), `ringproof-accounts-${process.getuid?.() ?? 'all'}`)

/** Names of accounts stand in no file that others may read. */
const keyOf = (domain: string, user: string): string =>
  createHash('sha256').update(`${domain}\n${user}`).digest('base64url').slice(0, 22)

function isOurs(folder: string): boolean {
  const { uid } = lstatSync(folder)
  return lstatSync(folder).isDirectory() && uid === (process.getuid?.() ?? uid)
}

/** What other processes hold; the files of those that are gone are removed. */
function claimsIn(folder: string, own: number): [number, string[]][] {
  return readdirSync(folder).flatMap((name): [number, string[]][] => {
    const pid = Number(name)
    if (!Number.isSafeInteger(pid) || pid <= 0 || pid === own) return []
    if (isAlive(pid)) return [[pid, readFileSync(join(folder, name), 'utf8').split('\n')]]
    rmSync(join(folder, name), { force: true })
    return []
  })
}

function sentence(users: readonly string[], pid: number): string {
  const named = users.slice(0, MOST_NAMED).join(', ')
  const more = users.length > MOST_NAMED ? ` and ${users.length - MOST_NAMED} more` : ''
  const what = users.length === 1 ? 'account' : 'accounts'
  return `Another ringproof on this machine (process ${pid}) uses the ${what} ${named}${more} at the moment: the two will disturb each other, and what they spoil stays undecided. Wait for its end, give each its own accounts, or split one run with --shard.`
}
