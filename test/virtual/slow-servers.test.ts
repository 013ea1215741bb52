/** Servers that answer late, half or never: a slow one is no dead one, and what is said of the others is what they do. */
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../src/clock/random.js'
import { VirtualClock } from '../../src/clock/virtual-clock.js'
import { createResponse } from '../../src/message/build.js'
import type { SipRequest } from '../../src/message/message.js'
import { parseMessage } from '../../src/message/parse.js'
import { runConformance } from '../../src/runner/run.js'
import type { AnyScenario } from '../../src/scenario/scenario.js'
import type { World } from '../../src/scenario/world.js'
import { type Survey, survey } from '../../src/survey/survey.js'
import { allOf } from '../../src/survey/survey-needs.js'
import { knowing } from '../../src/scenario/target.js'
import { targetOf } from '../../src/target/target-file.js'
import { DnsError, type Resolver } from '../../src/transport/dns-client.js'
import { MemoryNetwork } from '../../src/transport/memory-network.js'
import type { StreamConnection } from '../../src/transport/network.js'
import { StreamFramer } from '../../src/transport/stream-framer.js'
import type { Stages } from '../../src/worlds/stages.js'
import { resolveTarget } from '../../src/worlds/find-target.js'
import { allScenarios } from './detection.js'

const SERVER = '198.51.100.5'
/** Nothing here has a name. */
const NO_NAMES: Resolver = {
  query: (name) => Promise.reject(new DnsError('server-failure', name)),
  addresses: (name) => Promise.reject(new DnsError('server-failure', name)),
}
const document = targetOf({
  name: 'slow',
  domain: SERVER,
  endpoints: { udp: { host: SERVER }, tcp: { host: SERVER } },
  accounts: [{ user: '1', password: 'x' }],
})

interface Server {
  readonly tcp?: (connection: StreamConnection, request: SipRequest) => void
  readonly udp?: (request: SipRequest) => Buffer[]
  /** Until an answer is sent over UDP, milliseconds. */
  readonly delayMs?: number
}

/** Over TCP and over UDP; over UDP each request is answered once, however often it comes. */
async function serve(network: MemoryNetwork, { tcp, udp, delayMs = 0 }: Server) {
  if (tcp) {
    await network.listen({
      kind: 'tcp',
      at: { address: SERVER, port: 5060 },
      onConnection: (connection) => {
        const framer = new StreamFramer({
          message(bytes) {
            const { message } = parseMessage(bytes, { mode: 'fast' })
            if (message?.kind === 'request') tcp(connection, message)
          },
          ping: () => {},
          pong: () => {},
          broken: () => connection.close(),
        })
        connection.onData = (data) => framer.push(data)
      },
    })
  }
  if (!udp) return
  const socket = await network.bindUdp({ address: SERVER, port: 5060 })
  const seen = new Set<string | undefined>()
  socket.onMessage = (data, from) => {
    const { message } = parseMessage(data, { mode: 'fast' })
    if (message?.kind !== 'request' || seen.has(message.via.branch)) return
    seen.add(message.via.branch)
    network.clock.after(delayMs, () => udp(message).forEach((answer) => socket.send(answer, from)))
  }
}

function stagesOf(server: Server, know: (world: World) => World = (world) => world): Stages {
  const on: Stages['on'] = (key, story) => {
    const clock = new VirtualClock()
    const random = new SeededRandom(key)
    const network = new MemoryNetwork({ clock, random: random.fork('wire'), link: { delayMs: 2 } })
    return clock.run(async () => {
      await serve(network, server)
      return story(
        know({
          clock,
          random,
          network,
          target: await resolveTarget({ document, dns: NO_NAMES }),
          address: (family) => (family === 'ipv4' ? '192.0.2.10' : undefined),
          admitCall: () => Promise.resolve(() => {}),
          lagBetween: () => 0,
        }),
      )
    })
  }
  return { wire: 'memory', separate: true, on }
}

const surveyAt = (server: Server): Promise<Survey> =>
  stagesOf(server).on('survey', (world) => survey({ world, startMs: 0, needs: allOf(document) }))

/** What the survey says of the server over TCP. */
const overTcp = ({ result }: Survey) =>
  result.vitalSigns.flatMap(({ id, variant, code, reason }) =>
    id === 'survey/reach' && variant.transport === 'tcp' ? [`${code}: ${reason}`] : [],
  )

const answer = (request: SipRequest, status: number, headers: [string, string][] = []) =>
  createResponse(request, status, undefined, { toTag: 'slow', headers }).toBytes()

describe('a server that takes three seconds for each answer', () => {
  /** Asks for a password and takes any. */
  const registrar = (request: SipRequest): Buffer[] => {
    const challenge = 'Digest realm="slow", nonce="n", algorithm=MD5, qop="auth"'
    if (request.method === 'REGISTER' && !request.headers.has('Authorization'))
      return [answer(request, 401, [['WWW-Authenticate', challenge]])]
    const contact = request.headers.get('Contact')
    return [answer(request, 200, contact === undefined ? [] : [['Contact', `${contact};expires=600`]])]
  }

  it('can be registered at', async () => {
    const { result } = await surveyAt({ udp: registrar, delayMs: 3_000 })
    const signs = result.vitalSigns.filter(({ variant }) => variant.transport === 'udp')
    expect(signs.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual([
      'survey/reach pass',
      'survey/account pass',
      'survey/login pass',
    ])
  })

  const late = (connection: StreamConnection, request: SipRequest) => {
    setLater(connection, answer(request, 200))
  }
  let setLater: (connection: StreamConnection, bytes: Buffer) => void = () => {}
  const slowly = (world: World): World => {
    setLater = (connection, bytes) => void world.clock.after(3_000, () => connection.open && connection.write(bytes))
    const paths = { 'tcp/ipv4': { roundTripMs: 3_004, jitterMs: 0, loss: 0, samples: 5 } }
    return { ...world, target: knowing(world.target, { ...world.target.facts, paths }) }
  }

  it.each(['tcp/empty-lines', 'tcp/idle'])('is not said to break %s', async (id) => {
    const { scenarios } = await runConformance({
      scenarios: [{ definition: await known(id), file: '' }],
      document,
      stages: stagesOf({ tcp: late }, slowly),
      selection: { transport: 'tcp' },
      brief: true,
    })
    expect(scenarios.map(({ verdict, reason }) => `${verdict} ${reason}`)).toEqual(['pass '])
  })
})

async function known(id: string): Promise<AnyScenario> {
  const found = (await allScenarios()).find(({ definition }) => definition.id === id)
  if (!found) throw new Error(`there is no scenario ${id}`)
  return found.definition
}

describe('what the survey says of a server that', () => {
  it.each<[what: string, server: Server, said: string]>([
    [
      'closes each connection',
      { tcp: (connection) => connection.close() },
      `reset: ${SERVER}:5060 accepts TCP connections and closes them without an answer`,
    ],
    [
      'never ends its answer',
      { tcp: (connection, request) => connection.write(answer(request, 200).subarray(0, 90)) },
      `unreadable-answer: ${SERVER}:5060 begins an answer over TCP and never ends it: the end of its header is missing, or its Content-Length is more than what comes`,
    ],
    [
      'answers 1xx for ever',
      { tcp: (connection, request) => connection.write(answer(request, 182)) },
      `no-final-answer: ${SERVER}:5060 answers with provisional responses alone (182), never with a final one`,
    ],
    [
      'is silent',
      { tcp: () => {} },
      `no-answer: No answer from ${SERVER}:5060 over TCP, neither to OPTIONS nor to REGISTER`,
    ],
  ])('%s', async (_what, server, said) => {
    expect(overTcp(await surveyAt(server))).toEqual([said])
  })
})
