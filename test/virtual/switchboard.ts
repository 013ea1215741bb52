/**
 * A provider of another make: a back-to-back user agent that is right by the RFCs and does things otherwise than the
 * embedded provider, in virtual time. What a scenario says of it is not to depend on such habits.
 */
import { SeededRandom } from '../../src/clock/random.js'
import { VirtualClock } from '../../src/clock/virtual-clock.js'
import type { Answer, IncomingCall } from '../../src/agent/call.js'
import { UserAgent } from '../../src/agent/user-agent.js'
import { createResponse } from '../../src/message/build.js'
import { formatChallenge, parseAuthorization, verifyDigest } from '../../src/message/digest.js'
import type { SipRequest, SipResponse } from '../../src/message/message.js'
import { parseUri } from '../../src/message/uri.js'
import type { ScenarioResult } from '../../src/result/scenario-result.js'
import { AccountPool } from '../../src/runner/account-pool.js'
import { runScenario } from '../../src/runner/run-scenario.js'
import { variantsOf } from '../../src/scenario/scenario.js'
import { resolveTarget } from '../../src/worlds/find-target.js'
import { targetOf } from '../../src/target/target-file.js'
import { timerTable } from '../../src/transaction/timers.js'
import { DnsClient } from '../../src/transport/dns-client.js'
import { MemoryNetwork, type Parcel } from '../../src/transport/memory-network.js'
import { allScenarios } from './detection.js'

const AT = { address: '203.0.113.5', port: 5060 }
const DEVICES = '192.0.2.10'
const DOMAIN = 'other.example'
const ECHO = '40600'
const PASSWORD = 'not a secret'

export interface Habits {
  /** The caller has its 487 at once; the callee's CANCEL follows so many milliseconds later. */
  readonly cancelsAfterMs?: number
  /** The callee is never told that the caller has given up. */
  readonly neverCancels?: boolean
  /** Sends both sides a re-INVITE once the call is up, as servers do that lead media past themselves. */
  readonly reinvites?: boolean
  /** Transactions towards devices give up after so many milliseconds. */
  readonly givesUpAfterMs?: number
  /** Answers to requests other than INVITE are kept for so many milliseconds: Timer J. */
  readonly keepsAnswersMs?: number
  /** After the callee's 180 a 183 of its own. */
  readonly ringback?: boolean
  /** Before the callee says anything, a 183 with a description, from a tone generator with a To tag of its own. */
  readonly tones?: boolean
  /** 100 before the answer to REGISTER. */
  readonly tryingForRegister?: boolean
  /** Another telephone on each account rings on, whatever this one does. */
  readonly othersRing?: boolean
  /** INFO goes no further: answered, or left unanswered. */
  readonly info?: 'answered' | 'lost'
  /** The echo service answers calls with this. */
  readonly echo?: number
  /** Writes From of its responses in its own way. */
  readonly rewritesFrom?: boolean
  /** The echo service hangs up after so many milliseconds without ACK. */
  readonly hangsUpWithoutAckMs?: number
  /** Loses datagrams for which it returns true. */
  readonly lose?: (parcel: Parcel) => boolean
}

/** Runs one scenario, in its first variant, against a switchboard of such habits. `read`: with its ladder. */
export async function runAt(
  id: string,
  habits: Habits = {},
): Promise<{ result: ScenarioResult; board: Switchboard; read: () => ScenarioResult }> {
  const found = (await allScenarios()).find(({ definition }) => definition.id === id)
  const variant = found && variantsOf(found.definition)[0]
  if (found === undefined || variant === undefined) throw new Error(`no scenario ${id}`)
  const document = targetOf({
    name: 'other',
    domain: DOMAIN,
    endpoints: { udp: { host: AT.address }, tcp: { host: AT.address } },
    accounts: ['40101', '40102', '40103'].map((user) => ({ user, password: PASSWORD })),
    services: { echo: ECHO },
  })
  const clock = new VirtualClock()
  const random = new SeededRandom(id)
  const network = new MemoryNetwork({
    clock,
    random: random.fork('wire'),
    link: { delayMs: 5 },
    host: { ipv4: DEVICES, ipv6: '2001:db8::10' },
  })
  if (habits.lose !== undefined) {
    const { lose } = habits
    network.filter = (parcel) => !lose(parcel)
  }
  return clock.run(async () => {
    const board = new Switchboard({ clock, random: random.fork('board'), network, habits })
    await board.start()
    const dns = new DnsClient({ network, clock, random, servers: [] })
    const world = {
      clock,
      random: random.fork('story'),
      network,
      target: await resolveTarget({ document, dns }),
      address: () => DEVICES,
      admitCall: () => Promise.resolve(() => {}),
      lagBetween: () => 0,
    }
    const lease = new AccountPool(document).take(found.definition)
    if (lease === undefined) throw new Error('not enough accounts')
    const told = await runScenario({ entry: { ...found, variant }, world, lease, runStartMs: 0, brief: true })
    // What the devices left behind shows only after a while.
    await clock.sleep(100)
    board.callsLeft = board.agent.calls.size
    await board.stop()
    return { result: told.result, board, read: () => told.read(true).result }
  })
}

export class Switchboard {
  readonly agent: UserAgent
  /** Contact URI by account. */
  readonly bindings = new Map<string, string>()
  /** Legs that were still up when the scenario was over. */
  callsLeft = 0
  readonly #habits: Habits
  readonly #clock: VirtualClock

  constructor(o: { clock: VirtualClock; random: SeededRandom; network: MemoryNetwork; habits: Habits }) {
    this.#habits = o.habits
    this.#clock = o.clock
    const { givesUpAfterMs: gaveUp, keepsAnswersMs: kept } = o.habits
    this.agent = new UserAgent({
      name: 'board',
      clock: o.clock,
      network: o.network,
      random: o.random,
      account: { user: 'board', password: '', domain: DOMAIN },
      outbound: (uri) => {
        const { host, port } = parseUri(uri)
        return { transport: 'udp', remote: { address: host, port: port ?? 5060 } }
      },
      localAddress: AT.address,
      localPort: AT.port,
      timers: timerTable({
        ...(gaveUp === undefined ? {} : { B: gaveUp, F: gaveUp }),
        ...(kept === undefined ? {} : { J: kept }),
      }),
      parseMode: 'fast',
    })
    this.agent.beforeTransmit = (message) => {
      if (message.kind === 'response' && o.habits.rewritesFrom === true) rewriteFrom(message)
      return message
    }
    this.agent.onRequest = (request) => this.#request(request)
    this.agent.onCall = (call) => this.#called(call)
  }

  async start(): Promise<void> {
    await this.agent.start()
    const { transactions } = this.agent.stack
    const { onRequest } = transactions
    transactions.onRequest = (tx) => {
      if (this.#habits.tryingForRegister === true && tx.request.method === 'REGISTER')
        tx.respond(createResponse(tx.request, 100))

      onRequest?.(tx)
    }
  }

  stop(): Promise<void> {
    return this.agent.stop()
  }

  #request(request: SipRequest): Answer | undefined {
    if (request.to.tag !== undefined || (request.method !== 'REGISTER' && request.method !== 'INVITE')) return undefined
    const proxy = request.method === 'INVITE'
    const value = request.headers.get(proxy ? 'Proxy-Authorization' : 'Authorization')
    const authorization = value === undefined ? undefined : parseAuthorization(value)
    if (
      authorization === undefined ||
      !verifyDigest({ authorization, method: request.method, password: PASSWORD, body: request.body })
    ) {
      const challenge = formatChallenge({ realm: DOMAIN, nonce: 'nonce', algorithm: 'MD5', qop: ['auth'] })
      return proxy
        ? { status: 407, headers: { 'Proxy-Authenticate': challenge } }
        : { status: 401, headers: { 'WWW-Authenticate': challenge } }
    }
    if (!proxy) return this.#register(request)
    const { echo = 200 } = this.#habits
    return parseUri(request.uri).user === ECHO && echo >= 300 ? { status: echo } : undefined
  }

  #register(request: SipRequest): Answer {
    const user = parseUri(request.to.uri).user ?? ''
    const contacts = request.contacts()
    const contact = contacts === '*' ? undefined : contacts[0]
    const expires = Number(contact?.params.get('expires') ?? request.headers.get('Expires') ?? 3600)
    if (contacts === '*' || expires === 0) this.bindings.delete(user)
    else if (contact !== undefined) this.bindings.set(user, contact.uri)
    const bound = this.bindings.get(user)
    return { status: 200, headers: bound === undefined ? {} : { Contact: `<${bound}>;expires=${expires}` } }
  }

  #called(call: IncomingCall): void {
    const { info } = this.#habits
    if (info !== undefined)
      call.onRequest = ({ method }) => (method !== 'INFO' ? undefined : info === 'lost' ? 'nothing' : { status: 200 })

    const user = parseUri(call.invite.uri).user ?? ''
    if (user === ECHO) {
      this.#echo(call)
      return
    }
    const contact = this.bindings.get(user)
    if (contact === undefined) void call.reject(404)
    else this.#connect(call, contact)
  }

  #echo(call: IncomingCall): void {
    const { hangsUpWithoutAckMs: patience } = this.#habits
    void call.answer({ sdp: call.remoteSdp ?? false })
    if (patience !== undefined) {
      const timer = this.#clock.after(patience, () => void call.hangUp({ impatient: true }))
      void call.acknowledged.then(() => timer.cancel())
    }
  }

  #connect(call: IncomingCall, contact: string): void {
    const { cancelsAfterMs, neverCancels, reinvites, ringback, tones, othersRing } = this.#habits
    if (tones === true) void call.provisional(183, { sdp: call.remoteSdp ?? false, toTag: 'tones' })
    if (othersRing === true) void call.ring()
    const leg = this.agent.invite(contact, {
      from: `<sip:${parseUri(call.invite.from.uri).user}@${DOMAIN}>`,
      sdp: call.remoteSdp ?? false,
      reliableProvisionals: 'no',
    })
    leg.onRequest = ({ method }) => (method === 'INFO' ? { status: 200 } : undefined)
    const passOn = async (response: SipResponse) => {
      if (response.status <= 100 || call.final !== undefined) return
      const sdp = response.body.length > 0 ? response.body.toString() : false
      await call.provisional(response.status, { sdp })
      if (ringback === true && response.status === 180) await call.progress183({ sdp: call.remoteSdp ?? false })
    }
    let seen = 0
    const watch = () => {
      for (; seen < leg.exchange.provisionals.length; seen += 1) {
        const response = leg.exchange.provisionals[seen]
        if (response !== undefined) void passOn(response)
      }
      if (leg.final === undefined && leg.state !== 'ended') this.#clock.after(5, watch)
    }
    watch()
    void leg.answered.then(async (final) => {
      if (final === undefined || final.status >= 300) {
        if (othersRing !== true) await call.reject(final?.status ?? 408)
        return
      }
      await call.answer({ sdp: leg.remoteSdp ?? false })
      await call.acknowledged
      if (reinvites === true && call.state === 'established' && leg.state === 'established') {
        await Promise.all([
          call.reinvite({ sdp: call.localSdp ?? false }),
          leg.reinvite({ sdp: leg.localSdp ?? false }),
        ])
      }
    })
    void call.cancelled.then((cancel) => {
      // RFC 3261 §9.2: too late, it changes nothing.
      if (neverCancels !== true && cancel !== undefined && call.final?.status === 487)
        this.#clock.after(cancelsAfterMs ?? 0, () => void leg.hangUp())
    })
    void call.ended.then(({ cause }) => {
      if (cause !== 'cancelled' && leg.state !== 'ended') void leg.hangUp()
    })
    void leg.ended.then(() => {
      if (call.state === 'established') void call.hangUp()
    })
  }
}

/** The same From, with its parameters in another order and quotes where none are needed. */
function rewriteFrom(response: SipResponse): void {
  const { display, uri, params } = response.from
  const list = [...params].toReversed().map(([name, value]) => `;${name}${value === undefined ? '' : `=${value}`}`)
  response.headers.set('From', `${display === undefined ? '' : `"${display}"`}<${uri}>${list.join('')}`)
}
