/** Tells what a peer or the wire can bring about from what only a defect of this program can. */
import { ParseError } from '../message/violation.js'
import { DnsError } from './dns-client.js'
import { LocateError } from './locate.js'
import { NetworkError } from './network.js'

/** Is it an unreadable message, a server that cannot be found, or a connection that failed? All else is a defect. */
export function isForeseen(error: unknown): error is ParseError | NetworkError | DnsError | LocateError {
  return (
    error instanceof ParseError ||
    error instanceof NetworkError ||
    error instanceof DnsError ||
    error instanceof LocateError
  )
}
