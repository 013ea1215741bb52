/** What a child process has of this one's environment: no passwords, which it has no use for. */

type Env = Readonly<Record<string, string | undefined>>

/** Variables that target files take passwords from by custom (`RINGPROOF_PASSWORD_1`). */
const SECRET = /^RINGPROOF_\w*(?:PASSWORD|SECRET)/i

export function childEnvironment(env: Env = process.env): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name)))
}

/** Number of the process that another one is to end with, in an orderly way, however the first one ends. */
export const ENDS_WITH_PARENT = 'RINGPROOF_ENDS_WITH_PARENT'
