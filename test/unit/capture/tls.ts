/** TLS connections of OpenSSL's, by Node, over a pipe in memory: what went over them, encrypted, and their secrets. */
import { Duplex } from 'node:stream'
import tls from 'node:tls'
import { once } from 'node:events'
import { makeAuthority, issueCertificate, type IssuedCertificate } from '../../../src/transport/certificates.js'

export interface Sealed {
  /** Encrypted bytes, of the client or not. */
  readonly wire: readonly { readonly client: boolean; readonly bytes: Buffer }[]
  /** NSS key log lines. */
  readonly secrets: string
  /** To resume it with. */
  readonly session: Buffer | undefined
}

export interface SealedOptions extends tls.SecureContextOptions {
  readonly session?: Buffer
  /** Renegotiates before the last text. */
  readonly renegotiate?: boolean
}

let certificate: Promise<IssuedCertificate> | undefined
const server = new Map<string, tls.SecureContext>()

/** Both ends say each text to the other, in turn. */
export async function sealed(texts: readonly string[], { session, renegotiate, ...o }: SealedOptions): Promise<Sealed> {
  certificate ??= makeAuthority('test').then((authority) => issueCertificate(authority, { dnsNames: ['example.net'] }))
  const { cert, key } = await certificate
  const wire: { client: boolean; bytes: Buffer }[] = []
  const [ofClient, ofServer] = pipe((client, bytes) => wire.push({ client, bytes: Buffer.from(bytes) }))
  const name = JSON.stringify(o)
  const context = server.get(name) ?? tls.createSecureContext({ ...o, cert, key })
  server.set(name, context)
  const serving = new tls.TLSSocket(ofServer, { isServer: true, secureContext: context })
  const asking = tls.connect({ ...o, socket: ofClient, rejectUnauthorized: false, ...(session ? { session } : {}) })
  let secrets = ''
  let given: Buffer | undefined
  asking.on('keylog', (line: Buffer) => (secrets += line.toString()))
  asking.on('session', (one: Buffer) => (given = one))
  await once(asking, 'secureConnect')
  for (const [i, text] of texts.entries()) {
    if (renegotiate && i === texts.length - 1)
      await new Promise((resolve) => asking.renegotiate({ rejectUnauthorized: false }, resolve))
    for (const [from, to] of [
      [asking, serving],
      [serving, asking],
    ] as const) {
      const heard = once(to, 'data')
      from.write(text)
      await heard
    }
  }
  asking.destroy()
  serving.destroy()
  return { wire, secrets, session: given }
}

function pipe(told: (client: boolean, bytes: Buffer) => void): [Duplex, Duplex] {
  const ends: Duplex[] = []
  const end = (client: boolean): Duplex =>
    new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        told(client, bytes)
        ends[client ? 1 : 0]?.push(bytes)
        done()
      },
    })
  ends.push(end(true), end(false))
  return [ends[0]!, ends[1]!]
}
