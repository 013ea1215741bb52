/** NSS key log lines (draft-ietf-tls-keylogfile): `LABEL client-random secret`, in hexadecimal. */

export class Secrets {
  readonly #found = new Map<string, Buffer>()

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
}
