/** Passwords, what replaces them, and log-ins of our devices: none of it may come out of the target again. */
import { createHash } from 'node:crypto'
import { parseChallenges } from '../message/digest.js'
import type { SipMessage } from '../message/message.js'
import { Memory } from './memory.js'
import type { NoteCollector } from './note-collector.js'
import type { ExaminerOptions } from './types.js'

type Account = NonNullable<ExaminerOptions['accounts']>[number]

/** Shorter ones may stand in a message by chance. */
const SHORTEST = 6
const MOST_SECRETS = 200
const CREDENTIALS = ['authorization', 'proxy-authorization'] as const
const CHALLENGES = ['www-authenticate', 'proxy-authenticate'] as const

export class Secrets {
  readonly #notebook: NoteCollector
  readonly #accounts: readonly Account[]
  readonly #passwords: Buffer[] = []
  /** H(user:realm:password), as good as the password where the realm is. */
  readonly #hashes: Buffer[] = []
  readonly #realms = new Set<string>()
  /** Digest responses that our devices sent. */
  readonly #answers = new Memory<string, true>(500)
  /** Passwords that we put on the wire ourselves, being also a name or a number. */
  readonly #harmless = new Set<Buffer>()

  constructor(accounts: readonly Account[], notebook: NoteCollector) {
    this.#notebook = notebook
    this.#accounts = accounts.filter(({ user, authUser, password }) => {
      if (password === undefined || password.length < SHORTEST) return false
      return !user.includes(password) && authUser?.includes(password) !== true
    })
    for (const { password } of this.#accounts.slice(0, MOST_SECRETS)) this.#passwords.push(Buffer.from(password ?? ''))
  }

  /** A message of one of our devices. */
  out(message: SipMessage): void {
    if (message.kind === 'request') {
      for (const key of CREDENTIALS) {
        if (!message.headers.has(key)) continue
        for (const value of message.headers.all(key)) {
          const answer = responseIn(value)
          if (answer !== undefined) this.#answers.set(answer, true)
        }
      }
    }
    if (this.#passwords.length === 0) return
    const bytes = message.toBytes()
    for (const password of this.#passwords) if (bytes.includes(password)) this.#harmless.add(password)
  }

  /** A message of the target. */
  in(message: SipMessage): void {
    if (message.kind === 'request') this.#credentials(message)
    if (this.#accounts.length === 0) return
    for (const key of CHALLENGES)
      if (message.headers.has(key)) for (const value of message.headers.all(key)) this.#learn(value)

    const bytes = message.toBytes()
    for (const password of this.#passwords) {
      if (!this.#harmless.has(password) && holdsWord(bytes, password)) {
        this.#notebook.add('EXAM-SECRET', {
          expected: 'no password in any message',
          actual: placeOf(message, password),
        })
      }
    }
    for (const hash of this.#hashes) {
      if (!bytes.includes(hash)) continue
      this.#notebook.add('EXAM-SECRET', {
        title: 'The hash of a customer’s password is sent in clear text',
        expected: 'no H(user:realm:password) in any message',
        actual: placeOf(message, hash),
      })
    }
  }

  /** A request from the target with the credentials that one of our devices proved itself with. */
  #credentials(message: SipMessage): void {
    for (const key of CREDENTIALS) {
      if (!message.headers.has(key)) continue
      for (const value of message.headers.all(key)) {
        const answer = responseIn(value)
        if (answer === undefined || this.#answers.get(answer) === undefined) continue
        this.#notebook.add('EXAM-SECRET', {
          title: 'The caller’s log-in is passed on to the callee',
          severity: 'warn',
          rule: 'RFC 3261 §22.3',
          expected: 'credentials for the provider’s own realm taken out',
          actual: `${key} with the caller’s digest response`,
        })
      }
    }
  }

  #learn(challenge: string): void {
    for (const { realm } of parseChallenges([challenge])) {
      if (this.#realms.has(realm) || this.#realms.size >= 4) continue
      this.#realms.add(realm)
      for (const { user, authUser, password } of this.#accounts.slice(0, MOST_SECRETS)) {
        const text = `${authUser ?? user}:${realm}:${password ?? ''}`
        this.#hashes.push(Buffer.from(createHash('md5').update(text).digest('hex')))
      }
    }
  }
}

/** Does it stand there by itself? Within a longer number, tag or Call-ID it does by chance: PINs are short. */
function holdsWord(bytes: Buffer, secret: Buffer): boolean {
  for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, at + 1))
    if (!isLetterOrDigit(bytes[at - 1]) && !isLetterOrDigit(bytes[at + secret.length])) return true

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
function placeOf(message: SipMessage, secret: Buffer): string {
  const text = secret.toString()
  const field = message.headers.entries().find(([, value]) => value.includes(text))
  const what = message.kind === 'request' ? message.method : String(message.status)
  return `${field === undefined ? 'body or start line' : field[0]} of ${what}`
}
