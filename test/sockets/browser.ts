/** Debian's Chromium, where it is there. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
)

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Where it is missing tests in it are skipped, unless on CI, where all that can be tested is. */
export function skipsBrowser(what: string): boolean {
  const skip = program === undefined && process.env.CI === undefined
  if (skip) console.warn(`${what}: skipped. Install a browser with: apt-get install chromium`)
  return skip
}

export const launchBrowser = async (): Promise<Browser> =>
  await chromium.launch({ executablePath: program ?? '/usr/bin/chromium', args: ARGUMENTS })
