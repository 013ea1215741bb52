/** Registrations: what one client said of one address of record at one server. */
import { parseUri } from '../message/uri.js'
import type { Endpoint } from '../transport/network.js'
import { userIn } from './calls.js'
import type { SipSeen } from './sip-reader.js'
import { firstOf, type Transaction } from './transactions.js'

/** All REGISTERs of one address of record at one server. */
export interface Registration {
  /** `1001@example.org`. */
  readonly aor: string
  readonly user: string
  readonly server: Endpoint
  readonly transactions: readonly Transaction[]
}

/** A binding as a request asked for it, or an answer listed it. */
export interface Binding {
  readonly uri: string
  readonly host: string
  readonly port: number | undefined
  /** Seconds; undefined where nothing says. */
  readonly expires: number | undefined
}

export function registrationsOf(transactions: readonly Transaction[]): Registration[] {
  const found = new Map<string, { aor: string; user: string; server: Endpoint; transactions: Transaction[] }>()
  for (const one of transactions) {
    if (one.method !== 'REGISTER') continue
    const aor = aorOf(firstOf(one))
    const key = `${aor} ${one.server.address}`
    const known = found.get(key)
    if (known !== undefined) known.transactions.push(one)
    else found.set(key, { aor, user: aor.split('@')[0] ?? aor, server: one.server, transactions: [one] })
  }
  return [...found.values()]
}

function aorOf({ message }: SipSeen): string {
  try {
    const { userDecoded, host } = parseUri(message.to.uri)
    return userDecoded === undefined ? host : `${userDecoded}@${host}`
  } catch {
    return userIn(() => message.to.uri) ?? 'unreadable'
  }
}

/** What Contact says; `'*'` for all of them. */
export function bindingsIn({ message }: SipSeen): readonly Binding[] | '*' {
  try {
    const contacts = message.contacts()
    if (contacts === '*') return '*'
    const { expires } = message
    return contacts.flatMap(({ uri, params }) => {
      const own = params.get('expires')
      const { host, port } = parseUri(uri)
      return [{ uri, host, port, expires: own === undefined ? expires : Number(own) }]
    })
  } catch {
    return []
  }
}
