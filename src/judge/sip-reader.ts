/** Finds the SIP messages in what was captured: in datagrams and in streams. */
import { createHash } from 'node:crypto'
import type { CapturedDatagram, CapturedSegment, CapturedStreamEvent } from '../capture/events.js'
import type { SipMessage } from '../message/message.js'
import { parseMessage, type ParseResult, type Violation } from '../message/parse.js'
import { type Endpoint, formatEndpoint } from '../transport/network.js'
import { StreamFramer } from '../transport/stream-framer.js'

/** One SIP message on one hop. */
export interface SipSeen {
  /** Unix milliseconds. */
  readonly at: number
  /** As Wireshark counts. */
  readonly frame: number
  readonly from: Endpoint
  readonly to: Endpoint
  readonly transport: 'udp' | 'tcp' | 'tls'
  /** Number of the connection. */
  readonly stream?: number | undefined
  readonly message: SipMessage
  readonly bytes: Buffer
  readonly violations: readonly Violation[]
  /** The same bytes went the same way before: a retransmission. */
  readonly again: boolean
  /** Bytes that the capture lacks at the end of it. */
  readonly cut?: number | undefined
  /** Hop limit (TTL), as it was captured; undefined where that is not known. */
  readonly hops?: number | undefined
  /** Fragments of IP that it came in; absent where it came whole. */
  readonly pieces?: number | undefined
  readonly callId: string
  readonly cseq: number
  /** Of a response, that of its request. */
  readonly method: string
  /** 0 of requests. */
  readonly status: number
  readonly fromTag: string
  /** Empty where there is none. */
  readonly toTag: string
  /** Of the topmost Via; empty where there is none. */
  readonly branch: string
}

/** Bytes on a signalling way that are no SIP message, or none that can be told to belong to anything. */
export interface SipGarbage {
  readonly at: number
  readonly frame: number
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bytes: Buffer
  readonly violations: readonly Violation[]
}

/** The same bytes the same way within so many ms were captured twice, as on all interfaces at once: T1 is 500 ms. */
const CAPTURED_TWICE_MS = 30
/** A message takes some 2 KB of memory beside its bytes. */
const MOST_MESSAGES = 150_000

export class SipReader {
  readonly messages: SipSeen[] = []
  readonly garbage: SipGarbage[] = []
  /** Messages that were captured twice, and counted once. */
  twice = 0
  /** Messages beyond those that are kept. */
  left = 0
  readonly #before = new Map<string, number>()
  readonly #streams = new Map<string, Stream>()

  datagram({ at, frame, from, to, data, cut, pieces, hops }: CapturedDatagram): void {
    const parsed = parseMessage(data, { mode: 'strict' })
    this.#add({ at, frame, from, to, transport: 'udp', cut, pieces, hops }, data, parsed)
  }

  segment(event: CapturedSegment): void {
    const key = `${event.stream} ${formatEndpoint(event.from)}`
    let stream = this.#streams.get(key)
    if (stream === undefined) {
      stream = new Stream((bytes, seen) => this.#streamed(bytes, seen))
      this.#streams.set(key, stream)
    }
    stream.push(event)
  }

  /** What is missing leaves half a message behind: the next one begins with the next start line. */
  streamEvent({ kind, stream, from }: CapturedStreamEvent): void {
    if (kind === 'gap') this.#streams.get(`${stream} ${formatEndpoint(from)}`)?.gap()
  }

  #streamed(bytes: Buffer, { at, frame, from, to, tls, stream }: CapturedSegment): void {
    const parsed = parseMessage(bytes, { mode: 'strict', framing: 'stream' })
    this.#add({ at, frame, from, to, transport: tls ? 'tls' : 'tcp', stream }, bytes, parsed)
  }

  #add(where: Where, bytes: Buffer, { message, violations, consumed }: ParseResult): void {
    if (message === undefined && violations.length === 0) return
    const own = where.stream === undefined || consumed === 0 ? bytes : bytes.subarray(0, consumed)
    const read = message === undefined ? undefined : fieldsOf(message)
    if (message === undefined || read === undefined) {
      const { at, frame, from, to } = where
      if (this.garbage.length < 1000) this.garbage.push({ at, frame, from, to, bytes: own, violations })
      return
    }
    if (this.messages.length >= MOST_MESSAGES) {
      this.left++
      return
    }
    const digest = createHash('sha1').update(own).digest('base64')
    const key = `${where.transport} ${formatEndpoint(where.from)} ${formatEndpoint(where.to)} ${digest}`
    const before = this.#before.get(key)
    if (before !== undefined && where.at - before < CAPTURED_TWICE_MS && where.transport === 'udp') {
      this.twice++
      return
    }
    this.#before.set(key, where.at)
    // What was cut when it was captured breaks rules that the message itself did not break.
    const told = where.cut === undefined ? violations : []
    this.messages.push({ ...where, message, bytes: own, violations: told, again: before !== undefined, ...read })
  }
}

type Where = Pick<SipSeen, 'at' | 'frame' | 'from' | 'to' | 'transport' | 'stream' | 'cut' | 'pieces' | 'hops'>

/** What ties a message to its call and its transaction; undefined where it cannot be read. */
function fieldsOf(message: SipMessage) {
  try {
    const { callId, cseq, from, to } = message
    return {
      callId,
      cseq: cseq.number,
      method: message.kind === 'request' ? message.method : cseq.method,
      status: message.kind === 'request' ? 0 : message.status,
      fromTag: from.tag ?? '',
      toTag: to.tag ?? '',
      branch: branchOf(message),
    }
  } catch {
    return undefined
  }
}

function branchOf(message: SipMessage): string {
  try {
    return message.via.branch ?? ''
  } catch {
    return ''
  }
}

/** One direction of a connection. */
class Stream {
  readonly #deliver: (bytes: Buffer, seen: CapturedSegment) => void
  #framer: StreamFramer | undefined
  #current: CapturedSegment | undefined

  constructor(deliver: (bytes: Buffer, seen: CapturedSegment) => void) {
    this.#deliver = deliver
  }

  push(event: CapturedSegment): void {
    const begins = this.#framer === undefined ? startOfMessage(event.data) : 0
    if (begins < 0) return
    this.#framer ??= this.#fresh()
    this.#current = event
    this.#framer.push(begins === 0 ? event.data : event.data.subarray(begins))
  }

  gap(): void {
    this.#framer = undefined
  }

  #fresh(): StreamFramer {
    return new StreamFramer({
      message: (bytes) => {
        if (this.#current !== undefined) this.#deliver(bytes, this.#current)
      },
      ping: () => {},
      pong: () => {},
      broken: () => {
        this.#framer = undefined
      },
    })
  }
}

const START = /(?:^|\n)(?=SIP\/2\.0 \d{3} |[A-Z]{2,20} (?:sips?|tel):[^\r\n]{1,2000} SIP\/2\.0\r?\n)/

/** Where a message begins in the middle of a stream; -1: nowhere in here. */
function startOfMessage(data: Buffer): number {
  const found = START.exec(data.toString('latin1'))
  return found === null ? -1 : found.index + found[0].length
}
