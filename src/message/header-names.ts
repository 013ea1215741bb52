/**
 * Names of header fields: the key of a field is its long name in lower case.
 */

/** Proper spelling of the header fields known here, with the compact form where there is one (RFC 3261 §7.3.3). */
const KNOWN: readonly (string | readonly [name: string, compact: string])[] = [
  'Accept',
  ['Accept-Contact', 'a'],
  'Accept-Encoding',
  'Accept-Language',
  'Accept-Resource-Priority',
  'Alert-Info',
  'Allow',
  ['Allow-Events', 'u'],
  'Answer-Mode',
  'Authentication-Info',
  'Authorization',
  ['Call-ID', 'i'],
  'Call-Info',
  ['Contact', 'm'],
  'Content-Disposition',
  ['Content-Encoding', 'e'],
  'Content-Language',
  ['Content-Length', 'l'],
  ['Content-Type', 'c'],
  'CSeq',
  'Date',
  'Diversion',
  'Error-Info',
  ['Event', 'o'],
  'Expires',
  'Feature-Caps',
  'Flow-Timer',
  ['From', 'f'],
  'Geolocation',
  'Geolocation-Routing',
  'History-Info',
  ['Identity', 'y'],
  'Info-Package',
  'In-Reply-To',
  'Join',
  'Max-Breadth',
  'Max-Forwards',
  'MIME-Version',
  'Min-Expires',
  'Min-SE',
  'Organization',
  'P-Access-Network-Info',
  'P-Answer-State',
  'P-Asserted-Identity',
  'P-Associated-URI',
  'P-Called-Party-ID',
  'P-Charging-Function-Addresses',
  'P-Charging-Vector',
  'P-Early-Media',
  'P-Preferred-Identity',
  'P-Visited-Network-ID',
  'Path',
  'Priority',
  'Privacy',
  'Proxy-Authenticate',
  'Proxy-Authentication-Info',
  'Proxy-Authorization',
  'Proxy-Require',
  'RAck',
  'Reason',
  'Record-Route',
  'Recv-Info',
  ['Refer-To', 'r'],
  ['Referred-By', 'b'],
  ['Reject-Contact', 'j'],
  'Remote-Party-ID',
  'Replaces',
  'Reply-To',
  ['Request-Disposition', 'd'],
  'Require',
  'Resource-Priority',
  'Retry-After',
  'Route',
  'RSeq',
  'Security-Client',
  'Security-Server',
  'Security-Verify',
  'Server',
  'Service-Route',
  ['Session-Expires', 'x'],
  'SIP-ETag',
  'SIP-If-Match',
  ['Subject', 's'],
  'Subscription-State',
  ['Supported', 'k'],
  'Target-Dialog',
  'Timestamp',
  ['To', 't'],
  'Unsupported',
  'User-Agent',
  'User-to-User',
  ['Via', 'v'],
  'Warning',
  'WWW-Authenticate',
]

/** Header fields whose grammar is a comma-separated list of values (RFC 3261 §7.3.1 and the extensions' own RFCs). */
const LISTS = new Set(
  (
    'accept accept-contact accept-encoding accept-language accept-resource-priority alert-info allow allow-events ' +
    'call-info contact content-encoding content-language diversion error-info feature-caps geolocation history-info ' +
    'in-reply-to p-access-network-info p-asserted-identity p-associated-uri p-early-media p-preferred-identity ' +
    'p-visited-network-id path proxy-require reason record-route recv-info reject-contact request-disposition ' +
    'require resource-priority route security-client security-server security-verify service-route supported ' +
    'unsupported user-to-user via warning'
  ).split(' '),
)

/** Not lists, and yet allowed on several lines (RFC 3261 §7.3.1, §20.44). */
const REPEATABLE = new Set([
  'www-authenticate',
  'proxy-authenticate',
  'authorization',
  'proxy-authorization',
  'remote-party-id',
])

const KEYS = new Map<string, string>()
const SPELLINGS = new Map<string, string>()

// A small hash table over the bytes of a name, so that the parser finds a known name without making a string of it.
const SLOTS = 1024
const slotNames: (string | undefined)[] = Array.from({ length: SLOTS })
const slotKeys: string[] = Array.from({ length: SLOTS }, () => '')

/** One step of the hash of a name, without regard to case. */
export function hashStep(hash: number, code: number): number {
  return (Math.imul(hash, 31) + (code | 32)) | 0
}

function learn(name: string, key: string): void {
  const lower = name.toLowerCase()
  KEYS.set(name, key)
  KEYS.set(lower, key)
  KEYS.set(name.toUpperCase(), key)
  let hash = 0
  for (let i = 0; i < lower.length; i++) hash = hashStep(hash, lower.charCodeAt(i))
  let slot = hash & (SLOTS - 1)
  while (slotNames[slot] !== undefined) slot = (slot + 1) & (SLOTS - 1)
  slotNames[slot] = lower
  slotKeys[slot] = key
}

for (const entry of KNOWN) {
  const [name, compact] = typeof entry === 'string' ? [entry, undefined] : entry
  const key = name.toLowerCase()
  SPELLINGS.set(key, name)
  learn(name, key)
  if (compact !== undefined) learn(compact, key)
}

/** The key of a header field name in any spelling. */
export function headerKey(name: string): string {
  const known = KEYS.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  return KEYS.get(lower) ?? lower
}

/** The same for the bytes from `start` to `end`, whose `hash` (by `hashStep`) is known. */
export function headerKeyAt(bytes: Buffer, start: number, end: number, hash: number): string {
  const length = end - start
  for (let slot = hash & (SLOTS - 1); ; slot = (slot + 1) & (SLOTS - 1)) {
    const name = slotNames[slot]
    if (name === undefined) break
    if (name.length === length && sameName(name, bytes, start)) return slotKeys[slot] ?? ''
  }
  return bytes.toString('latin1', start, end).toLowerCase()
}

function sameName(lower: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < lower.length; i++) {
    const code = bytes[start + i] ?? 0
    const expected = lower.charCodeAt(i)
    if (code !== expected && (code < 65 || code > 90 || code + 32 !== expected)) return false
  }
  return true
}

/** How a name is written properly; names not known here stay as they are. */
export function properName(name: string): string {
  return SPELLINGS.get(headerKey(name)) ?? name
}

export function isKnownHeader(key: string): boolean {
  return SPELLINGS.has(key)
}

/** Is the field's value a comma-separated list? */
export function isListHeader(key: string): boolean {
  return LISTS.has(key)
}

/** May the field stand in a message once only (RFC 3261 §7.3.1)? Unknown fields may be repeated. */
export function isSingleHeader(key: string): boolean {
  return SPELLINGS.has(key) && !LISTS.has(key) && !REPEATABLE.has(key)
}
