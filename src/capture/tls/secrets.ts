/** NSS key log lines (RFC 9850): `LABEL client-random secret`, in hexadecimal; and what sessions of a file are resumed with. */

/** Sessions that could be resumed. */
const MOST_SESSIONS = 10_000

export class Secrets {
  readonly #found = new Map<string, Buffer>()
  /** Master secrets by session id or ticket. */
  readonly #sessions = new Map<string, Buffer>()

  constructor(texts: readonly string[]) {
    for (const text of texts) {
      for (const line of text.split(/\r?\n/)) {
        const [, label, random, secret] = /^([A-Z][A-Z0-9_]*) ([0-9a-fA-F]+) ([0-9a-fA-F]+)\s*$/.exec(line) ?? []
        if (label && random && secret) this.#found.set(`${label} ${random.toLowerCase()}`, Buffer.from(secret, 'hex'))
      }
    }
  }

  of(label: string, clientRandom: Buffer): Buffer | undefined {
    return this.#found.get(`${label} ${clientRandom.toString('hex')}`)
  }

  remember(session: Buffer, master: Buffer): void {
    if (session.length > 0 && this.#sessions.size < MOST_SESSIONS)
      this.#sessions.set(session.toString('latin1'), master)
  }

  resumed(...sessions: readonly Buffer[]): Buffer | undefined {
    for (const session of sessions) {
      const master = session.length > 0 ? this.#sessions.get(session.toString('latin1')) : undefined
      if (master) return master
    }
    return undefined
  }
}
