/** Whether something on the way rewrites SIP: what was sent beside what has arrived, byte by byte. */
import type { RouterAlgFinding } from '../result/router-result.js'
import { type Endpoint, formatEndpoint, NetworkError } from '../transport/network.js'
import { type FlowWorld, ProbeFlow } from './flow.js'
import { COOKIE_BYTES, encodeReflector, type Seen } from './reflector-message.js'
import { incomingInvite, invite, register, registered, type SampleOptions } from './sip-samples.js'

/** What the reflector cuts off the end, so that its answer is not longer than the message; never more than the filler. */
const FILLER = 64
const ARRIVES_MS = 700
const TRIES = 3

interface Where extends FlowWorld {
  readonly local: string
  /** The reflector's SIP port: routers know SIP by it. */
  readonly server: Endpoint
}

export async function findAlg(where: Where): Promise<RouterAlgFinding[]> {
  const flow = await openSipPort(where)
  try {
    const found: RouterAlgFinding[] = []
    const seen = await flow.hello(where.server)
    const sample = { where, flow, seen }
    found.push(await sendsOut(sample, 'REGISTER', register))
    found.push(await sendsOut(sample, 'INVITE with a session description', invite))
    if (seen !== undefined) {
      found.push(await comesIn(sample, seen, 'answer to REGISTER', registered))
      found.push(await comesIn(sample, seen, 'INVITE with a session description', incomingInvite))
    }
    return found
  } finally {
    flow.close()
  }
}

/** From port 5060, as telephones do, where it is free. */
async function openSipPort(where: Where): Promise<ProbeFlow> {
  try {
    return await ProbeFlow.open(where, { address: where.local, port: 5060 })
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error
    return ProbeFlow.open(where, { address: where.local, port: 0 })
  }
}

interface Sample {
  readonly where: Where
  readonly flow: ProbeFlow
  readonly seen: Seen | undefined
}

function optionsOf({ where, flow, seen }: Sample, id: Buffer, padding: number): SampleOptions {
  return {
    inside: formatEndpoint(flow.socket.local),
    outside: formatEndpoint(seen?.mapped ?? flow.socket.local),
    server: formatEndpoint(where.server),
    id: id.toString('hex'),
    padding,
  }
}

async function sendsOut(sample: Sample, what: string, write: (o: SampleOptions) => Buffer): Promise<RouterAlgFinding> {
  const { where, flow, seen } = sample
  const id = where.random.bytes(8)
  const sent = write(optionsOf(sample, id, FILLER))
  const answer = await flow.expectAnswer(id, where.server, sent)
  const base = { direction: 'out', what } as const
  if (answer === undefined) return { ...base, outcome: seen === undefined ? 'unknown' : 'lost', changes: [], harms: [] }
  const { body } = answer.message
  const length = body.readUInt16BE(0)
  const arrived = body.subarray(2)
  return { ...base, ...compared(sent, arrived, length) }
}

async function comesIn(
  sample: Sample,
  seen: Seen,
  what: string,
  write: (o: SampleOptions) => Buffer,
): Promise<RouterAlgFinding> {
  const { where, flow } = sample
  const { clock, random, server } = where
  const id = random.bytes(8)
  const wanted = write(optionsOf(sample, id, 0))
  const order = {
    type: 'speak',
    place: 0,
    flag: false,
    body: Buffer.concat([seen.cookie.subarray(0, COOKIE_BYTES), wanted]),
  } as const
  const heard: Buffer[] = []
  flow.onOther = (data) => {
    if (data.includes(id.toString('hex'))) heard.push(data)
  }
  for (let attempt = 0; attempt < TRIES && heard.length === 0; attempt += 1) {
    flow.socket.send(encodeReflector({ ...order, id: random.bytes(8) }), server)
    // oxlint-disable-next-line no-await-in-loop -- one try after the other
    for (let waited = 0; waited < ARRIVES_MS && heard.length === 0; waited += 50) await clock.sleep(50)
  }
  flow.onOther = undefined
  const [arrived] = heard
  const base = { direction: 'in', what } as const
  if (arrived === undefined) return { ...base, outcome: 'lost', changes: [], harms: [] }
  return { ...base, ...compared(wanted, arrived, arrived.length) }
}

/**
 * @param arrived what is known of what arrived: its end may have been cut off
 * @param length how long it was
 */
function compared(
  sent: Buffer,
  arrived: Buffer,
  length: number,
): Pick<RouterAlgFinding, 'outcome' | 'changes' | 'harms'> {
  const isSame = length === sent.length && arrived.equals(sent.subarray(0, arrived.length))
  if (isSame) return { outcome: 'untouched', changes: [], harms: [] }
  const changes = changesBetween(linesOf(sent), linesOf(arrived))
  return { outcome: 'changed', changes, harms: harmsOf(changes, arrived, length) }
}

/** All but the filler, of which the end may have been cut off. */
function linesOf(data: Buffer): string[] {
  const lines = data.toString('latin1').split('\r\n')
  const filler = lines.findIndex((line) => /^(?:X-Filler:|a=x-filler:)/.test(line))
  return filler < 0 ? lines : lines.slice(0, filler)
}

/** Line by line; where lines were put in or left out, those that are nowhere in the other. */
function changesBetween(sent: readonly string[], arrived: readonly string[]): { sent: string; arrived: string }[] {
  if (sent.length === arrived.length) {
    return sent.flatMap((line, index) => {
      const other = arrived[index] ?? ''
      return line === other ? [] : [{ sent: line, arrived: other }]
    })
  }
  const gone = sent.filter((line) => !arrived.includes(line))
  const come = arrived.filter((line) => !sent.includes(line))
  return Array.from({ length: Math.max(gone.length, come.length) }, (_, index) => ({
    sent: gone[index] ?? '',
    arrived: come[index] ?? '',
  }))
}

function harmsOf(
  changes: readonly { readonly sent: string }[],
  arrived: Buffer,
  length: number,
): RouterAlgFinding['harms'] {
  const text = arrived.toString('latin1')
  const end = text.indexOf('\r\n\r\n')
  const [, told] = /\r\ncontent-length:\s*(\d+)/i.exec(text) ?? []
  // RFC 3261 §18.3: where the body is shorter than that, the message is refused; where it is longer, its end is lost.
  const isWrong = end >= 0 && told !== undefined && Number(told) !== length - end - 4
  const kinds = changes.map(({ sent }) => kindOf(sent))
  return [...new Set([...(isWrong ? (['length-wrong'] as const) : []), ...kinds])]
}

function kindOf(line: string): RouterAlgFinding['harms'][number] {
  if (/^(?:[ocm]=|a=rtcp)/.test(line)) return 'media-address'
  if (/^contact:/i.test(line)) return 'contact'
  if (/^via:/i.test(line)) return 'via'
  return 'other'
}
