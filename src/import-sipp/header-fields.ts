/** Header fields of the old file: which are ringproof's own work, and which are kept. */
import type { SipText } from './sip-text.js'

/** Written by the stack, each as its RFC has it. */
const OWN = new Set([
  'via',
  'from',
  'to',
  'call-id',
  'cseq',
  'contact',
  'max-forwards',
  'content-length',
  'content-type',
  'route',
  'record-route',
  'authorization',
  'proxy-authorization',
  'allow',
  'supported',
  'user-agent',
  'server',
  'rack',
  'rseq',
  'require',
  'session-expires',
  'min-se',
  'expires',
  'event',
  'refer-to',
  'accept',
  'date',
  'timestamp',
  'subscription-state',
])

export interface KeptField {
  readonly name: string
  readonly value: string
}

/** What is special about a message: neither the stack's, nor a line that is a keyword alone. */
export const keptFields = ({ fields }: SipText): KeptField[] =>
  fields.filter(
    ({ name, value }) => name !== '' && name !== '__proto__' && value !== '' && !OWN.has(name.toLowerCase()),
  )

/** Attributes of session descriptions that ringproof writes itself, or that would contradict what it writes. */
const OWN_ATTRIBUTES = new Set([
  'rtpmap',
  'fmtp',
  'ptime',
  'maxptime',
  'sendrecv',
  'sendonly',
  'recvonly',
  'inactive',
  'rtcp',
  'rtcp-mux',
  'crypto',
  'fingerprint',
  'setup',
  'ice-ufrag',
  'ice-pwd',
  'candidate',
  'ice-options',
  'ice-lite',
  'rtcp-fb',
  'ssrc',
  'mid',
  'group',
  'msid',
  'key-mgmt',
])

export interface OldDescription {
  /** `PCMU`, in the file's order; what ringproof does not speak is in `foreign`. */
  readonly codecs: readonly ('PCMA' | 'PCMU' | 'G722')[]
  readonly foreign: readonly string[]
  readonly events: boolean
  readonly encrypted: boolean
  /** `a=` lines that are nobody's but the file's. */
  readonly attributes: readonly string[]
  readonly otherMedia: readonly string[]
  /** The other side is put on hold by it. */
  readonly holds: boolean
}

const STATIC: Readonly<Record<string, 'PCMA' | 'PCMU' | 'G722' | 'noise'>> = {
  0: 'PCMU',
  8: 'PCMA',
  9: 'G722',
  13: 'noise',
}
const SPOKEN = { PCMA: 'PCMA', PCMU: 'PCMU', G722: 'G722' } as const

/** Undefined: the body is no session description. */
export function oldDescription(body: string): OldDescription | undefined {
  if (!/^v=0/m.test(body)) return undefined
  const lines = body.split('\n').map((line) => line.trim())
  const audio = lines.find((line) => line.startsWith('m=audio'))
  const types = audio?.split(/\s+/).slice(3) ?? []
  const named = new Map(
    lines.flatMap((line) => {
      const [, type = '', name = ''] = /^a=rtpmap:(\d+)\s+([^/\s]+)/i.exec(line) ?? []
      return type === '' ? [] : [[type, name.toUpperCase()] as const]
    }),
  )
  const names = types.map((type) => named.get(type) ?? STATIC[type] ?? type)
  const spoken = names.flatMap((name) => (isSpoken(name) ? [SPOKEN[name]] : []))
  const foreign = names.filter((name) => !isSpoken(name) && !['TELEPHONE-EVENT', 'noise', 'CN'].includes(name))
  return {
    codecs: [...new Set(spoken)],
    foreign,
    events: names.includes('TELEPHONE-EVENT'),
    encrypted: /RTP\/SAVPF?\b/.test(audio ?? '') || lines.some((line) => line.startsWith('a=crypto:')),
    attributes: lines.filter((line) => {
      const [, name] = /^a=([^:\s]+)/.exec(line) ?? []
      return name !== undefined && !OWN_ATTRIBUTES.has(name.toLowerCase())
    }),
    otherMedia: lines
      .filter((line) => line.startsWith('m=') && !line.startsWith('m=audio'))
      .map((line) => line.slice(2).split(/\s/)[0] ?? ''),
    holds: /^a=(?:sendonly|inactive)\s*$/m.test(body) || /^c=IN IP4 0\.0\.0\.0\s*$/m.test(body),
  }
}

const isSpoken = (name: string): name is keyof typeof SPOKEN => Object.hasOwn(SPOKEN, name)
