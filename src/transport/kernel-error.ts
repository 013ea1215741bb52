import { NetworkError, type NetworkErrorCode } from './network.js'

/** What the kernel's and OpenSSL's error codes mean to the layers above. */
export function networkError(error: unknown, what: string): NetworkError {
  if (error instanceof NetworkError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const detail = error instanceof Error ? error.message : String(error)
  const [kind, sentence] = meaning(code, detail)
  return new NetworkError(kind, `${what}: ${sentence}`, { cause: error })
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
      return ['other', 'this process has run out of file descriptors; raise them with ulimit -n']
    case 'EACCES':
    case 'EPERM':
      return ['other', `the system does not permit it (${code}); a port below 1024 or a firewall rule?`]
    default:
      return /^(?:ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO)/.test(code)
        ? ['tls', `the TLS handshake failed (${detail}); compare the versions and ciphers that both sides allow`]
        : ['other', detail]
  }
}
