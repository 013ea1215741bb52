/** Passwords of the embedded provider that stay the same from start to start, so that phones need to be set up once. */
import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { storageTrouble } from '../evidence/storage-trouble.js'
import { UsageError } from './errors.js'
import { writeFor } from './written-files.js'

const LEAST_CHARACTERS = 16
/** As many as random ones have. */
const PASSWORD_CHARACTERS = 20

/**
 * @param file holds the secret that they are made of; it is written, for its owner's eyes only, where it is not there yet
 * @returns the password of the nth account @throws UsageError
 */
export function keptPasswords(file: string): (nth: number) => string {
  const secret = secretIn(file) ?? newSecret(file)
  return (nth) =>
    createHmac('sha256', secret).update(`account ${nth}`).digest('base64url').slice(0, PASSWORD_CHARACTERS)
}

function secretIn(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new UsageError(`--passwords ${file} cannot be read: ${storageTrouble(error) ?? String(error)}.`)
  }
  if (text.length >= LEAST_CHARACTERS && !/\s/.test(text)) return text
  throw new UsageError(
    `--passwords ${file} is none of its files: it needs one line of ${LEAST_CHARACTERS} characters or more. Name a file that is not there yet, and it is written.`,
  )
}

function newSecret(file: string): string {
  const secret = randomBytes(24).toString('base64url')
  writeFor(file, 'secret of the passwords', 'passwords', `${secret}\n`)
  return secret
}
