/** Single messages that a device of a story writes itself, past its user agent: requests, credentials, sockets, connections. */
import { createRequest, createResponse } from '../message/build.js'
import { answerChallenge, chooseChallenge, parseChallenges } from '../message/digest.js'
import type { SipMessage, SipRequest, SipResponse } from '../message/message.js'
import type { SipSighting } from '../evidence/record.js'
import type { Flow, Hop } from '../transport/flow.js'
import { type ConnectOptions, formatEndpoint, type StreamConnection, type UdpSocket } from '../transport/network.js'
import type { DeviceWiring } from './device-wiring.js'
import { patienceMs } from './facts.js'
import { Hearing } from './hearing.js'
import { inconclusive, precondition } from './outcome.js'
import { RawRtp } from './raw-rtp.js'
import { wantsSrtp } from './target.js'
import type { SourceAddress } from './world.js'

/** A request as the device would write it; whatever is said here is otherwise. */
export interface RequestByHand {
  readonly callId?: string
  readonly cseq?: number
  readonly branch?: string
  readonly to?: string
  readonly from?: string
  readonly contact?: string | false
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
  readonly contentType?: string
  readonly maxForwards?: number | null
  /** Sent-by of the Via; default the device's own. */
  readonly sentBy?: string
  /** Default: `rport` asked for (RFC 3581). */
  readonly rport?: boolean
}

/** How a challenge is answered by hand: whatever is not said is as it should be. */
export interface AnswerByHand {
  readonly password?: string
  readonly user?: string
  /** Nonce count. Default 1. */
  readonly nc?: number
  /** Digest URI; default: the Request-URI. */
  readonly uri?: string
  /** Instead of the nonce that was given. */
  readonly nonce?: string
  /** Answers the challenge with this algorithm; default: the topmost that can be answered. */
  readonly algorithm?: string
}

export class MessagesByHand {
  readonly #wiring: DeviceWiring

  constructor(wiring: DeviceWiring) {
    this.#wiring = wiring
  }

  composes(method: string, uri: string, o: RequestByHand): SipRequest {
    const { agent, variant, world } = this.#wiring
    const { random } = world
    const { transport } = variant
    // A device on TLS listens for no connections; what stands in its Via is where it could be reached over TCP.
    const own = agent.stack.advertised(agent.stack.transport.listensOn(transport) ? transport : 'tcp')
    const sentBy = o.sentBy ?? formatEndpoint(own)
    const branch = o.branch ?? `z9hG4bK${random.token(16)}`
    const from = o.from ?? `<${agent.aor}>;tag=${random.token(10)}`
    return createRequest({
      method,
      uri,
      from,
      to: o.to ?? `<${agent.aor}>`,
      callId: o.callId ?? random.token(24),
      cseq: o.cseq ?? 1,
      via: `SIP/2.0/${transport.toUpperCase()} ${sentBy};branch=${branch}${o.rport === false ? '' : ';rport'}`,
      maxForwards: o.maxForwards,
      contact: o.contact === false ? undefined : (o.contact ?? `<${agent.contactUri}>`),
      headers: o.headers,
      body: o.body,
      contentType: o.contentType,
    })
  }

  async transmits(message: SipMessage | Buffer | string, hop: Hop = this.#wiring.hop): Promise<Flow> {
    this.#wiring.stays()
    return this.#puts(message, hop)
  }

  /**
   * Rejects the calls that a story has left waiting for an answer, at a mute device say: their caller would wait until a timer
   * of the target ends them. Calls that ring are hung up by the telephone itself.
   */
  async rejectsWhatWaits(): Promise<void> {
    const { agent, record, name } = this.#wiring
    const own = new Set([...agent.calls].map(({ id }) => id))
    const waiting = new Map<string, SipRequest>()
    for (const { device, direction, message } of record.messages) {
      if (device !== name) continue
      const key = keyOfInvite(message)
      if (key === undefined) continue
      if (direction === 'in' && message.kind === 'request') waiting.set(key, message)
      if (direction === 'out' && message.kind === 'response' && message.status >= 200) waiting.delete(key)
    }
    for (const invite of waiting.values()) {
      if (!own.has(invite.callId))
        await this.#puts(createResponse(invite, 480, undefined, { toTag: this.#wiring.world.random.token(12) }))
    }
  }

  async #puts(message: SipMessage | Buffer | string, hop: Hop = this.#wiring.hop): Promise<Flow> {
    const bytes =
      typeof message === 'string' ? Buffer.from(message) : Buffer.isBuffer(message) ? message : message.toBytes()
    const flow = await this.#wiring.agent.stack.transport.flowTo(hop)
    flow.sendRaw(bytes)
    return flow
  }

  async asks(request: SipRequest, bytes: Buffer, withinMs: number): Promise<SipSighting | undefined> {
    const { record, clock, name, variant, world } = this.#wiring
    const answers = new Hearing(record, clock, name, 'in', undefined, {
      callId: request.callId,
      // Of a call that has been answered before there are others.
      where: ({ message }) =>
        message.kind === 'response' && message.status >= 200 && answersTo(message, request.method),
    })
    const { T1 } = world.target.timers
    const until = clock.now() + withinMs
    for (const pause of variant.transport === 'udp' ? [T1, 2 * T1] : []) {
      await this.transmits(bytes)
      if (await answers.reaches(1, pause)) return answers.first
    }
    await this.transmits(bytes)
    return answers.next(Math.max(T1, until - clock.now()) + patienceMs(world.target.facts, variant))
  }

  answersChallenge(request: SipRequest, response: SipResponse, o: AnswerByHand): SipRequest {
    const next = request.clone()
    const branch = `z9hG4bK${this.#wiring.world.random.token(16)}`
    next.headers.set('Via', (request.headers.get('Via') ?? '').replace(/branch=[^;]+/, `branch=${branch}`))
    next.headers.set('CSeq', `${request.cseq.number + 1} ${request.method}`)
    for (const [name, value] of Object.entries(this.credentialsFor(request, response, o))) next.headers.set(name, value)
    return next
  }

  credentialsFor(request: SipRequest, response: SipResponse, o: AnswerByHand): Readonly<Record<string, string>> {
    const { account, world } = this.#wiring
    const proxy = response.status === 407
    const challenges = parseChallenges(response.headers.all(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'))
    const { algorithm } = o
    const challenge = chooseChallenge(
      algorithm === undefined
        ? challenges
        : challenges.filter((one) => (one.algorithm ?? 'MD5').toUpperCase() === algorithm.toUpperCase()),
    )
    precondition(challenge, `the ${response.status} has no challenge that can be answered`)
    return {
      [proxy ? 'Proxy-Authorization' : 'Authorization']: answerChallenge({
        challenge: o.nonce === undefined ? challenge : { ...challenge, nonce: o.nonce },
        method: request.method,
        uri: o.uri ?? request.uri,
        user: o.user ?? account.authUser ?? account.user,
        password: o.password ?? account.password ?? '',
        nc: o.nc ?? 1,
        cnonce: world.random.token(16),
        body: request.body,
      }),
    }
  }

  async bindsSocket(whose: SourceAddress): Promise<UdpSocket> {
    const { localAddress, network, sockets, variant, world } = this.#wiring
    const address = whose === 'own' ? localAddress : world.address(variant.family, whose)
    precondition(
      address,
      'this machine has no other address from which the target answers (see --stranger)',
      'no-local-address',
    )
    const socket = await network.bindUdp({ address, port: 0 })
    sockets.push(socket)
    return socket
  }

  async speaksByHand(whose: SourceAddress): Promise<RawRtp> {
    const { clock, eventPayloadType, name, options, variant, world } = this.#wiring
    const encrypts = options.srtp === 'dtls' ? false : (options.srtp ?? wantsSrtp(world.target, variant.transport))
    return new RawRtp({
      socket: await this.bindsSocket(whose),
      clock,
      random: world.random.fork(`${name} by hand`),
      dtmfPayloadType: eventPayloadType,
      suite: encrypts ? world.target.document.media.srtp[0] : undefined,
    })
  }

  async connects(options: Partial<ConnectOptions>): Promise<StreamConnection> {
    const { hop, localAddress, network, sockets, variant, world } = this.#wiring
    const kind = options.kind ?? (variant.transport === 'tls' ? 'tls' : 'tcp')
    const { authority } = world.target
    const tls = {
      serverName: hop.serverName ?? hop.remote.address,
      verify: true,
      ...(authority ? { ca: authority } : {}),
    }
    const connection = await network
      .connect({ kind, remote: hop.remote, localAddress, ...(kind === 'tls' ? { tls } : {}), ...options })
      .catch((error: unknown) =>
        inconclusive(
          `no connection to the target: ${error instanceof Error ? error.message : String(error)}`,
          'no-connection',
        ),
      )
    sockets.push(connection)
    return connection
  }
}

/** Is it an answer to that method, as far as its CSeq can be read? */
function answersTo(response: SipResponse, method: string): boolean {
  try {
    return response.cseq.method === method
  } catch {
    return true
  }
}

/** What an INVITE and its responses have in common; undefined for anything else, and for what cannot be read. */
function keyOfInvite(message: SipMessage): string | undefined {
  try {
    const { number, method } = message.cseq
    return method === 'INVITE' && (message.kind === 'response' || message.method === 'INVITE')
      ? `${message.callId} ${number} ${message.via.branch ?? ''}`
      : undefined
  } catch {
    return undefined
  }
}
