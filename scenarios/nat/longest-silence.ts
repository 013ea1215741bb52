import {
  BINDING,
  type Device,
  encodeStun,
  finding,
  formatEndpoint,
  precondition,
  promised,
  scenario,
  whereReached,
} from 'ringproof'

/** Silences that are tried at once, ms: each a tenth longer than the one before. */
const SHORTEST_MS = 8_000
const LONGEST_MS = 100_000
const STEPS = Math.ceil(Math.log(LONGEST_MS / SHORTEST_MS) / Math.log(1.1))
const SILENCES = Array.from({ length: STEPS + 1 }, (_, nth) =>
  Math.min(LONGEST_MS, Math.round(SHORTEST_MS * 1.1 ** nth)),
)
/** A target that lets few calls ring at once is asked with fewer, over the same range. */
const FEWEST = 4
/** Some flows more are kept alive so often in the meantime, each by another kind: what is lost on them is not lost by silence. */
const KEEP_ALIVE_MS = 5_000
type Transport = 'udp' | 'tcp' | 'tls'
type KeepAlive = 'CRLF' | 'STUN' | 'OPTIONS' | 'REGISTER'
/** On connections an empty line is the one (RFC 5626 §3.5.1), STUN on datagrams alone (§3.5.2). */
const KINDS: Readonly<Record<Transport, readonly KeepAlive[]>> = {
  udp: ['CRLF', 'STUN', 'OPTIONS', 'REGISTER'],
  tcp: ['CRLF', 'OPTIONS', 'REGISTER'],
  tls: ['CRLF', 'OPTIONS', 'REGISTER'],
}
const ARRIVES_MS = 3_000
const A_MINUTE_MS = 60_000
/** Part of the longest safe silence that is recommended to devices. */
const MARGIN = 0.85

export default scenario({
  id: 'nat/longest-silence',
  title: 'How long a device may be silent and still be reached: many flows, each silent for another time',
  area: 'nat',
  purposes: ['NAT-SILENCE'],
  provider: ['BH-9'],
  rules: {
    keptAlive: whereReached(
      promised(
        'BH-9',
        'a device that sends keep-alives (CRLF, STUN, OPTIONS or REGISTER) is reached after a long time without anything else',
        {
          gravity: 'outage',
          cause: 'nat-forgotten',
          harm: 'Nobody can reach a telephone after {longest|a while}, although it sends keep-alives.',
        },
      ),
    ),
    silent: finding('BH-9', 'a device that has been silent for a minute is reached', {
      gravity: 'outage',
      harm: 'Nobody can call a telephone {lost|a minute} after it last sent something over {transport|UDP}.',
    }),
  },
  devices: { alice: { audio: false }, bob: { audio: false } },
  needs: ['call-routing'],
  transports: ['udp', 'tcp', 'tls'],
  families: ['ipv4'],
  seconds: 130,
  reliesOn: 'call',
  step: 'call',
  harm: 'Nobody can call a telephone some time after it last sent something.',
  advice:
    'Measure the router alone with ringproof router: where that holds longer, a firewall or load balancer of the provider forgets flows, or the server closes idle connections (Kamailio: tcp_connection_lifetime). Let devices send keep-alives before the longest safe silence is over (the story has it), or let the server send them (Kamailio: natping_interval of nathelper; Asterisk: qualify_frequency).',
  async run({ alice, bob, clock, random, expect, figure, note, shows, target, variant, waits }) {
    precondition(target.facts.serves.lateOffer !== false, 'the target refuses calls without a session description')
    await bob.registers()
    bob.waitsForTheStory()
    const { callsPerSecond, concurrentCalls } = target.document.limits
    precondition(
      concurrentCalls >= FEWEST,
      `the target's limits allow ${concurrentCalls} calls at a time`,
      'not-allowed',
    )
    // Where few calls may ring at once, one kind has to do.
    const { transport } = variant
    const kinds = concurrentCalls < 2 * FEWEST ? KINDS[transport].slice(0, 1) : KINDS[transport]
    const wanted = [
      ...kinds.map((kind) => ({ kind, silenceMs: LONGEST_MS })),
      ...spread(SILENCES, concurrentCalls - kinds.length).map((silenceMs) => ({ kind: undefined, silenceMs })),
    ]
    const stun = () =>
      encodeStun({ class: 'request', method: BINDING, transactionId: random.bytes(12), fingerprint: true })
    const ringing: Ringing[] = []
    for (const one of wanted) {
      const [flow] = await Promise.all([ringsFrom(alice, bob, transport, stun), waits(1_000 / callsPerSecond)])
      if (flow !== undefined) ringing.push({ flow, ...one })
    }
    const kept = ringing.filter(({ kind }) => kind !== undefined)
    const silent = ringing.filter(({ kind }) => kind === undefined)
    precondition(kept.length > 0 && silent.length > 1, 'too few calls rang at the called device', 'call-not-arrived')
    /** Undefined: the target has ended the call before. */
    const isReached = async ({ flow, silenceMs }: Ringing) => {
      await waits(Math.max(0, flow.since + silenceMs - clock.now()))
      if (!(await flow.refuses())) return undefined
      for (let waited = 0; waited < ARRIVES_MS && !flow.isTold(); waited += 100) await waits(100)
      return flow.isTold()
    }
    const keepsAlive = async () => {
      for (let until = clock.now() + LONGEST_MS; clock.now() < until; await waits(KEEP_ALIVE_MS))
        for (const { flow, kind } of kept) if (kind !== undefined) flow.keepsAlive(kind)
    }
    const [found, keptAlive] = await Promise.all([
      Promise.all(silent.map(async (one) => ({ idleMs: one.silenceMs, answered: await isReached(one) }))),
      Promise.all(kept.map(async (one) => ({ kind: one.kind, isReached: await isReached(one) }))),
      keepsAlive(),
    ])
    for (const { flow } of ringing) flow.acknowledges()
    const points = found.flatMap(({ idleMs, answered }) => (answered === undefined ? [] : [{ idleMs, answered }]))
    precondition(points.length > 1, 'the target ends calls that ring for a while')
    const over = transport.toUpperCase()
    shows({ kind: 'idle', title: `Silence of a device on ${over} against whether it was reached`, points })
    figure('transport', over)
    // One datagram that is lost is no end: from then on nothing may have come.
    const lost = points.find((_, index) => points.slice(index, index + 3).every(({ answered }) => !answered))
    const held = points.findLast(({ idleMs, answered }) => answered && idleMs < (lost?.idleMs ?? Infinity))?.idleMs ?? 0
    const most = points.at(-1)?.idleMs ?? 0
    figure('longest', seconds(LONGEST_MS))
    figure('held', seconds(held))
    if (lost !== undefined) figure('lost', seconds(lost.idleMs))
    note(
      lost === undefined
        ? `reached after every silence, the longest ${seconds(most)}`
        : `longest safe silence ${seconds(held)}, not ${seconds(lost.idleMs)}: keep-alives every ${seconds(held * MARGIN)} at most`,
    )
    // What forgets between two keep-alives says nothing about whether they help.
    const tried = keptAlive.filter((one) => one.isReached !== undefined)
    if (tried.length > 0 && held > 2 * KEEP_ALIVE_MS) {
      const deaf = tried.flatMap(({ kind, isReached: heard }) => (heard === false && kind !== undefined ? [kind] : []))
      expect('keptAlive', deaf).toBeEmpty()
    }
    precondition(
      lost !== undefined || most >= A_MINUTE_MS,
      `reached after every silence, but the longest that was tried to its end took ${seconds(most)}`,
    )
    expect('silent', lost === undefined ? 'reached' : `not reached after ${seconds(lost.idleMs)}`).toSatisfy(
      'reached after a minute',
      () => lost === undefined || lost.idleMs > A_MINUTE_MS,
    )
  },
})

interface Ringing {
  readonly flow: RingingFlow
  /** Undefined: it is silent. */
  readonly kind: KeepAlive | undefined
  readonly silenceMs: number
}

/** A call that rings, made from a socket or over a connection of its own. */
interface RingingFlow {
  /** When it last sent something, ms of the clock. */
  readonly since: number
  /** Whether a final answer to the call has come. */
  readonly isTold: () => boolean
  /** The called device refuses the call; false: it has ended before. */
  readonly refuses: () => Promise<boolean>
  readonly keepsAlive: (kind: KeepAlive) => void
  readonly acknowledges: () => void
}

/** @param stun writes a Binding request; returns undefined where the call does not ring */
async function ringsFrom(
  alice: Device,
  bob: Device,
  transport: Transport,
  stun: () => Buffer,
): Promise<RingingFlow | undefined> {
  const { send, sentBy, patience } = await opensFlow(alice, transport)
  const uri = `sip:${bob.number}@${alice.domain}`
  const first = alice.composes('INVITE', uri, {
    to: `<${uri}>`,
    sentBy,
    contact: `<sip:${alice.account.user}@${sentBy}>`,
  })
  const answersTo = (number: number, least: number) =>
    alice.hears(undefined, {
      callId: first.callId,
      where: ({ message }) => message.kind === 'response' && message.status >= least && message.cseq.number === number,
    })
  const incoming = bob.nextCall(4_000)
  const challenge = await asked(send, first.toBytes(), answersTo(1, 200), patience)
  if (challenge?.message.kind !== 'response' || ![401, 407].includes(challenge.message.status)) return undefined
  const acknowledge = (request: typeof first, response: typeof challenge) => {
    const to = response.message.headers.get('To') ?? ''
    const ack = alice.composes('ACK', uri, {
      to,
      sentBy,
      callId: request.callId,
      cseq: request.cseq.number,
      from: request.headers.get('From') ?? '',
      branch: request.via.branch ?? '',
      contact: false,
    })
    send(ack.toBytes())
  }
  acknowledge(first, challenge)
  const invite = alice.answersChallenge(first, challenge.message)
  const rings = answersTo(2, 180)
  const trying = asked(send, invite.toBytes(), answersTo(2, 100), patience)
  const call = await incoming
  await call?.ring()
  await trying
  if (call === undefined) return undefined
  const final = answersTo(2, 200)
  const isRinging = await rings.reaches(1, 2_000)
  if (!isRinging) return undefined
  return {
    since: alice.says('INVITE', { callId: first.callId }).last?.at ?? 0,
    isTold: () => final.count > 0,
    refuses: async () => {
      if (call.state === 'ended' || final.count > 0) return false
      await call.reject(486)
      return true
    },
    keepsAlive: (kind) => {
      if (kind === 'CRLF') send(Buffer.from('\r\n\r\n'))
      else if (kind === 'STUN') send(stun())
      // Without Contact it changes nothing (RFC 3261 §10.2.3). That it is challenged does as well: the answer comes back the same way.
      else send(alice.composes(kind, `sip:${alice.domain}`, { sentBy, contact: false }).toBytes())
    },
    acknowledges: () => {
      if (final.last !== undefined) acknowledge(invite, final.last)
    },
  }
}

interface OpenFlow {
  readonly send: (data: Buffer) => void
  readonly sentBy: string
  /** How long an answer is waited for after each time that a request is sent, ms. */
  readonly patience: readonly number[]
}

/** A connection carries a request once only (RFC 3261 §17.1.1.2). */
async function opensFlow(alice: Device, transport: Transport): Promise<OpenFlow> {
  if (transport === 'udp') {
    const socket = await alice.bindsSocket()
    const send = (data: Buffer) => socket.send(data, alice.hop.remote)
    return { send, sentBy: formatEndpoint(socket.local), patience: [500, 1_000, 2_000] }
  }
  const connection = await alice.connects()
  return { send: (data) => connection.write(data), sentBy: formatEndpoint(connection.local), patience: [3_500] }
}

/** Sends a request until it is answered, as often as there is patience. */
async function asked(
  send: (data: Buffer) => void,
  data: Buffer,
  answers: ReturnType<Device['hears']>,
  patience: readonly number[],
) {
  for (const pause of patience) {
    send(data)
    if (await answers.reaches(1, pause)) return answers.first
  }
  return undefined
}

/** So many of them at most, the first and the last included. */
function spread(all: readonly number[], most: number): number[] {
  if (all.length <= most) return [...all]
  return Array.from({ length: most }, (_, nth) => all[Math.round((nth * (all.length - 1)) / (most - 1))] ?? 0)
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`
