/** The standing checks of SIP messages. */
import { ParseError, parseNameAddr, type SipRequest, type SipResponse, type Via } from '../message/message.js'
import { parseUri, uriEquals } from '../message/uri.js'
import {
  canonicalAddress,
  type Endpoint,
  formatEndpoint,
  isNumericAddress,
  sameEndpoint,
} from '../transport/network.js'
import { Calls, type PeerDialog, type SentRequest, type Side } from './calls.js'
import { Memory } from './memory.js'
import type { NoteCollector } from './note-collector.js'
import { SentMessages } from './sent-messages.js'
import { Secrets } from './secrets.js'
import type { SessionChecks } from './sessions.js'
import type { ExaminerOptions, SeenMessage } from './types.js'
import { checkOf, severityOf } from './violation-severity.js'

/** What the target put under a branch. */
interface BranchUse {
  readonly callId: string
  readonly cseq: number
  readonly method: string
  readonly device: string
}

/** Header fields that a response copies from its request (RFC 3261 §8.2.6.2, §12.1.1). */
const COPIED = new Set(['via', 'from', 'to', 'call-id', 'cseq', 'timestamp', 'record-route'])
/** Looked for here, so that it is done under load too, where the parser is in a hurry. */
const LOOKED_FOR = new Set([
  'to-tag-missing',
  'contact-missing',
  'max-forwards-missing',
  'via-branch-missing',
  'via-branch-cookie',
  'via-branch-empty',
])
/** 64*T1 with its default: so long an earlier request may still be on its way. */
const LIFETIME_MS = 32_000

export class SignallingChecks {
  readonly #o: ExaminerOptions
  readonly #notebook: NoteCollector
  readonly #sessions: SessionChecks
  readonly #calls: Calls
  readonly #secrets: Secrets
  readonly #words: SentMessages
  readonly #branches: Memory<string, BranchUse>
  /** To tags that our devices gave. */
  readonly #ownTags: Memory<string, true>
  /** Addresses that our devices sent requests to, and users of their Contacts: who comes from or asks for them is no stranger. */
  readonly #peers: Memory<string, true>
  readonly #contacts: Memory<string, true>
  #oddRequests = false
  #oddResponses = false
  #toldNumbers = false
  /** ms after which Timer E of a client has grown to T2. */
  readonly #timerEAtT2: number

  constructor(o: ExaminerOptions, limit: number, notebook: NoteCollector, sessions: SessionChecks) {
    this.#o = o
    this.#notebook = notebook
    this.#sessions = sessions
    this.#calls = new Calls(limit, o.depth === 'load' ? limit / 5 : limit)
    this.#secrets = new Secrets(o.accounts ?? [], notebook)
    this.#words = new SentMessages(o.depth === 'load' ? 16 : 5_000)
    this.#branches = new Memory(limit)
    this.#ownTags = new Memory(limit)
    this.#peers = new Memory(limit)
    this.#contacts = new Memory(limit)
    const { T1, T2 } = o.timers ?? { T1: 500, T2: 4000 }
    let reached = 0
    // A target that states a longer T2 than the RFC's default is not held to it: its clients may have the default.
    for (let e = T1; e > 0 && e < Math.min(T2, 4000); e *= 2) reached += e
    this.#timerEAtT2 = reached
  }

  message(seen: SeenMessage): void {
    // A repetition says nothing new.
    if (seen.again === true) return
    const { message, direction } = seen
    if (direction === 'out') {
      if (seen.violations.length > 0) {
        if (message.kind === 'request') this.#oddRequests = true
        else this.#oddResponses = true
      }
      this.#words.add(message)
      this.#secrets.out(message)
      if (message.kind === 'request') this.#requestOut(seen, message)
      else this.#responseOut(seen, message)
      return
    }
    // Our devices talk to each other, or a story plays the stranger.
    if (this.#o.isOwn?.(seen.remote) === true) return
    if (message.kind === 'request') this.#requestIn(seen, message)
    else this.#responseIn(seen, message)
  }

  garbage({
    remote,
    bytes,
    violations,
  }: {
    remote: Endpoint
    bytes: Buffer
    violations: SeenMessage['violations']
  }): void {
    if (this.#o.isOwn?.(remote) === true || this.#oddRequests || this.#oddResponses || !this.#isPeer(remote)) return
    const line = bytes.toString('latin1', 0, 60).split(/[\r\n]/)[0] ?? ''
    const code = violations[0]?.code ?? 'unreadable'
    this.#notebook.add('EXAM-GRAMMAR', {
      title: `What arrives is no SIP message: ${code}`,
      severity: line.includes('SIP/2.0') ? 'fail' : 'warn',
      rule: violations[0]?.rule ?? 'RFC 3261 §7',
      expected: violations[0]?.expected ?? 'a request or a response',
      actual: line,
    })
  }

  // ── what our devices send ─────────────────────────────────────────────────────────────────────────────────────

  #requestOut(seen: SeenMessage, request: SipRequest): void {
    const { device, at, transport, remote } = seen
    this.#peers.set(remote.address, true)
    const read = quietly(() => {
      const { callId, from, to } = request
      return { callId, cseq: request.cseq.number, from, to, vias: viasOf(request) }
    })
    if (read === undefined) {
      this.#oddRequests = true
      return
    }
    const { callId, cseq, from, to, vias } = read
    const { method } = request
    const sdp = this.#sessions.sdpOf(seen)
    const side = this.#calls.side(this.#calls.call(callId), device)
    if (from.tag !== undefined) this.#calls.tag(side, from.tag)
    if (sdp !== undefined) this.#sessions.out(seen, sdp, side)
    if (method === 'REGISTER' || method === 'INVITE') this.#learnContact(request)
    const branch = vias[0]?.branch
    if (branch === undefined || method === 'ACK') return
    this.#calls.add(branch, {
      device,
      at,
      transport,
      remote,
      method,
      callId,
      cseq,
      from,
      to,
      vias,
      maxForwards: quietly(() => request.maxForwards),
      odd: seen.violations.length > 0,
      sdp,
      refusal: undefined,
    })
  }

  /** Who asks for the user of a Contact of ours knows it from us. */
  #learnContact(request: SipRequest): void {
    const value = request.headers.get('contact')
    if (value === undefined || this.#contacts.get(value) !== undefined) return
    this.#contacts.set(value, true)
    const contacts = quietly(() => request.contacts())
    if (contacts === undefined || contacts === '*') return
    for (const { uri } of contacts) {
      const user = quietly(() => parseUri(uri).user)
      if (user !== undefined && user !== '') this.#peers.set(`user ${user}`, true)
    }
  }

  #responseOut(seen: SeenMessage, response: SipResponse): void {
    const read = quietly(() => ({ callId: response.callId, from: response.from, to: response.to, cseq: response.cseq }))
    if (read === undefined) {
      this.#oddResponses = true
      return
    }
    const { callId, from, to, cseq } = read
    const side = this.#calls.side(this.#calls.call(callId), seen.device)
    if (to.tag !== undefined) {
      this.#calls.tag(side, to.tag)
      this.#ownTags.set(to.tag, true)
    }
    if (cseq.method === 'INVITE') {
      const dialog = this.#calls.dialog(side, from.tag ?? '')
      if (response.status >= 200 && response.status < 300) dialog.confirmed.add(to.tag ?? '')
      else if (response.status >= 300) endIfOver(side, seen.at, false)
    }
    const sdp = this.#sessions.sdpOf(seen)
    if (sdp !== undefined) this.#sessions.out(seen, sdp, side)
  }

  // ── requests from the target ──────────────────────────────────────────────────────────────────────────────────

  #requestIn(seen: SeenMessage, request: SipRequest): void {
    const { device, at } = seen
    const read = quietly(() => ({
      callId: request.callId,
      cseq: request.cseq,
      from: request.from,
      to: request.to,
      via: request.via,
    }))
    if (read === undefined) {
      if (this.#isPeer(seen.remote)) this.#grammar(seen, undefined)
      return
    }
    const { callId, cseq, from, to, via } = read
    const known = this.#calls.find(callId)
    const origin = this.#originOf(request)
    // A proxy hands on what our devices sent, and a back-to-back user agent may keep Call-ID and CSeq.
    const handedOn = origin !== undefined || known?.sent.includes(`${cseq.number} ${cseq.method}`) === true
    // Scanners of the Internet are no concern of the target.
    if (!(handedOn || known !== undefined || this.#isPeer(seen.remote) || this.#asksForUs(request))) return
    this.#source(seen)
    this.#secrets.in(request)
    this.#numbers(seen, from.uri, to.uri)
    const call = known ?? this.#calls.call(callId)
    const side = this.#calls.side(call, device)
    const odd = origin?.odd ?? this.#oddRequests
    this.#grammar(seen, undefined)
    this.#branch(seen, request, via, callId, cseq.number)
    if (!odd) {
      this.#maxForwards(request, origin, to.tag !== undefined)
      this.#recordRoute(request)
      if (request.method === 'INVITE' && !request.headers.has('contact'))
        this.#notebook.add('EXAM-CONTACT', { rule: 'RFC 3261 §8.1.1.8', expected: 'Contact in INVITE', actual: 'none' })
    }
    const dialog = this.#calls.dialog(side, from.tag ?? '')
    if (!handedOn && request.method !== 'ACK' && request.method !== 'CANCEL')
      this.#order(dialog, request.method, cseq.number, at)

    if (!handedOn && to.tag !== undefined && side.tags.length > 0 && !side.tags.includes(to.tag)) {
      this.#notebook.add('EXAM-TAGS', {
        title: 'A request within a call carries a tag that nobody gave',
        rule: 'RFC 3261 §12.2.1.1',
        expected: 'our tag of the dialog in To',
        actual: `${request.method} with To tag ${to.tag}`,
      })
    }
    const sdp = this.#sessions.sdpOf(seen)
    if (sdp !== undefined) {
      this.#sessions.arrived(seen, sdp, {
        callId,
        side,
        dialog,
        sent: undefined,
        odd,
        settled: true,
        carrier: `request ${cseq.number}`,
      })
    }
    if (request.method === 'BYE') {
      dialog.confirmed.delete(to.tag ?? '')
      endIfOver(side, at, !handedOn)
    }
  }

  /** The request of ours that a proxy made this one of: our branch stands below the topmost Via. */
  #originOf(request: SipRequest): SentRequest | undefined {
    const vias = quietly(() => viasOf(request)) ?? []
    for (let i = 1; i < vias.length; i++) {
      const branch = vias[i]?.branch
      const found = branch === undefined ? undefined : this.#calls.sentUnder(branch)
      const same = found?.find((one) => one.method === request.method) ?? found?.[0]
      if (same !== undefined) return same
    }
    return undefined
  }

  /** RFC 3261 §8.1.1.7, §16.6 step 8: another transaction, another branch; §9.1, §17.1.1.3 for those that share one. */
  #branch(seen: SeenMessage, request: SipRequest, via: Via, callId: string, number: number): void {
    const { branch } = via
    const { method } = request
    if (branch === undefined || !branch.startsWith('z9hG4bK') || branch.length === 7) {
      this.#notebook.add('EXAM-BRANCH', {
        title: 'Via without a proper branch',
        expected: 'a branch that begins with z9hG4bK',
        actual: branch ?? 'no branch',
      })
      return
    }
    const key = `${branch} ${via.host}:${via.port ?? 0}`
    const before = this.#branches.get(key)
    if (before === undefined) {
      this.#branches.set(key, { callId, cseq: number, method, device: seen.device })
      return
    }
    const sameCall = before.callId === callId && before.device === seen.device
    if (method === 'ACK' && !(sameCall && before.method === 'INVITE')) {
      if (before.callId === callId) return
      // Known of proxies that forward the ACK of a 2xx without state; no receiver matches it by its branch.
      this.#notebook.add('EXAM-BRANCH', {
        title: 'ACKs of different calls carry the same branch',
        severity: 'info',
        expected: 'a branch of its own',
        actual: branch,
      })
      return
    }
    if (method === 'ACK' || method === 'CANCEL') {
      if (sameCall && before.cseq === number) return
      this.#notebook.add('EXAM-CSEQ', {
        title: `${method} does not carry the number of its INVITE`,
        rule: method === 'ACK' ? 'RFC 3261 §17.1.1.3' : 'RFC 3261 §9.1',
        expected: `CSeq: ${before.cseq} ${method}`,
        actual: `CSeq: ${number} ${method}${before.callId === callId ? '' : ' and another Call-ID'}`,
      })
      return
    }
    if (before.method === 'CANCEL' || before.method === 'ACK') return
    if (sameCall && before.cseq === number && before.method === method) return
    this.#notebook.add('EXAM-BRANCH', {
      rule: before.device === seen.device ? 'RFC 3261 §8.1.1.7' : 'RFC 3261 §16.6',
      expected: 'a branch for each transaction',
      actual:
        before.callId === callId && before.cseq === number && before.method === method
          ? `the same branch towards ${before.device} and ${seen.device}`
          : `${branch} for ${before.method} ${before.cseq} and for ${method} ${number}${before.callId === callId ? '' : ' of another call'}`,
    })
  }

  #maxForwards(request: SipRequest, origin: SentRequest | undefined, inDialog: boolean): void {
    const hops = quietly(() => request.maxForwards)
    if (hops === undefined) {
      if (request.headers.has('max-forwards')) return
      // Keep-alives, and what goes one hop only, harm nobody.
      const { method } = request
      const harmless = method === 'ACK' || method === 'CANCEL' || (!inDialog && method !== 'INVITE')
      this.#notebook.add('EXAM-MAX-FORWARDS', {
        title: 'A request comes without Max-Forwards',
        severity: harmless ? 'warn' : 'fail',
        rule: origin === undefined ? 'RFC 3261 §8.1.1.6' : 'RFC 3261 §16.6',
        expected: 'Max-Forwards',
        actual: `${method} without`,
      })
      return
    }
    if (origin?.maxForwards === undefined || origin.method !== request.method || hops < origin.maxForwards) return
    this.#notebook.add('EXAM-MAX-FORWARDS', {
      title: 'Max-Forwards is not counted down',
      expected: `less than the ${origin.maxForwards} that our device sent`,
      actual: String(hops),
    })
  }

  /** RFC 3261 §16.6 step 4: what a proxy records is a loose router. */
  #recordRoute(message: SipRequest | SipResponse): void {
    if (!message.headers.has('record-route')) return
    for (const value of message.headers.values('record-route')) {
      if (/;\s*lr\b/i.test(value.slice(0, value.indexOf('>') + 1))) continue
      if (quietly(() => parseNameAddr(value)) === undefined || this.#words.hasField('record-route', value)) continue
      this.#notebook.add('EXAM-RECORD-ROUTE', { expected: 'a URI with ;lr', actual: value })
    }
  }

  /** RFC 3261 §12.2.1.1: the peer's own requests have rising numbers. Called for what the target itself originates. */
  #order(dialog: PeerDialog, method: string, number: number, at: number): void {
    const used = `${number} ${method}`
    const before = dialog.numbers.find((one) => one.startsWith(`${number} `))
    if (before !== undefined && before !== used) {
      this.#notebook.add('EXAM-CSEQ', {
        title: 'Two requests of a call carry the same CSeq number',
        expected: 'a number one higher for each request',
        actual: `${before} and ${used}`,
      })
    } else if (
      before === undefined &&
      number < dialog.highest &&
      // An earlier request may come late, if its first copy was lost; a BYE is never the earlier one.
      (method === 'BYE' || at - dialog.highestAt > LIFETIME_MS)
    ) {
      this.#notebook.add('EXAM-CSEQ', {
        title: 'CSeq numbers of a call run backwards',
        expected: `more than ${dialog.highest}`,
        actual: `${number} ${method}`,
      })
    }
    if (before === undefined && dialog.numbers.length < 100) dialog.numbers.push(used)
    if (number > dialog.highest) {
      dialog.highest = number
      dialog.highestAt = at
    }
  }

  // ── responses from the target ─────────────────────────────────────────────────────────────────────────────────

  #responseIn(seen: SeenMessage, response: SipResponse): void {
    const read = quietly(() => ({
      vias: viasOf(response),
      callId: response.callId,
      from: response.from,
      to: response.to,
      cseq: response.cseq,
    }))
    if (read === undefined) {
      if (this.#isPeer(seen.remote)) this.#grammar(seen, undefined)
      return
    }
    const { vias, cseq, from, to } = read
    const branch = vias[0]?.branch
    const candidates = branch === undefined ? undefined : this.#calls.sentUnder(branch)
    const [first] = candidates ?? []
    // Not an answer to anything of ours, or to what was forgotten.
    if (candidates === undefined || first === undefined) return
    this.#source(seen)
    this.#secrets.in(response)
    if (cseq.method === 'INVITE') this.#numbers(seen, from.uri, to.uri)
    const { sent, differences } = closest(candidates, read)
    if (!sent.odd) for (const { id, ...difference } of differences) this.#notebook.add(id, difference)
    this.#grammar(seen, sent)
    if (differences.length > 0) return

    this.#responseSource(seen, sent)
    this.#tags(seen, response, sent, candidates, to.tag)
    this.#provisional(seen, response, sent, to.tag)
    const odd = sent.odd || this.#oddResponses
    if (!odd) this.#recordRoute(response)
    const side = this.#calls.side(this.#calls.call(read.callId), seen.device)
    const dialog = this.#calls.dialog(side, to.tag ?? '')
    const { status } = response
    if (sent.method === 'INVITE' && status >= 200 && status < 300) {
      dialog.confirmed.add(from.tag ?? '')
      if (!odd && !response.headers.has('contact')) {
        this.#notebook.add('EXAM-CONTACT', {
          // §12.2.2 leaves it out of the answer to a re-INVITE; §20's table does not.
          ...(sent.to.tag === undefined ? {} : { severity: 'warn', rule: 'RFC 3261 §20.10' }),
          expected: `Contact in ${status} to INVITE`,
          actual: 'none',
        })
      }
    }
    const sdp = this.#sessions.sdpOf(seen)
    if (sdp !== undefined) {
      this.#sessions.arrived(seen, sdp, {
        callId: read.callId,
        side,
        dialog,
        sent,
        odd,
        settled: status >= 200,
        carrier: `response ${cseq.number}`,
      })
    }
    // §15.1.1: 481 and 408 end it, too; a challenge or a refusal does not.
    if (sent.method === 'BYE' && ((status >= 200 && status < 300) || status === 481 || status === 408)) {
      dialog.confirmed.delete(from.tag ?? '')
      endIfOver(side, seen.at, false)
    } else if (sent.method === 'INVITE' && status >= 300 && sent.to.tag === undefined) {
      endIfOver(side, seen.at, false)
    }
  }

  /** RFC 3581 §4: from where the request went to. */
  #responseSource(seen: SeenMessage, sent: SentRequest): void {
    if (seen.transport !== 'udp' || sent.transport !== 'udp' || sameEndpoint(seen.remote, sent.remote)) return
    const { rport, params } = sent.vias[0] ?? {}
    if (rport === undefined || params?.has('maddr') === true) return
    this.#notebook.add('EXAM-RESPONSE-SOURCE', {
      expected: `a response from ${formatEndpoint(sent.remote)}`,
      actual: `${sent.method} answered from ${formatEndpoint(seen.remote)}`,
    })
  }

  #tags(
    seen: SeenMessage,
    { status }: SipResponse,
    sent: SentRequest,
    candidates: readonly SentRequest[],
    tag: string | undefined,
  ): void {
    if (status === 100 || sent.to.tag !== undefined) return
    if (tag === undefined) {
      if (sent.odd || this.#oddResponses) return
      this.#notebook.add('EXAM-TAGS', {
        title: 'A response comes without a To tag',
        expected: 'a tag in To of every response but 100',
        actual: `${status} to ${sent.method} without`,
      })
      return
    }
    // Of several forks a proxy passes on one refusal; a repetition carries the same tag. A story may use a branch again.
    if (status < 300 || candidates.filter((one) => one.method === sent.method).length > 1) return
    const before = sent.refusal
    if (before === undefined) {
      sent.refusal = { status, tag, at: seen.at }
    } else if (before.status === status && before.tag !== tag && seen.at - before.at < LIFETIME_MS / 2) {
      this.#notebook.add('EXAM-TAGS', {
        title: 'A repeated response carries another To tag',
        expected: `${status} with the tag ${before.tag} again`,
        actual: tag,
      })
    }
  }

  #provisional(seen: SeenMessage, { status }: SipResponse, sent: SentRequest, tag: string | undefined): void {
    if (status >= 200) return
    if (status === 100 && tag !== undefined && sent.to.tag === undefined && this.#ownTags.get(tag) !== undefined) {
      this.#notebook.add('EXAM-100-FORWARDED', {
        expected: "the proxy's own 100",
        actual: "100 with our callee's To tag",
      })
    }
    if (sent.method === 'INVITE') return
    const after = seen.at - sent.at
    if (status > 100) {
      this.#notebook.add('EXAM-PROVISIONAL', {
        title: 'A request other than INVITE gets a provisional response other than 100',
        expected: `no ${status} to ${sent.method}`,
        actual: String(status),
      })
    } else if (seen.transport === 'udp' && after < 0.9 * this.#timerEAtT2) {
      this.#notebook.add('EXAM-PROVISIONAL', {
        title: 'A request other than INVITE gets an early 100 over UDP',
        expected: `no 100 to ${sent.method} before ${this.#timerEAtT2} ms`,
        actual: `100 after ${Math.round(after)} ms`,
      })
    }
  }

  // ── both ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #grammar(seen: SeenMessage, sent: SentRequest | undefined): void {
    if (seen.violations.length === 0) return
    const { message } = seen
    // A story that sends wrong things may get them back, in one form or another.
    if (message.kind === 'request' ? this.#oddRequests : this.#oddResponses) return
    const fields = message.headers.list()
    for (const violation of seen.violations) {
      const { code, rule, offset, expected, actual } = violation
      if (
        LOOKED_FOR.has(code) ||
        (message.kind === 'response' && (code === 'from-tag-missing' || code.startsWith('via-')))
      )
        continue
      const field = fields.find((one) => one.offset === offset)
      if (sent?.odd === true && (field === undefined || COPIED.has(field.key) || code.endsWith('-missing'))) continue
      if (field !== undefined && this.#words.hasField(field.key, field.value)) continue
      const id = checkOf(code)
      this.#notebook.add(id, {
        ...(id === 'EXAM-GRAMMAR' ? { title: `Messages break the grammar: ${code}` } : {}),
        severity: severityOf(violation),
        rule,
        expected,
        actual,
      })
    }
  }

  /** BH-13, EP-3. */
  #source({ remote, transport }: SeenMessage): void {
    const { published } = this.#o
    if (published?.listsSignalling !== true || published.isPublished(remote.address, remote.port, transport)) return
    this.#notebook.add('EXAM-PUBLISHED-SIGNALLING', {
      expected: 'SIP from a published address and port',
      actual: `${transport.toUpperCase()} from ${formatEndpoint(remote)}`,
    })
  }

  #numbers({ transport }: SeenMessage, from: string, to: string): void {
    if (this.#toldNumbers || transport === 'tls') return
    if (![from, to].every((uri) => /^(?:sips?|tel):\+?[0-9][0-9.()-]{2,}(?:[@;]|$)/i.test(uri))) return
    this.#toldNumbers = true
    this.#notebook.add('EXAM-NUMBERS-IN-CLEAR', {
      expected: 'numbers over TLS only, where privacy is wanted',
      actual: `From and To over ${transport.toUpperCase()}`,
    })
  }

  #isPeer(remote: Endpoint): boolean {
    return (
      this.#peers.get(remote.address) !== undefined ||
      this.#o.published?.isPublished(remote.address, remote.port, 'udp') === true
    )
  }

  #asksForUs(request: SipRequest): boolean {
    const user = quietly(() => parseUri(request.uri).user)
    return user !== undefined && this.#peers.get(`user ${user}`) !== undefined
  }
}

interface Copied {
  readonly vias: readonly Via[]
  readonly callId: string
  readonly cseq: { readonly number: number; readonly method: string }
  readonly from: { readonly uri: string; readonly tag?: string | undefined }
  readonly to: { readonly uri: string; readonly tag?: string | undefined }
}

interface Difference {
  readonly id: 'EXAM-CSEQ' | 'EXAM-TAGS' | 'EXAM-COPY'
  readonly title: string
  readonly expected: string
  readonly actual: string
  readonly rule: string
}

/** The request that the response fits best, and where it does not (RFC 3261 §8.2.6.2). */
function closest(candidates: readonly SentRequest[], got: Copied): { sent: SentRequest; differences: Difference[] } {
  let best: { sent: SentRequest; differences: Difference[] } | undefined
  for (const sent of candidates) {
    const differences = compare(sent, got)
    if (differences.length === 0) return { sent, differences }
    if (best === undefined || differences.length < best.differences.length) best = { sent, differences }
  }
  if (best === undefined) throw new RangeError('no candidates')
  return best
}

function compare(sent: SentRequest, got: Copied): Difference[] {
  const found: Difference[] = []
  const differs = (id: Difference['id'], what: string, expected: string, actual: string) => {
    found.push({
      id,
      title: `A response carries another ${what} than its request`,
      rule: 'RFC 3261 §8.2.6.2',
      expected,
      actual,
    })
  }
  if (got.cseq.number !== sent.cseq || got.cseq.method !== sent.method)
    differs('EXAM-CSEQ', 'CSeq', `${sent.cseq} ${sent.method}`, `${got.cseq.number} ${got.cseq.method}`)

  if (got.callId !== sent.callId) differs('EXAM-COPY', 'Call-ID', sent.callId, got.callId)
  if (got.from.tag !== sent.from.tag)
    differs('EXAM-TAGS', 'From tag', sent.from.tag ?? 'no tag', got.from.tag ?? 'no tag')

  if (sent.to.tag !== undefined && got.to.tag !== sent.to.tag)
    differs('EXAM-TAGS', 'To tag', sent.to.tag, got.to.tag ?? 'no tag')

  if (!sameUri(got.from.uri, sent.from.uri)) differs('EXAM-COPY', 'From URI', sent.from.uri, got.from.uri)
  if (!sameUri(got.to.uri, sent.to.uri)) differs('EXAM-COPY', 'To URI', sent.to.uri, got.to.uri)
  const same = got.vias.length === sent.vias.length && got.vias.every((via, i) => sameVia(via, sent.vias[i]))
  if (!same) differs('EXAM-COPY', 'Via', sent.vias.map(viaText).join(', '), got.vias.map(viaText).join(', '))
  return found
}

function sameUri(a: string, b: string): boolean {
  if (a === b) return true
  return quietly(() => uriEquals(parseUri(a), parseUri(b))) ?? true
}

/** But for `received` and `rport`, which the server adds; other parameters may be answered by a value, too. */
function sameVia(a: Via, b: Via | undefined): boolean {
  return (
    b !== undefined &&
    a.branch === b.branch &&
    a.transport === b.transport &&
    sameHost(a.host, b.host) &&
    (a.port ?? 0) === (b.port ?? 0)
  )
}

/** Of an IPv6 address, which has several spellings, the address counts. */
function sameHost(a: string, b: string): boolean {
  if (a.toLowerCase() === b.toLowerCase()) return true
  return isNumericAddress(a) && isNumericAddress(b) && canonicalAddress(a) === canonicalAddress(b)
}

function viaText({ transport, host, port, branch }: Via): string {
  return `${transport} ${host}${port === undefined ? '' : `:${port}`};branch=${branch ?? ''}`
}

/** The call is over for media when none of its dialogs is left. */
function endIfOver(side: Side, at: number, byTarget: boolean): void {
  for (const dialog of side.dialogs) if (dialog.confirmed.size > 0) return
  for (const leg of side.legs) {
    if (leg.endedAt !== Infinity) continue
    leg.endedAt = at
    leg.endedByTarget = byTarget
  }
}

/** All Via values; where there is one only, as nearly always, the one that is remembered. @throws ParseError */
function viasOf(message: SipRequest | SipResponse): readonly Via[] {
  const fields = message.headers.all('via')
  return fields.length === 1 && fields[0]?.includes(',') !== true ? [message.via] : message.vias()
}

/** What cannot be read has been named by the parser. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ParseError) return undefined
    throw error
  }
}
