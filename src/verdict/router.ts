/** What a router test means for telephones behind that router: findings, the worst first, and what to set. Pure. */
import type {
  RouterAlgFinding,
  RouterFacts,
  RouterFinding,
  RouterLifetime,
  RouterResult,
} from '../result/router-result.js'
import { exitCodes } from './exit-code.js'

/** RFC 5626 §4.4.2 sends keep-alives on UDP every 24 to 29 s: what forgets sooner makes telephones deaf that follow it. */
const USUAL_KEEP_ALIVE_MS = 29_000
/** RFC 4787 §4.3 REQ-5: not before two minutes. */
const TWO_MINUTES_MS = 120_000
/** What SIP may send over UDP where nothing is known of the path (RFC 3261 §18.1.1). */
const SIP_DATAGRAM = 1_300
/** Part of the longest safe silence that is recommended, and the most, ms. */
const MARGIN = 0.85
const MOST_KEEP_ALIVE_S = { udp: 110, tcp: 600 }

type RouterJudgement = Pick<RouterResult, 'verdict' | 'exitCode' | 'keepAlive' | 'findings'>

export function judgeRouter(facts: RouterFacts): RouterJudgement {
  const findings = [
    ...forgetting(facts),
    ...rewriting(facts),
    ...sizes(facts),
    ...sipPort(facts),
    ...kind(facts),
    ...hairpin(facts),
  ].toSorted((a, b) => RANK[a.severity] - RANK[b.severity])
  const worst = findings[0]?.severity
  const isWhole = facts.lifetimes.some(({ flow }) => flow !== 'tcp')
  const verdict = worst === 'fail' ? 'fail' : !isWhole ? 'inconclusive' : worst === 'warn' ? 'warn' : 'pass'
  const exitCode =
    verdict === 'fail' ? exitCodes.failed : verdict === 'inconclusive' ? exitCodes.notValid : exitCodes.held
  return { verdict, exitCode, keepAlive: keepAliveOf(facts.lifetimes), findings }
}

const RANK = { fail: 0, warn: 1, info: 2 } as const

/** Of UDP the shorter where both kinds of flow are forgotten: the first keep-alive follows a REGISTER. */
function keepAliveOf(lifetimes: readonly RouterLifetime[]): RouterResult['keepAlive'] {
  const udp = shortest(lifetimes.filter(({ flow }) => flow !== 'tcp'))
  const tcp = shortest(lifetimes.filter(({ flow }) => flow === 'tcp'))
  return {
    ...(udp === undefined ? {} : { udpSeconds: safeSeconds(udp, MOST_KEEP_ALIVE_S.udp) }),
    ...(tcp === undefined ? {} : { tcpSeconds: safeSeconds(tcp, MOST_KEEP_ALIVE_S.tcp) }),
  }
}

/** A kind of flow that was never forgotten says nothing against another that was. */
function shortest(lifetimes: readonly RouterLifetime[]): number | undefined {
  const ended = lifetimes.filter(({ lostMs }) => lostMs !== undefined)
  const held = lifetimes.flatMap(({ heldMs }) => heldMs ?? [])
  if (ended.length === 0) return held.length === 0 ? undefined : Math.max(...held)
  return ended.some(({ heldMs }) => heldMs === undefined)
    ? undefined
    : Math.min(...ended.flatMap(({ heldMs }) => heldMs ?? []))
}

const safeSeconds = (heldMs: number, most: number): number =>
  Math.max(1, Math.min(most, Math.floor((heldMs * MARGIN) / 1000)))

const secondsOf = (ms: number): string => `${Math.round(ms / 1000)} s`

/** Where a tenth of a second tells two times apart. */
const exactly = (ms: number): string => (ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : secondsOf(ms))

function forgetting({ lifetimes, isTranslated }: RouterFacts): RouterFinding[] {
  const what = isTranslated ? 'router' : 'firewall'
  const udp = lifetimes.filter(({ flow, lostMs }) => flow !== 'tcp' && lostMs !== undefined)
  const tcp = lifetimes.filter(({ flow, lostMs }) => flow === 'tcp' && lostMs !== undefined)
  const { udpSeconds, tcpSeconds } = keepAliveOf(lifetimes)
  const [first] = udp.toSorted((a, b) => (a.lostMs ?? 0) - (b.lostMs ?? 0))
  const findings: RouterFinding[] = []
  if (first?.lostMs !== undefined) {
    const lostMs = first.lostMs
    findings.push({
      id: 'udp-forgotten',
      severity: (first.heldMs ?? 0) < USUAL_KEEP_ALIVE_MS ? 'fail' : lostMs < TWO_MINUTES_MS ? 'warn' : 'info',
      title: `Nobody can call a telephone here ${secondsOf(lostMs)} after it last sent something over UDP`,
      detail: `The ${what} forgets UDP flows after ${first.heldMs === undefined ? `less than ${exactly(lostMs)}` : `${exactly(first.heldMs)} to ${exactly(lostMs)}`} of silence (RFC 4787 §4.3 wants two minutes at least).`,
      advice:
        udpSeconds === undefined
          ? `Use TCP or TLS, or set the UDP timeout of the ${what} to 120 s or more.`
          : `Set keep-alives of telephones on UDP to ${udpSeconds} s, use TCP or TLS, or set the UDP timeout of the ${what} to 120 s or more.`,
    })
  }
  const [stream] = tcp
  if (stream?.lostMs !== undefined) {
    findings.push({
      id: 'tcp-forgotten',
      severity: 'fail',
      title: `Nobody can call a telephone on TCP or TLS here after ${secondsOf(stream.lostMs)} without traffic`,
      detail: `The ${what} drops idle connections${stream.heldMs === undefined ? '' : ` after ${exactly(stream.heldMs)} to ${exactly(stream.lostMs)}`} and tells neither side (RFC 5382 §5 wants more than two hours).`,
      advice: `Set keep-alives of telephones on TCP and TLS to ${tcpSeconds ?? 10} s, or raise the TCP timeout of the ${what}.`,
    })
  }
  return findings
}

const HARM_WORDS: Readonly<Record<RouterAlgFinding['harms'][number], string>> = {
  'length-wrong': 'Content-Length no longer fits: the message is refused or loses its end',
  'media-address': 'it changes where the audio is to go',
  contact: 'it changes where calls are to go (Contact)',
  via: 'it changes where answers are to go (Via)',
  other: 'it changes other lines',
}

function rewriting({ alg }: RouterFacts): RouterFinding[] {
  const changed = alg.filter(({ outcome }) => outcome === 'changed')
  const lost = alg.filter(({ outcome }) => outcome === 'lost')
  const findings: RouterFinding[] = []
  const advice =
    'Switch off SIP ALG in the router (also named SIP helper, SIP transformations, VoIP passthrough), or use TLS, which it cannot read. On Linux: rmmod nf_nat_sip nf_conntrack_sip.'
  if (changed.length > 0) {
    const harms = [...new Set(changed.flatMap((one) => one.harms))]
    const breaks = harms.includes('length-wrong')
    findings.push({
      id: 'sip-rewritten',
      severity: breaks ? 'fail' : 'warn',
      title: breaks
        ? 'The router rewrites SIP and breaks it: calls fail or have no audio'
        : 'The router rewrites SIP (SIP ALG): one-way audio and missed calls often come from it',
      detail: `${changed.map(({ what, direction }) => `${what} (${direction === 'out' ? 'sent' : 'received'})`).join(', ')}: ${harms.map((harm) => HARM_WORDS[harm]).join('; ')}.`,
      advice,
    })
  }
  if (lost.length > 0) {
    findings.push({
      id: 'sip-dropped',
      severity: 'fail',
      title: 'Something on the way swallows SIP: telephones on UDP cannot register or be called',
      detail: `Did not arrive, although other datagrams over the same ports do: ${lost.map(({ what, direction }) => `${what} (${direction === 'out' ? 'sent' : 'received'})`).join(', ')}.`,
      advice,
    })
  }
  return findings
}

function sizes({ sizes: { upLargest, downLargest, upLost, downLost, fragments } }: RouterFacts): RouterFinding[] {
  const sides = [
    { way: 'sent', largest: upLargest, lost: upLost },
    { way: 'received', largest: downLargest, lost: downLost },
  ]
  const small = sides.filter(({ largest, lost }) => lost !== undefined && (largest ?? 0) < SIP_DATAGRAM)
  if (small.length > 0) {
    return [
      {
        id: 'datagrams-small',
        severity: 'fail',
        title: 'Ordinary calls over UDP do not get through: their messages are too large for this path',
        detail: small.map(({ way, largest }) => `Datagrams ${way}: at most ${largest ?? 0} bytes pass.`).join(' '),
        advice:
          'Use TCP or TLS. Look for a tunnel (VPN, DS-Lite, PPPoE) whose MTU is too small, and for filters of ICMP.',
      },
    ]
  }
  if (fragments !== false) return []
  return [
    {
      id: 'fragments-dropped',
      severity: 'warn',
      title: 'Large messages over UDP do not get through: calls with long headers or many codecs fail',
      detail: `Fragments are dropped: ${sides.map(({ way, largest }) => `${way}, ${largest ?? 0} bytes pass`).join('; ')}.`,
      advice: 'Use TCP or TLS, offer fewer codecs, or let the firewall pass fragments.',
    },
  ]
}

function sipPort({ answersOnSipPort }: RouterFacts): RouterFinding[] {
  if (answersOnSipPort) return []
  return [
    {
      id: 'sip-port-guarded',
      severity: 'warn',
      title: 'Something on the way lets through SIP alone on the SIP port: keep-alives may be dropped',
      detail: 'Datagrams that are no SIP get an answer on another port, and none on the SIP port.',
      advice: 'Switch off SIP ALG in the router, or use TLS.',
    },
  ]
}

function kind({ mapping, isTranslated }: RouterFacts): RouterFinding[] {
  if (!isTranslated || (mapping !== 'address-and-port-dependent' && mapping !== 'address-dependent')) return []
  return [
    {
      id: 'symmetric',
      severity: 'info',
      title: 'STUN is of no use behind this router: it gives each destination another port (symmetric NAT)',
      detail: `Mapping is ${mapping} (RFC 4787 §4.1). Calls work where the provider sends audio to where it comes from.`,
      advice: 'Switch off STUN in telephones. The provider must support symmetric RTP, or audio over a relay.',
    },
  ]
}

function hairpin({ hairpin: comesBack }: RouterFacts): RouterFinding[] {
  if (comesBack !== false) return []
  return [
    {
      id: 'no-hairpin',
      severity: 'info',
      title: 'Two telephones behind this router hear each other only over a relay of the provider',
      detail: 'What is sent to the outside address of the router itself does not come back (RFC 4787 §6 wants it to).',
      advice: 'Nothing, where the provider leads audio over relays.',
    },
  ]
}
