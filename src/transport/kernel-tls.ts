/** TLS on the sockets of this machine: handshakes, and who the peer says it is. */
import type { X509Certificate } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import { isNumericAddress } from './address.js'
import { certificateNames, chainFault, nameFault, sentenceOf } from './certificate-check.js'
import type { CertificateFault, TlsClientOptions, TlsInfo, TlsServerOptions, TlsVersion } from './network.js'
import { KeptStream, type TlsOriginal } from './tls-original.js'

/** How long a client may take over its handshake before the listener drops it. */
const HANDSHAKE_TIMEOUT_MS = 10_000

/**
 * Starts connection and handshake. The certificate is judged afterwards, by `judgeServer`.
 * @param over absent: a socket of its own
 */
export function startTls(
  where: { host: string; port: number; localAddress?: string },
  options: TlsClientOptions,
  over?: KeptStream,
): tls.TLSSocket {
  const socket = tls.connect({
    ...(over === undefined ? where : { socket: over }),
    ...versions(options),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
    // server_name takes no numeric address. RFC 5922 §7.8: otherwise the domain that is asked for.
    servername: isNumericAddress(options.serverName) ? '' : options.serverName,
    // Both checks are made, but by us: so that a refusal says what is wrong, and names follow RFC 5922, not HTTPS.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  })
  if (over !== undefined) socket.on('keylog', over.original.learns)
  return socket
}

/** The server's certificate, and all that is wrong with it. RFC 5922 §7.3. */
export function judgeServer(
  socket: tls.TLSSocket,
  serverName: string,
): { info: TlsInfo; faults: readonly CertificateFault[]; problem: string | undefined } {
  // Asked for once and kept: asking takes it out of OpenSSL's chain, and the next answer would be another one or none.
  const certificate = socket.getPeerX509Certificate()
  const faults: CertificateFault[] = []
  const refusal: unknown = socket.authorizationError
  if (!socket.authorized) {
    const code = refusal instanceof Error && 'code' in refusal ? String(refusal.code) : String(refusal)
    faults.push(chainFault(code, certificate))
  }
  const name = certificate === undefined ? ({ kind: 'absent' } as const) : nameFault(certificate, serverName)
  if (name !== undefined) faults.push(name)
  const problem = faults.length === 0 ? undefined : faults.map(sentenceOf).join('; besides, ')
  const info = {
    ...agreed(socket),
    serverName,
    ...(certificate === undefined ? {} : aboutCertificate(certificate)),
    ...(problem === undefined ? {} : { certificateProblem: problem, certificateFaults: faults }),
  }
  return { info, faults, problem }
}

/** What a server knows about a connection that it accepted; clients are not asked for certificates. */
export function acceptedInfo(socket: tls.TLSSocket): TlsInfo {
  // node:tls leaves the name that the client sent here, or false.
  const sent: unknown = 'servername' in socket ? socket.servername : undefined
  return { ...agreed(socket), ...(typeof sent === 'string' && sent !== '' ? { serverName: sent } : {}) }
}

function agreed(socket: tls.TLSSocket) {
  return { version: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name, standIn: false }
}

function aboutCertificate(certificate: X509Certificate) {
  const names = certificateNames(certificate)
  return {
    subject: (certificate.subject ?? '').split('\n').join(', '),
    subjectAltNames: [
      ...names.dns.map((name) => `DNS:${name}`),
      ...names.uris.map((uri) => `URI:${uri}`),
      ...names.addresses.map((address) => `IP:${address}`),
    ],
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
  }
}

/**
 * The same, and each connection is kept as it is on the wire. It has a TLS server of its own, since only so is it known which one
 * a key is of; sessions are resumed from one to the other.
 */
export function keepingTlsServer(
  options: TlsServerOptions,
  now: () => number,
  onSecure: (socket: tls.TLSSocket, raw: net.Socket, original: TlsOriginal) => void,
): { server: net.Server; dropHandshakes: () => void } {
  const handshaking = new Set<net.Socket>()
  const settings = serverSettings(options)
  // Fails at once where certificate and key are of no use.
  const ticketKeys = tls.createServer(settings).getTicketKeys()
  const server = net.createServer({ noDelay: true }, (raw) => {
    handshaking.add(raw)
    raw.once('close', () => handshaking.delete(raw))
    const stream = new KeptStream(raw, now)
    const { original } = stream
    const one = tls.createServer({ ...settings, ticketKeys })
    one.on('keylog', original.learns)
    one.on('secureConnection', (socket) => {
      handshaking.delete(raw)
      onSecure(socket, raw, original)
    })
    one.on('tlsClientError', (_error, socket) => {
      socket.on('error', () => {})
      socket.destroy()
      raw.destroy()
    })
    one.emit('connection', stream)
  })
  return { server, dropHandshakes: () => handshaking.forEach((raw) => raw.destroy()) }
}

/** A TLS server that hands out connections after their handshake and survives what is none. */
export function tlsServer(
  options: TlsServerOptions,
  onSecure: (socket: tls.TLSSocket) => void,
): { server: tls.Server; dropHandshakes: () => void } {
  const handshaking = new Map<string, net.Socket>()
  const server = tls.createServer(serverSettings(options))
  server.on('connection', (raw: net.Socket) => {
    const peer = peerOf(raw)
    handshaking.set(peer, raw)
    raw.on('error', () => {})
    raw.once('close', () => {
      if (handshaking.get(peer) === raw) handshaking.delete(peer)
    })
  })
  server.on('secureConnection', (socket) => {
    handshaking.delete(peerOf(socket))
    onSecure(socket)
  })
  // Garbage, a port scan, a client that gave up: only that connection ends.
  server.on('tlsClientError', (_error, socket) => {
    socket.on('error', () => {})
    socket.destroy()
  })
  return {
    server,
    dropHandshakes: () => {
      for (const raw of handshaking.values()) raw.destroy()
    },
  }
}

const serverSettings = (options: TlsServerOptions): tls.TlsOptions => ({
  cert: options.cert,
  key: options.key,
  ...versions(options),
  handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  noDelay: true,
})

function peerOf(socket: net.Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

function versions(options: { minVersion?: TlsVersion; maxVersion?: TlsVersion }) {
  const { minVersion = 'TLSv1.2', maxVersion } = options
  return {
    minVersion,
    ...(maxVersion === undefined ? {} : { maxVersion }),
    // OpenSSL 3 keeps the old versions only at security level 0.
    ...(minVersion === 'TLSv1' || minVersion === 'TLSv1.1' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
  }
}
