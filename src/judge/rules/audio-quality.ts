/** Audio that is lost, uneven or out of order before the point of the capture (RFC 3550 §6.4.1). */
import type { Call } from '../calls.js'
import { wayFilter } from '../filters.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { side } from '../sides.js'
import type { Break, Stream } from '../streams.js'
import { seconds } from '../texts.js'
import { formatEndpoint } from '../../transport/network.js'

/** Packets that a share is told of. */
const ENOUGH = 200
/** Shares of lost packets: what is heard as gaps now and then, and what makes talking hard. */
const LOST = { warn: 0.01, fail: 0.05 }
/** Jitter, ms, that the buffers of telephones hardly take. */
const JITTER_MS = 50
const REORDERED = 0.02
/** A break that is told, ms; and the usual packet time. */
const INTERRUPTED_MS = 1_000
const PACKET_MS = 20

export const audioQuality: JudgeRule = {
  id: 'audio-quality',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'audio-lost',
    title: 'Packets of audio are lost before this point',
    rule: 'RFC 3550 §6.4.1',
    expected: `less than ${LOST.warn * 100} % of packets lost`,
    harm: 'Words are missing.',
    advice:
      'Capture nearer to the sender: where the loss begins, there it is. At home it is mostly Wi-Fi, or an upload that takes the whole line. If the capture itself dropped packets (tcpdump says so when it ends), this says nothing.',
    step: 'talk',
  },
  look(scene, report) {
    const isLossy = losesItself(scene)
    for (const stream of scene.streams) for (const one of told(stream, scene, isLossy)) report(one)
  },
}

function told(stream: Stream, scene: Scene, isLossy: boolean): Observation[] {
  const { from, to, statistics, firstFrame, lastFrame, clockRate, breaks } = stream
  const { expected, lost, reordered, jitterMs, valid } = statistics.snapshot()
  if (!valid || expected < ENOUGH) return []
  const way = `from ${formatEndpoint(from)} to ${formatEndpoint(to)}`
  const common = {
    about: callOf(stream, scene),
    frames: [firstFrame, lastFrame],
    filter: wayFilter(from, to),
    side: isLossy
      ? side('unknown', 'nearly all streams lose here, both ways: the capture itself may have dropped packets')
      : side('network', 'lost or held up between the sender and this point'),
  }
  const inBreaks = breaks.reduce((sum, { missing }) => sum + missing, 0)
  const scattered = Math.max(0, lost - inBreaks)
  const share = scattered / Math.max(1, expected - inBreaks)
  const found: Observation[] = []
  if (share >= LOST.warn) {
    found.push({
      ...common,
      kind: 'lost',
      severity: share >= LOST.fail && !isLossy ? 'fail' : 'warn',
      seen: `${scattered} of ${expected - inBreaks} packets ${way} are missing (${(share * 100).toFixed(1)} %).`,
    })
  }
  const [longest] = breaks.filter((one) => isInterruption(one, stream, scene)).toSorted((a, b) => b.ms - a.ms)
  if (longest !== undefined) {
    found.push({
      ...common,
      kind: 'interrupted',
      title: 'Audio is interrupted before this point',
      expected: 'no break in what is sent',
      frames: [longest.frame],
      seen: `The audio ${way} is interrupted for ${seconds(longest.ms)}: ${longest.missing} packets in one piece are missing.`,
    })
  }
  if (clockRate !== undefined && jitterMs >= JITTER_MS) {
    found.push({
      ...common,
      kind: 'jitter',
      cause: 'audio-uneven',
      title: 'Audio comes unevenly to this point',
      expected: `jitter below ${JITTER_MS} ms`,
      harm: 'Words are chopped: telephones drop what comes too late for their buffers.',
      seen: `Jitter of the audio ${way} is ${Math.round(jitterMs)} ms.`,
    })
  }
  if (reordered / expected >= REORDERED) {
    found.push({
      ...common,
      kind: 'reordered',
      cause: 'audio-uneven',
      title: 'Packets of audio overtake each other',
      expected: 'packets in their order',
      harm: 'Telephones with short buffers drop them: words are chopped.',
      seen: `${reordered} of ${expected} packets ${way} were overtaken by others.`,
    })
  }
  return found
}

/** A capture that drops packets drops those of all streams. */
function losesItself({ streams }: Scene): boolean {
  const long = streams
    .map(({ statistics }) => statistics.snapshot())
    .filter(({ valid, expected }) => valid && expected >= ENOUGH)
  const lossy = long.filter(({ lost, expected }) => lost / expected >= LOST.warn)
  return lossy.length > 1 && lossy.length >= 0.75 * long.length
}

/** Who sends nothing counts no packets: numbers that went on while time did, were sent. And while a call was on hold they are not missed. */
function isInterruption({ at, ms, missing }: Break, stream: Stream, scene: Scene): boolean {
  if (ms < INTERRUPTED_MS || ms < (missing * PACKET_MS) / 2 || ms > missing * PACKET_MS * 4) return false
  const call = callOf(stream, scene)
  const changes = call?.legs.flatMap(({ agreements }) => agreements) ?? []
  return !changes.some((one) => one.at > at - ms && one.at < at + 2 * ms)
}

/** The call that announced a stream's place. */
function callOf({ to, from, lastAt }: Stream, { media, calls }: Scene): Call | undefined {
  const place = media.at(to, lastAt) ?? media.at(from, lastAt)
  return calls.find(({ callId }) => callId === place?.description.seen.callId)
}
