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

/** Not lists, and yet allowed on several lines (RFC 3261 §7.3.1, RFC 8224 §4). */
const REPEATABLE = new Set([
  'www-authenticate',
  'proxy-authenticate',
  'authorization',
  'proxy-authorization',
  'identity',
  'remote-party-id',
])

const KEYS = new Map<string, string>()
const SPELLINGS = new Map<string, string>()

// The known names by length, first and last letter, as bytes with the colon, so that the parser finds one without
// making a string of it.
const SLOTS = 1024
const pool = Buffer.alloc(4096)
let pooled = 0
/** Where in the pool the name of a slot starts, and its length; 0 for an empty slot. */
const slotStarts = new Uint16Array(SLOTS)
const slotLengths = new Uint8Array(SLOTS)
const slotKeys: string[] = Array.from({ length: SLOTS }, () => '')
/** By slot + 1: the slot that came after it last time. */
const successors = new Int16Array(SLOTS + 1)

function slotOf(length: number, first: number, last: number): number {
  return (length * 31 + (first | 32) * 7 + (last | 32)) & (SLOTS - 1)
}

/**
 * The same string as the engine keeps it for property names: two such are compared by their addresses, where others are
 * compared character by character, which is what a search for a header field would mostly consist of.
 */
function interned(text: string): string {
  for (const name in { [text]: 0 }) return name
  return text
}

function learn(spelling: string, key: string): void {
  const lower = spelling.toLowerCase()
  KEYS.set(spelling, key)
  KEYS.set(lower, key)
  KEYS.set(spelling.toUpperCase(), key)
  let slot = slotOf(lower.length, lower.charCodeAt(0), lower.charCodeAt(lower.length - 1))
  while (slotLengths[slot] !== 0) slot = (slot + 1) & (SLOTS - 1)
  slotStarts[slot] = pooled
  slotLengths[slot] = spelling.length
  slotKeys[slot] = key
  pooled += pool.write(`${spelling}:`, pooled, 'latin1')
}

for (const entry of KNOWN) {
  const [name, compact] = typeof entry === 'string' ? [entry, undefined] : entry
  const key = interned(name.toLowerCase())
  SPELLINGS.set(key, name)
  learn(name, key)
  if (compact !== undefined) learn(compact, key)
}

/** The key of a header field name in any spelling. */
export function headerKey(name: string): string {
  const known = KEYS.get(name)
  if (known !== undefined) return known
  const lower = name.toLowerCase()
  return KEYS.get(lower) ?? interned(lower)
}

/** Instead of a slot: before the first header field, and for names that have none. */
export const NO_SLOT = -1

/** The slot that is likely to follow `slot`. */
export function likelyAfter(slot: number): number {
  return successors[slot + 1] ?? 0
}

/** Remembers that `next` followed `slot`. */
export function learnSuccessor(slot: number, next: number): void {
  if (next >= 0) successors[slot + 1] = next
}

/** The position of the colon if the name of `slot` and a colon stand at `start`, else -1. */
export function colonAfter(slot: number, bytes: Buffer, start: number): number {
  const from = slotStarts[slot] ?? 0
  const length = slotLengths[slot] ?? 0
  for (let i = 0; i <= length; i++) if (pool[from + i] !== bytes[start + i]) return -1
  return start + length
}

/** The slot of the name from `start` to `end`; -1 for an unknown name or an unusual spelling. */
export function slotAt(bytes: Buffer, start: number, end: number): number {
  const length = end - start
  let slot = slotOf(length, bytes[start] ?? 0, bytes[end - 1] ?? 0)
  for (let known = slotLengths[slot] ?? 0; known !== 0; known = slotLengths[slot] ?? 0) {
    if (known === length && sameBytes(slotStarts[slot] ?? 0, length, bytes, start)) return slot
    slot = (slot + 1) & (SLOTS - 1)
  }
  return -1
}

function sameBytes(from: number, length: number, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < length; i++) if (pool[from + i] !== bytes[start + i]) return false
  return true
}

/** The key of a slot. */
export function slotKey(slot: number): string {
  return slotKeys[slot] ?? ''
}

/** Is the field's value a comma-separated list? */
export function isListHeader(key: string): boolean {
  return LISTS.has(key)
}

/** May the field stand in a message once only (RFC 3261 §7.3.1)? Unknown fields may be repeated. */
export function isSingleHeader(key: string): boolean {
  return SPELLINGS.has(key) && !LISTS.has(key) && !REPEATABLE.has(key)
}
