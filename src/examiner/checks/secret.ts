/** EXAM-SECRET: passwords, what replaces them, and log-ins of our devices do not come out of the target again. */
import { createHash } from 'node:crypto'
import { parseChallenges } from '../../message/digest.js'
import type { SipMessage, SipRequest } from '../../message/message.js'
import type { Kind, StandingCheck } from '../check.js'
import { BoundedMap } from '../memory/bounded-map.js'
import type { OwnAccount } from '../types.js'

/** Shorter ones may stand in a message by chance. */
const SHORTEST = 6
const MOST_SECRETS = 200
const MOST_REALMS = 4
const MOST_LOGINS = 500
const CREDENTIALS = ['authorization', 'proxy-authorization'] as const
const CHALLENGES = ['www-authenticate', 'proxy-authenticate'] as const

const HASH: Kind = { title: 'The hash of a customer’s password is sent in clear text' }

const PASSED_ON: Kind = {
  severity: 'warn',
  title: 'The caller’s log-in is passed on to the callee',
  rule: 'RFC 3261 §22.3',
  // What goes past the proxy comes as the caller has written it.
  follows: ['route-lost'],
  harm: 'The callee can try passwords against it, and may use it until its nonce ends.',
  advice: 'Let the proxy remove credentials for its own realm before it forwards a request.',
}

export const secret: StandingCheck = {
  id: 'EXAM-SECRET',
  text: {
    severity: 'fail',
    gravity: 'exposure',
    title: 'A customer’s password is sent in clear text',
    rule: 'security',
    provider: [],
    harm: 'Whoever reads it calls at the customer’s expense.',
    advice: 'Find the component that wrote it, take it out of service, change the passwords.',
  },
  watch(memory, report) {
    const accounts = memory.accounts.filter(isWorthLookingFor).slice(0, MOST_SECRETS)
    const passwords = accounts.map(({ password = '' }) => Buffer.from(password))
    /** H(user:realm:password), as good as the password where the realm is. */
    const hashes: Buffer[] = []
    const realms = new Set<string>()
    /** Digest responses that our devices sent. */
    const logins = new BoundedMap<string, true>(MOST_LOGINS)
    /** Passwords that we put on the wire ourselves, being also a name or a number. */
    const harmless = new Set<Buffer>()

    const learnRealm = (challenge: string): void => {
      for (const { realm } of parseChallenges([challenge])) {
        if (realms.has(realm) || realms.size >= MOST_REALMS) continue
        realms.add(realm)
        for (const { user, authUser, password = '' } of accounts)
          hashes.push(Buffer.from(md5(`${authUser ?? user}:${realm}:${password}`)))
      }
    }
    const secrets = (message: SipMessage): void => {
      if (accounts.length === 0) return
      for (const key of CHALLENGES)
        if (message.headers.has(key)) for (const value of message.headers.all(key)) learnRealm(value)

      const bytes = message.toBytes()
      for (const password of passwords) {
        if (harmless.has(password) || !holdsWord(bytes, password)) continue
        report({ expected: 'no password in any message', actual: placeOf(message, password) })
      }
      for (const hash of hashes) {
        if (!bytes.includes(hash)) continue
        const expected = 'no H(user:realm:password) in any message'
        report({ ...HASH, expected, actual: placeOf(message, hash) })
      }
    }
    /** A request from the target with the credentials that one of our devices proved itself with. */
    const credentials = (request: SipRequest): void => {
      for (const key of CREDENTIALS) {
        if (!request.headers.has(key)) continue
        for (const value of request.headers.all(key)) {
          const login = responseIn(value)
          if (login === undefined || !logins.has(login)) continue
          const expected = 'credentials for the provider’s own realm removed'
          report({ ...PASSED_ON, expected, actual: `${key} with the caller’s digest response` })
        }
      }
    }
    return {
      sent(message) {
        if (message.kind === 'request') {
          for (const key of CREDENTIALS) {
            if (!message.headers.has(key)) continue
            for (const value of message.headers.all(key)) {
              const login = responseIn(value)
              if (login !== undefined) logins.set(login, true)
            }
          }
        }
        if (passwords.length === 0) return
        const bytes = message.toBytes()
        for (const password of passwords) if (bytes.includes(password)) harmless.add(password)
      },
      request({ request }) {
        credentials(request)
        secrets(request)
      },
      response: ({ response }) => secrets(response),
    }
  },
}

function isWorthLookingFor({ user, authUser, password }: OwnAccount): boolean {
  if (password === undefined || password.length < SHORTEST) return false
  return !user.includes(password) && authUser?.includes(password) !== true
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** Does it stand there by itself? Within a longer number, tag or Call-ID it does by chance: PINs are short. */
function holdsWord(bytes: Buffer, word: Buffer): boolean {
  for (let at = bytes.indexOf(word); at >= 0; at = bytes.indexOf(word, at + 1))
    if (!isLetterOrDigit(bytes[at - 1]) && !isLetterOrDigit(bytes[at + word.length])) return true

  return false
}

function isLetterOrDigit(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const lower = byte | 0x20
  return (byte >= 48 && byte <= 57) || (lower >= 97 && lower <= 122)
}

function responseIn(value: string): string | undefined {
  return /\bresponse\s*=\s*"?([0-9a-f]{32,})/i.exec(value)?.[1]
}

/** Where it stands, without telling it. */
function placeOf(message: SipMessage, bytes: Buffer): string {
  const text = bytes.toString()
  const field = message.headers.entries().find(([, value]) => value.includes(text))
  const what = message.kind === 'request' ? message.method : String(message.status)
  return `${field === undefined ? 'body or start line' : field[0]} of ${what}`
}
