/**
 * Asks an rtpengine for its counters: `statistics` of its ng protocol. A datagram is a cookie, a space and a bencoded dictionary; the answer
 * has the same cookie. Nothing else is ever asked, and whatever comes back, or does not, harms nobody.
 */
import type { Random } from '../../clock/random.js'
import type { RelayReading } from '../../result/load-relays.js'
import { type Endpoint, familyOf, formatEndpoint, type Network, NetworkError } from '../../transport/network.js'
import { type Bencoded, BencodeError, decodeBencode, encodeBencode, isDictionary } from './bencode.js'

/** What came of asking: its counters, or in words why there are none. */
export type Asked = RelayReading | { readonly why: string }

/** When the question is sent again, ms after the first time: with the same cookie, so that it is answered from memory. */
const AGAIN_MS = [400, 1_200]
const PATIENCE_MS = 2_000
const SPACE = 0x20

/** @returns after two seconds at the latest; never throws */
export async function askRtpengine(
  control: Endpoint,
  { network, random }: { readonly network: Network; readonly random: Random },
): Promise<Asked> {
  const { clock } = network
  const where = formatEndpoint(control)
  try {
    const socket = await network.bindUdp({
      address: familyOf(control.address) === 'ipv4' ? '0.0.0.0' : '::',
      port: 0,
    })
    try {
      const cookie = random.token(26)
      const question = Buffer.concat([Buffer.from(`${cookie} `), encodeBencode(new Map([['command', 'statistics']]))])
      return await new Promise<Asked>((resolve) => {
        let why = `nothing answers at ${where}`
        const timers = AGAIN_MS.map((ms) => clock.after(ms, () => socket.send(question, control)))
        const patience = clock.after(PATIENCE_MS, () => settle({ why }))
        const settle = (asked: Asked) => {
          for (const timer of [...timers, patience]) timer.cancel()
          resolve(asked)
        }
        // Nobody else knows the cookie; what comes without it is not for us, or no rtpengine.
        socket.onMessage = (data) => {
          const asked = answerIn(data, cookie, Math.round(clock.unixMs()))
          if (typeof asked !== 'string') settle(asked)
          else why = `what answers at ${where} is not understood: ${asked}`
        }
        socket.onError = (error) => {
          why = `${where} cannot be asked: ${error.message}`
        }
        socket.send(question, control)
      })
    } finally {
      socket.close()
    }
  } catch (error) {
    if (error instanceof NetworkError) return { why: `${where} cannot be asked: ${error.message}` }
    throw error
  }
}

/** The counters in an answer, or what is wrong with it. */
function answerIn(data: Buffer, cookie: string, at: number): RelayReading | string {
  const space = data.indexOf(SPACE)
  if (space < 0 || data.toString('latin1', 0, space) !== cookie) return 'it has another cookie than the question'
  try {
    return readingIn(decodeBencode(data.subarray(space + 1)), at)
  } catch (error) {
    if (error instanceof BencodeError) return error.message
    throw error
  }
}

/** @param at Unix ms @returns a text where it is no answer to `statistics` */
export function readingIn(answer: Bencoded, at: number): RelayReading | string {
  if (!isDictionary(answer)) return 'expected a dictionary'
  const reason = answer.get('error-reason')
  if (answer.get('result') !== 'ok')
    return typeof reason === 'string' ? `it says: ${printable(reason)}` : 'its result is not ok'
  const total = (name: string) => countIn(answer, 'totalstatistics', name)
  const current = (name: string) => countIn(answer, 'currentstatistics', name)
  const packets = total('relayedpackets')
  const endedSessions = total('managedsessions')
  // Those of other servers that it knows of are led by others.
  const sessions = current('sessionsown') ?? current('sessionstotal')
  if (packets === undefined || endedSessions === undefined || sessions === undefined)
    return 'expected relayedpackets, managedsessions and sessionsown among the statistics'
  const uptimeS = total('uptime')
  return {
    at,
    packets,
    inKernel: total('relayedpackets_kernel') ?? 0,
    errors: total('relayedpacketerrors') ?? 0,
    sessions,
    endedSessions,
    ...(uptimeS === undefined ? {} : { uptimeS }),
  }
}

/** A number that is not negative. rtpengine 10.5 writes some as texts (`uptime`). */
function countIn(answer: ReadonlyMap<string, Bencoded>, group: string, name: string): number | undefined {
  const statistics = answer.get('statistics')
  const found = isDictionary(statistics) ? statistics.get(group) : undefined
  const value = isDictionary(found) ? found.get(name) : undefined
  const count = typeof value === 'string' && /^\d{1,20}(?:\.\d+)?$/.test(value) ? Number(value) : value
  return typeof count === 'number' && count >= 0 ? count : undefined
}

const printable = (text: string): string => text.replace(/\p{C}/gu, ' ').slice(0, 200)
