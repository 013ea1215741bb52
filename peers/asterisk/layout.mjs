// Where Asterisk listens, and what it is called. targets/asterisk.yaml says the same to ringproof; a test compares them.
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const here = dirname(fileURLToPath(import.meta.url))
/** Everything of a run; gone after `stop`. The target file names the authority's certificate in it. */
export const runFolder = resolve(here, '../../.cache/asterisk')

export const ipv4 = '127.1.0.74'
export const sipPort = 5076
export const sipsPort = 5077
export const domain = 'pbx.asterisk.test'
/** UDP ports of audio. */
export const audio = { first: 20000, last: 29999 }

/** Accounts 4930001 and on, each with its own password: so many that scenarios can run side by side. */
export const accounts = Array.from({ length: 60 }, (_, index) => {
  const digits = String(index + 1).padStart(4, '0')
  return { user: `493${digits}`, password: `loopback-${digits}` }
})
