/** Errors of the kernel and of OpenSSL in the words of the layers above. */
import { type HandshakeFault, NetworkError, type NetworkErrorCode } from './network.js'

/** What the kernel's and OpenSSL's error codes mean to the layers above. */
export function networkError(error: unknown, what: string): NetworkError {
  if (error instanceof NetworkError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const detail = error instanceof Error ? error.message : String(error)
  const [kind, sentence] = meaning(code, detail)
  return new NetworkError(kind, `${what}: ${sentence}`, {
    cause: error,
    ...(kind === 'tls' ? { handshake: handshakeFault(code) } : {}),
  })
}

/** By the code that node:tls gives an error of OpenSSL, an alert of the peer included. */
function handshakeFault(code: string): HandshakeFault {
  switch (code) {
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_WRONG_SSL_VERSION':
      return 'version'
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY':
      return 'cipher'
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'not-tls'
    default:
      return 'other'
  }
}

function meaning(code: string, detail: string): [NetworkErrorCode, string] {
  switch (code) {
    case 'EADDRINUSE':
      return ['port-taken', 'the port is taken by another program']
    case 'EADDRNOTAVAIL':
      return ['address', 'the address does not belong to this machine']
    case 'EINVAL':
    case 'EAFNOSUPPORT':
    case 'ERR_SOCKET_BAD_PORT':
      return ['address', `address, family and port do not fit together (${detail})`]
    case 'ECONNREFUSED':
      return ['refused', 'the peer refused: nothing listens on that port']
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
      return ['unreachable', `there is no route to it (${code})`]
    case 'ETIMEDOUT':
      return ['timeout', 'the peer did not answer in time']
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
      return ['closed', `the peer broke the connection off (${code})`]
    case 'EMSGSIZE':
      return ['other', 'the datagram is larger than the path takes']
    case 'EMFILE':
    case 'ENFILE':
      return ['no-descriptors', 'this process has run out of file descriptors; raise them with ulimit -n']
    case 'EACCES':
    case 'EPERM':
      return ['other', `the system does not permit it (${code}); a port below 1024 or a firewall rule?`]
    default:
      return /^(?:ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO)/.test(code)
        ? ['tls', `the TLS handshake failed (${detail}); compare the versions and ciphers that both sides allow`]
        : ['other', detail]
  }
}
