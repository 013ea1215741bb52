/** Where the target led our devices although its file does not allow it, in words: nothing was sent there. */
import type { PacketKind, RefusedSending, ScenarioRecord, SipSighting } from '../evidence/record.js'
import type { StandingNote } from '../result/finding.js'
import { canonicalAddress, type Endpoint, formatEndpoint } from '../transport/network.js'

/** What is told of something that was not sent. */
export type ToldRefusal = Pick<RefusedSending, 'why' | 'remote' | 'uri' | 'count'> & {
  readonly packet: PacketKind
  /** Where the target named it: `Contact of the 200 to INVITE`. */
  readonly source?: string | undefined
}

/** What was not sent in a scenario, with where the target named it. What was no place to send to is left out. */
export function refusalsOf(record: Pick<ScenarioRecord, 'refusals' | 'messages'>): ToldRefusal[] {
  return record.refusals
    .filter(({ why }) => why !== 'nowhere')
    .map((refusal) => ({ ...refusal, source: sourceOf(refusal, record.messages) }))
}

/**
 * Why a scenario in which something was not sent decides nothing, in a sentence. Undefined where all went out, or where
 * no telephone of a customer could have sent it either.
 */
export function whyUndecided(refusals: readonly ToldRefusal[]): string | undefined {
  const first = refusals.find(({ why }) => why !== 'private')
  return first && sentenceOf(first)
}

/** One note for all that was not sent. */
export function noteOf(refusals: readonly ToldRefusal[]): StandingNote | undefined {
  const [first] = refusals
  if (first === undefined) return undefined
  const places = [...new Set(refusals.map(placeOf))]
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : ''
  return {
    id: 'OUT-OF-REACH',
    severity: 'warn',
    gravity: 'harm',
    cause: 'out-of-reach',
    title: 'The target leads devices to addresses that its target file does not allow',
    rule: 'limits.mayReach',
    provider: [],
    expected: 'only addresses that the target file names, publishes or allows',
    actual: `${places.slice(0, MOST_PLACES).join('; ')}${more}`,
    harm: `${sentenceOf(first)} What depends on it was not tested.`,
    advice: refusals.every(({ why }) => why === 'private')
      ? 'No telephone outside can send to a private address: let the target name its public one.'
      : 'If these addresses are the provider’s, add them to published.relays, to published.signalling or to limits.mayReach. If not, the target sends its customers’ calls to a stranger.',
    count: refusals.reduce((sum, { count }) => sum + count, 0),
  }
}

const MOST_PLACES = 8

const isMedia = (packet: PacketKind): boolean => packet === 'rtp' || packet === 'rtcp'

function placeOf({ remote, uri, source, packet }: ToldRefusal): string {
  const what = uri ?? (isMedia(packet) ? `media to ${formatEndpoint(remote)}` : formatEndpoint(remote))
  return source === undefined ? what : `${what} (${source})`
}

function sentenceOf({ why, remote, uri, source, packet }: ToldRefusal): string {
  const where = source === undefined ? '' : ` (${source})`
  const named = `The target sent us to ${formatEndpoint(remote)}${where}`
  if (why === 'dialling')
    return `The target led a device to dial ${uri ?? ''}${where}: that is, or looks like, an emergency or premium number; ringproof sent nothing.`
  if (why === 'private')
    return `${named}, a private address that no telephone outside can reach; ringproof sends nothing there.`
  return isMedia(packet)
    ? `The target’s relay ${remote.address}${where} is not in the target file: add it to published.relays or limits.mayReach. ringproof sent nothing there.`
    : `${named}; ringproof sends nothing there. Allow it with limits.mayReach.`
}

/** The header line, or the session description, of the latest message in which the target named the place. */
function sourceOf({ at, remote, uri, packet }: RefusedSending, messages: readonly SipSighting[]): string | undefined {
  const heard = messages.filter((seen) => seen.direction === 'in' && seen.at <= at)
  for (const seen of heard.toReversed()) {
    const part = partThatNames(seen, remote, uri, isMedia(packet))
    if (part !== undefined) return `${part} of ${titleOf(seen)}`
  }
  const from = heard.findLast((seen) => canonicalAddress(seen.remote.address) === canonicalAddress(remote.address))
  return from && `the source of ${titleOf(from)}`
}

function titleOf({ message }: SipSighting): string {
  if (message.kind === 'request') return `the ${message.method}`
  let method = ''
  try {
    method = ` to ${message.cseq.method}`
  } catch {
    // What cannot be read is told without.
  }
  return `the ${message.status}${method}`
}

function partThatNames({ bytes }: SipSighting, remote: Endpoint, uri: string | undefined, media: boolean) {
  const [head = '', body = ''] = bytes.toString('latin1').split(/\r?\n\r?\n/, 2)
  const names = (line: string) => (uri === undefined ? holdsAddress(line, remote.address) : line.includes(uri))
  if (media) return body.split(/\r?\n/).some(names) ? 'SDP' : undefined
  const line = head
    .split(/\r?\n(?![ \t])/)
    .slice(1)
    .find(names)
  return line === undefined
    ? undefined
    : (NAMES[line.split(':', 1)[0]?.trim().toLowerCase() ?? ''] ?? line.split(':', 1)[0])
}

/** Compact forms, RFC 3261 §7.3.3. */
const NAMES: Readonly<Record<string, string>> = { m: 'Contact', v: 'Via', r: 'Refer-To' }

function holdsAddress(line: string, address: string): boolean {
  const wanted = canonicalAddress(address)
  return (line.match(/[0-9a-fA-F:.]{3,}/g) ?? []).some((word) => {
    const bare = word.replace(/^:(?!:)|[.:]+$/g, '')
    return bare === wanted || bare.split(':')[0] === wanted || canonicalAddress(bare) === wanted
  })
}
