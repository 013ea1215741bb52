/**
 * What a call costs k6, ordered one by one and in waves, in one run: CPU of k6 alone, against an agent that answers at once with
 * records as a real one has them. Start-up is taken off by the difference of two lengths.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findK6 } from '../src/load/k6-program.js'
import { startK6 } from '../src/load/k6-run.js'
import { callRecord, type CallRecord, legRecord } from '../src/load/call-record.js'
import { WaveRecords } from '../src/load/wave-records.js'
import { packageFolder } from '../src/worlds/package-folder.js'
import { cpuTimeUs } from './peers/cpu-time.js'
import type { BenchResult } from './result.js'

const LIBRARY = join(packageFolder, 'k6', 'lib', 'index.ts')
const FEW = 400
const MANY = 4400
/** Calls a second of the waves. */
const RATE = 400
const TARGET_US = 150
const IDLE = { activeCalls: 0, settingUp: 0, started: 1, ended: 1 }

const SCRIPTS = {
  waves: (calls: number) => `
import { arrivals, loadOptions, wave } from '${LIBRARY}'
export { handleSummary, monitor } from '${LIBRARY}'
const flow = arrivals({ rate: ${RATE}, duration: ${calls / RATE}, calls: { to: 'echo', holdMs: 100 } })
export const options = loadOptions({ scenarios: { callers: flow.options } })
export default function () { wave(flow) }
`,
  calls: (calls: number) => `
import { call, loadOptions } from '${LIBRARY}'
export { handleSummary, monitor } from '${LIBRARY}'
export const options = loadOptions({
  scenarios: { callers: { executor: 'shared-iterations', vus: 20, iterations: ${calls}, maxDuration: '10m' } },
}, ${calls})
export default function () { call({ to: 'echo', holdMs: 100 }) }
`,
}

/** Runs the benchmark; about a minute. */
export async function run(): Promise<BenchResult[]> {
  const program = await findK6()
  if (program === undefined) throw new Error('there is no k6: run `npm start` once, which builds it')
  const agent = createServer((request, response) => answer(request.url ?? '', request, response))
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a port of TCP
  const { port } = agent.address() as AddressInfo
  const cpuOf = async (text: string) => {
    const k6 = startK6({
      program,
      script: { text, folder: packageFolder },
      agentUrl: `http://127.0.0.1:${port}`,
      token: 'none',
      limits: { callsPerSecond: 1e6, concurrentCalls: 1e6 },
      folder: tmpdir(),
    })
    let us = 0
    const look = setInterval(() => {
      us = Math.max(us, cpuTimeUs(k6.pid ?? 0) || 0)
    }, 20)
    const { summary, said } = await k6.ended
    clearInterval(look)
    return { us, calls: summary?.metrics['sip_calls_completed']?.values?.['count'] ?? 0, said }
  }
  const costOf = async (script: (calls: number) => string) => {
    const [few, many] = [await cpuOf(script(FEW)), await cpuOf(script(MANY))]
    if (many.calls !== MANY || few.calls !== FEW) throw new Error(`${few.calls} and ${many.calls} calls: ${many.said}`)
    return (many.us - few.us) / (MANY - FEW)
  }
  const waves = await costOf(SCRIPTS.waves)
  const calls = await costOf(SCRIPTS.calls)
  agent.close()
  return [
    {
      name: `k6, calls in waves of a second (${RATE} a second)`,
      ours: waves,
      unit: 'µs CPU per call, eight metrics and five counters each',
      peers: [{ name: 'the same calls one by one', value: calls }],
      target: { text: `≤ ${TARGET_US} µs`, met: waves <= TARGET_US },
    },
  ]
}

function answer(
  url: string,
  request: import('node:http').IncomingMessage,
  response: import('node:http').ServerResponse,
): void {
  let body = ''
  request.on('data', (data: Buffer) => (body += data.toString()))
  request.on('end', () => {
    const send = (status: number, value: object) => response.writeHead(status).end(JSON.stringify(value))
    if (url === '/v1/waves') {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- ordered above
      const { count, overMs } = JSON.parse(body) as { count: number; overMs: number }
      const records = new WaveRecords()
      for (let number = 0; number < count; number++) records.add(recordOf(number))
      setTimeout(() => send(200, records.answer(0)), overMs)
    } else if (url === '/v1/calls') {
      send(201, { id: 'one', status: 200 })
    } else if (url === '/v1/stats') {
      send(200, { ...IDLE, sendLatenessP99Ms: 1, eventLoopLagP99Ms: 2, registrations: { delaysMs: [] } })
    } else {
      send(200, recordOf(Math.floor(Math.random() * 1000)))
    }
  })
}

/** A call of ten seconds to an echo test through one of five relays. */
function recordOf(number: number): CallRecord {
  const relay = `relay-${(number % 5) + 1}`
  const remote = { address: '127.0.0.156', port: 20_000 }
  const leg = legRecord(
    { role: 'caller', account: 'alice', relay, relayAddress: remote.address, pattern: 7, expects: 7, until: 10_000 },
    {
      codec: 'PCMA',
      srtp: undefined,
      local: { address: '127.0.0.1', port: 40_000 },
      remote,
      sent: { packets: 500, bytes: 86_000, firstAt: 0, lastAt: 9980, lateP99Ms: 1, lateMaxMs: 2, errors: 0 },
      received: {
        packets: 500,
        bytes: 86_000,
        expected: 500,
        lost: number % 3,
        gaps: 0,
        duplicates: 0,
        reordered: 0,
        late: 0,
        jitterMs: 1 + (number % 17) / 10,
        firstAt: 5,
        lastAt: 9990,
        sources: [{ ...remote, packets: 500, firstAt: 5, lastAt: 9990 }],
        ssrcs: [1],
        refused: {},
      },
      heard: [{ patternId: 7, seconds: 8, firstAt: 1000, lastAt: 9980, confidence: 1 }],
      digits: '',
      rtcp: {
        sent: 2,
        received: 2,
        bye: false,
        cname: undefined,
        remoteLossRatio: undefined,
        remoteLost: undefined,
        remoteJitterMs: undefined,
        faults: {},
      },
      mos: 4.3,
      roundTripMs: 2 + (number % 13) / 10,
    },
  )
  return callRecord({
    id: 'one',
    callId: 'one@here',
    to: '100',
    far: 'echo',
    transport: 'udp',
    family: 'ipv4',
    status: 200,
    startedAt: 0,
    answeredAt: 100,
    endedAt: 10_100,
    setupMs: 10 + (number % 23),
    disconnectMs: 3 + (number % 7),
    byeStatus: 200,
    end: 'normal',
    legs: [leg],
  })
}
