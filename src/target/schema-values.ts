/** Texts and numbers of which a target file is made: their forms, and what is said of those that have another. */
import { z } from 'zod'
import { compileDialPattern } from './dial-pattern.js'
import { parseIp, parseIpRange, parseSocketAddress } from './ip-address.js'
import { parsePortRange, portRangePattern } from './published-ports.js'

const hostPattern =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?$/
const dialPattern = /^[0-9A-Za-z*#+._-]+$/

export const text = z.string().min(1)
export const host = text
  .refine((value) => hostPattern.test(value) || parseIp(value) !== undefined, {
    error: 'expected a host name or an IP address, without port and scheme',
  })
  // The one form that the rest of the code knows: IPv6 without brackets, names without the dot of the root.
  .transform((value) => (value.startsWith('[') ? value.slice(1, -1) : value.replace(/\.$/, '')))
export const ipAddress = text.refine((value) => parseIp(value) !== undefined, { error: 'expected an IP address' })
export const addressRange = text.refine((value) => parseIpRange(value) !== undefined, {
  error: 'expected an IP address, or a range of them such as 192.0.2.0/24 or 2001:db8::/56',
})
export const socketAddress = text.refine((value) => parseSocketAddress(value) !== undefined, {
  error: 'expected an IP address with its port, such as 127.0.0.1:2223 or "[2001:db8::1]:2223"',
})
export const port = z.int().min(1).max(65535)
export const portRange = z
  .union([port, z.string().regex(portRangePattern)], { error: portRangeError })
  .refine((value) => parsePortRange(value) !== undefined, { error: portRangeError })
export const dialString = text.regex(dialPattern, {
  error: 'expected a number or name as dialled: digits, letters, * # + . _ - without spaces',
})
export const keys = z.string().regex(/^[0-9*#]{1,16}$/, { error: 'expected keys of the keypad: digits, * and #' })
export const regularExpression = text.superRefine((value, context) => {
  const problem = patternProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: value })
})

function portRangeError(): string {
  return 'expected a port from 1 to 65535, or a range of ports such as 10000-65535'
}

/** What goes into one header field, or was read from a file or variable with its line end. */
export const line = (schema: z.ZodString) =>
  schema.refine((value) => !/\p{Cc}/u.test(value), {
    error: 'expected a text without line ends and other control characters',
  })

export const timeZone = text.refine(isTimeZone, { error: 'expected a time zone such as Europe/Berlin' })

const timeZones = new Map<string, boolean>()

/** Remembers its answers: making a DateTimeFormat is slow, and virtual runs read a target for each scenario. */
function isTimeZone(value: string): boolean {
  const known = timeZones.get(value)
  if (known !== undefined) return known
  let valid = true
  try {
    new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions()
  } catch {
    valid = false
  }
  timeZones.set(value, valid)
  return valid
}

/** What is wrong with a pattern; undefined: nothing. */
function patternProblem(value: string): string | undefined {
  try {
    compileDialPattern(value)
    return undefined
  } catch (error) {
    const why =
      error instanceof SyntaxError && !error.message.startsWith('Invalid') ? ` that can be used: ${error.message}` : ''
    return `expected a regular expression${why}`
  }
}
