/** The call agent's API: HTTP/1.1 with JSON on loopback, a bearer token, calls that end when their client goes away. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { SystemRandom } from '../clock/random.js'
import { unixNow } from '../clock/wall-clock.js'
import { type SearchStep, stepOf } from './breakpoint.js'
import { CallAdmission } from './call-admission.js'
import type { CallEngine } from './call-engine.js'
import { callChoices, type OrderFacts } from './call-order.js'
import type { CallRecord } from './call-record.js'
import { allow, answer, bearerOf, fail, HttpError, json, readBody } from './http-answers.js'
import { answerOf, waveOfRuns } from './runs/run-answers.js'
import { NoRoomError, type RunDesk, type Runs } from './runs/run-desk.js'
import { stormOf, type StormReport } from './registration-storm.js'
import { orderOf, waveOf } from './wave-order.js'
import { Waves, type WavesOptions } from './waves.js'

export interface AgentServerOptions extends Pick<WavesOptions, 'onHeldBack' | 'onUndelivered'> {
  readonly engine: CallEngine
  /** Runs scenarios. */
  readonly runs: Pick<RunDesk, 'begin' | 'proceed'>
  readonly facts: OrderFacts
  readonly token: string
  /** 0: any. */
  readonly port: number
  /** What `/v1/stats` answers. */
  readonly stats: () => object
  /** What `/metrics` answers: content type and text. */
  readonly metrics: () => Promise<{ readonly type: string; readonly text: string }>
  /** Told of the steps of a search for the most that is carried. */
  readonly onStep?: (step: SearchStep) => void
  /** Looks at the generator from now on; what it returns tells what was wrong meanwhile. */
  readonly watch?: () => () => readonly string[]
  /** Told of registrations that were ordered, when they are over. */
  readonly onStorm?: (report: StormReport, kind: 'again' | 'flapping') => void
  /** Takes k6's summary; absent: nobody wants it. */
  readonly onSummary?: ((summary: unknown) => void) | undefined
  /** How long a call goes on whose client is not there, ms. */
  readonly graceMs?: number
}

/** A client may order on one connection and fetch on another; it has so long for it. */
const GRACE_MS = 2_000
/** Records that were fetched can be fetched again for so long; those that nobody fetched are kept as long. */
const KEEP_MS = 60_000
const MOST_KEPT = 20_000
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2

/** A call that clients may ask for. */
interface KnownCall {
  readonly id: string
  readonly record: Promise<CallRecord>
  over: CallRecord | undefined
  /** Requests that are held for it. */
  held: number
  /** The connection that it was ordered on; undefined once it is gone. */
  home: Socket | undefined
  grace: NodeJS.Timeout | undefined
}

export class AgentServer {
  readonly #o: AgentServerOptions
  readonly #server: Server
  readonly #admission: CallAdmission
  readonly #waves: Waves
  readonly #random = new SystemRandom()
  readonly #calls = new Map<string, KnownCall>()
  readonly #byHome = new Map<Socket, Set<KnownCall>>()
  readonly #authorise: (authorization: string | undefined) => void
  #draining = false
  /** Which kind of call comes next where orders leave it open. */
  #turn = 0
  #storming = false

  private constructor(o: AgentServerOptions) {
    this.#o = o
    this.#authorise = bearerOf(o.token)
    this.#admission = new CallAdmission(o.facts.document.limits)
    this.#waves = new Waves({
      engine: o.engine,
      onFree: () => o.runs.proceed(),
      admission: this.#admission,
      now: () => performance.now(),
      unixMs: unixNow,
      onHeldBack: o.onHeldBack,
      onUndelivered: o.onUndelivered,
    })
    this.#server = createServer({ keepAlive: true, noDelay: true }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => fail(response, error))
    })
    // Results are held for as long as calls last, and a client may pause between its requests.
    this.#server.requestTimeout = 0
    this.#server.headersTimeout = 60_000
    this.#server.keepAliveTimeout = 600_000
    this.#server.timeout = 0
    this.#server.on('connection', (socket: Socket) => {
      socket.on('close', () => this.#clientGone(socket))
    })
  }

  /** Listens on 127.0.0.1. @throws when the port is taken */
  static async start(o: AgentServerOptions): Promise<AgentServer> {
    const server = new AgentServer(o)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(o.port, '127.0.0.1', () => {
        server.#server.off('error', reject)
        resolve()
      })
    })
    return server
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Takes no more orders (503); what is held goes on. */
  drain(): void {
    this.#draining = true
  }

  async close(): Promise<void> {
    this.drain()
    for (const call of this.#calls.values()) clearTimeout(call.grace)
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const patience = setTimeout(() => this.#server.closeAllConnections(), 1_000)
    await closed
    clearTimeout(patience)
  }

  // --- requests -----------------------------------------------------------------------------------------------------

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#authorise(request.headers.authorization)
    const path = (request.url ?? '').replace(/\?.*$/, '')
    const [, id, part] = /^\/v1\/calls\/([^/]+)(\/result)?$/.exec(path) ?? []
    if (id !== undefined) {
      allow(request, part === undefined ? ['DELETE'] : ['GET'])
      return part === undefined ? this.#hangUp(id, request, response) : this.#result(id, request, response)
    }
    switch (path) {
      case '/v1/health':
        allow(request, ['GET'])
        answer(response, 200, { ready: !this.#draining && this.#o.engine.workers > 0, workers: this.#o.engine.workers })
        return
      case '/v1/calls':
        allow(request, ['POST'])
        return this.#order(request, response)
      case '/v1/stats':
        allow(request, ['GET'])
        answer(response, 200, { draining: this.#draining, ...this.#o.stats() })
        return
      case '/metrics': {
        allow(request, ['GET'])
        const { type, text } = await this.#o.metrics()
        response.writeHead(200, { 'Content-Type': type }).end(text)
        return
      }
      case '/v1/waves':
        allow(request, ['POST'])
        return this.#wave(request, response)
      case '/v1/steps':
        allow(request, ['POST'])
        this.#o.onStep?.(stepOf(await this.#ordered(request)))
        response.writeHead(204).end()
        return
      case '/v1/registrations':
        allow(request, ['POST'])
        return this.#registerAgain(request, response)
      case '/v1/summary':
        allow(request, ['POST'])
        return this.#summary(request, response)
      case '/v1/runs':
        allow(request, ['POST'])
        return this.#run(request, response)
      default:
        throw new HttpError(404, `no such path: ${path}`)
    }
  }

  async #order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await this.#ordered(request)
    this.#assertCalls()
    const choices = callChoices(body, this.#o.facts)
    // Steps of the golden ratio meet every share soon, whatever the weights.
    this.#turn = (this.#turn + GOLDEN_RATIO) % 1
    const order = orderOf(choices, this.#turn, this.#random)
    // Limits are asked last: an order that is wrong takes nobody's place.
    const refused = this.#admission.admit(performance.now())
    if (refused !== undefined) throw tooMany(refused.why, refused.retryAfterMs)
    const socket = request.socket
    const placed = this.#o.engine.place(order)
    const call: KnownCall = {
      id: placed.id,
      record: placed.record,
      over: undefined,
      held: 1,
      home: socket,
      grace: undefined,
    }
    this.#know(call, socket)
    let gone = false
    response.once('close', () => {
      if (response.writableFinished) return
      gone = true
      this.#abandon(call)
    })
    const { status, setupMs, relay, reason } = await placed.answered
    call.held -= 1
    if (gone) return
    answer(response, 201, {
      id: placed.id,
      status,
      setupMs: setupMs === undefined ? null : Math.round(setupMs * 1000) / 1000,
      relay: relay === '' ? null : relay,
      ...(reason === undefined ? {} : { reason }),
    })
  }

  /** Held until all calls of the wave are over. */
  async #wave(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await this.#ordered(request)
    this.#assertCalls()
    const calls = waveOf(body, this.#o.facts)
    if (!this.#waves.takes(calls.length)) {
      const why = `${this.#waves.waiting} calls wait until the target file's limits allow them (limits)`
      throw tooMany(`${why}; more are not taken`, 1000)
    }
    const watch = this.#o.watch?.()
    const wave = this.#waves.begin(calls)
    response.once('close', () => {
      if (!response.writableFinished) wave.end('client-gone')
    })
    const over = await wave.over
    const generator = watch?.() ?? []
    if (!response.destroyed) answer(response, 200, { ...over, generator })
  }

  /** Runs of scenarios, held until all of them are over. One is refused where the limits do not allow it now, a wave waits. */
  async #run(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await this.#ordered(request)
    let runs: Runs
    try {
      runs = await this.#o.runs.begin(body, { admission: this.#admission, given: () => this.#waves.proceed() })
    } catch (error) {
      throw error instanceof NoRoomError ? tooMany(error.message, error.retryAfterMs) : error
    }
    const end = () => {
      if (!response.writableFinished) runs.end()
    }
    response.once('close', end)
    if (response.destroyed) end()
    const outcomes = await runs.over
    if (response.destroyed) return
    const [first] = outcomes
    if (!runs.isWave && first === undefined) throw new HttpError(503, 'the agent is shutting down')
    answer(response, 200, runs.isWave || first === undefined ? waveOfRuns(outcomes, runs.heldBack()) : answerOf(first))
  }

  /** Held until the devices have registered, or given up. */
  async #registerAgain(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const order = stormOf(await this.#ordered(request))
    if (this.#storming) throw new HttpError(409, 'the devices are still registering because of an earlier order')
    this.#storming = true
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      const report = await this.#o.engine.registerAgain(order, gone.signal)
      this.#o.onStorm?.(report, 'again' in order ? 'again' : 'flapping')
      if (!response.destroyed) answer(response, 200, report)
    } finally {
      this.#storming = false
    }
  }

  async #summary(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const summary = json(await readBody(request))
    if (this.#o.onSummary === undefined) throw new HttpError(404, 'this agent writes no report: start it with --out')
    this.#o.onSummary(summary)
    response.writeHead(204).end()
  }

  /** @throws HttpError where the target's few accounts were lent to scenarios */
  #assertCalls(): void {
    if (this.#o.engine.retired)
      throw new HttpError(409, 'the accounts of the target file were lent to scenarios: there is none left for calls')
  }

  /** The body of an order. @throws HttpError */
  async #ordered(request: IncomingMessage): Promise<unknown> {
    const body = await readBody(request)
    if (this.#draining) throw new HttpError(503, 'the agent is shutting down', { headers: { 'Retry-After': '60' } })
    return json(body)
  }

  async #result(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = this.#find(id)
    clearTimeout(call.grace)
    this.#moveTo(call, request.socket)
    call.held += 1
    response.once('close', () => {
      call.held -= 1
      if (!response.writableFinished) this.#abandon(call)
    })
    const record = await call.record
    if (!response.destroyed) answer(response, 200, record)
  }

  async #hangUp(id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = this.#find(id)
    clearTimeout(call.grace)
    this.#moveTo(call, request.socket)
    this.#o.engine.end(id, 'normal')
    const record = await call.record
    if (!response.destroyed) answer(response, 200, record)
  }

  // --- who is there -------------------------------------------------------------------------------------------------

  #know(call: KnownCall, socket: Socket): void {
    this.#calls.set(call.id, call)
    this.#moveTo(call, socket)
    void call.record.then((record) => {
      call.over = record
      this.#admission.release()
      this.#waves.proceed()
      this.#o.runs.proceed()
      clearTimeout(call.grace)
      this.#leave(call)
      setTimeout(() => this.#calls.delete(call.id), KEEP_MS).unref()
      if (this.#calls.size > MOST_KEPT) this.#forgetOldest()
    })
  }

  #find(id: string): KnownCall {
    const call = this.#calls.get(id)
    if (call === undefined) throw new HttpError(404, `no such call: ${id}`)
    return call
  }

  #moveTo(call: KnownCall, socket: Socket): void {
    if (call.over !== undefined) return
    this.#leave(call)
    call.home = socket
    const calls = this.#byHome.get(socket) ?? new Set()
    calls.add(call)
    this.#byHome.set(socket, calls)
  }

  #leave(call: KnownCall): void {
    if (call.home === undefined) return
    const calls = this.#byHome.get(call.home)
    calls?.delete(call)
    if (calls?.size === 0) this.#byHome.delete(call.home)
    call.home = undefined
  }

  /** A connection is gone: whoever fetches on another one has a moment for it. */
  #clientGone(socket: Socket): void {
    const calls = this.#byHome.get(socket)
    this.#byHome.delete(socket)
    for (const call of calls ?? []) {
      call.home = undefined
      if (call.held > 0 || call.over !== undefined) continue
      call.grace = setTimeout(() => this.#o.engine.end(call.id, 'client-gone'), this.#o.graceMs ?? GRACE_MS)
      call.grace.unref()
    }
  }

  /** A request that was held for the call broke off. */
  #abandon(call: KnownCall): void {
    if (call.over === undefined) this.#o.engine.end(call.id, 'client-gone')
  }

  #forgetOldest(): void {
    for (const [id, call] of this.#calls) {
      if (call.over === undefined) continue
      this.#calls.delete(id)
      return
    }
  }
}

function tooMany(why: string, retryAfterMs: number): HttpError {
  return new HttpError(429, why, { headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) } })
}
