/** Who sends on a stream: the words, and what they mean (RFC 3264 §5.1). */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

const DIRECTIONS: ReadonlySet<string> = new Set<Direction>(['sendrecv', 'sendonly', 'recvonly', 'inactive'])

export function isDirection(value: string): value is Direction {
  return DIRECTIONS.has(value)
}

/** Does a party that says so send media (RFC 3264 §5.1)? */
export function canSend(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly'
}

/** Does a party that says so receive media? */
export function canReceive(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly'
}

/** The word for what is sent and received. */
export function directionOf(send: boolean, receive: boolean): Direction {
  return send ? (receive ? 'sendrecv' : 'sendonly') : receive ? 'recvonly' : 'inactive'
}
