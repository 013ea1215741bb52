/** ICMP errors about signalling and audio: the receiver's machine says that nobody is there. */
import { type Endpoint, formatEndpoint, sameEndpoint } from '../../transport/network.js'
import { endOf } from '../call-media.js'
import { icmpFilter } from '../filters.js'
import type { JudgeRule } from '../rule.js'
import type { Scene } from '../scene.js'
import { named, side } from '../sides.js'

/** Packets that were under way when a call ended, ms. */
const GRACE_MS = 1_000
/** A relay sends to the place in the description until it has heard from where audio comes, ms. */
const LEARNING_MS = 2_000

/** Audio went there for a moment, and then elsewhere: the sender has learned where the other side is. */
const isSoonElsewhere = (to: Endpoint, { streams }: Scene): boolean =>
  streams
    .filter((stream) => sameEndpoint(stream.to, to))
    .every(
      ({ from, ssrc, firstAt, lastAt }) =>
        lastAt - firstAt < LEARNING_MS &&
        streams.some(
          (other) =>
            sameEndpoint(other.from, from) &&
            other.ssrc === ssrc &&
            !sameEndpoint(other.to, to) &&
            other.lastAt > lastAt,
        ),
    )

export const icmp: JudgeRule = {
  id: 'icmp',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'not-reachable',
    title: 'Machines say by ICMP that packets do not get through',
    rule: 'RFC 792',
    expected: 'no ICMP error',
    harm: 'What is sent there is lost.',
    advice: 'Is a program listening at that port, and do firewalls and routes lead there?',
  },
  look(scene, report) {
    const told = new Set<string>()
    for (const { about, says, frame, from, at } of scene.icmp) {
      const key = `${formatEndpoint(about.to)} ${says}`
      if (told.has(key)) continue
      const call = scene.calls.find(({ callId }) => callId === scene.media.at(about.to, at)?.description.seen.callId)
      const leg = call?.legs.find(({ answer }) => answer !== undefined)
      // When a call is over its ports are closed, and what is under way comes to nobody.
      if (call !== undefined && (leg === undefined || at > endOf(leg, scene) - GRACE_MS)) continue
      const isSip = scene.messages.some(({ to }) => sameEndpoint(to, about.to))
      if (call === undefined && !isSip) continue
      if (call !== undefined && isSoonElsewhere(about.to, scene)) continue
      told.add(key)
      const what = call === undefined ? 'SIP' : 'audio'
      const isSize = says === 'fragmentation needed' || says === 'reassembly time exceeded'
      report({
        about: call,
        kind: isSize ? 'size' : what,
        ...(isSize
          ? {
              title: 'Machines say by ICMP that packets are too large, or arrive in part',
              advice:
                'Let firewalls and routers pass fragments of IP, and this ICMP; or use TCP or TLS, or offer fewer codecs.',
            }
          : call === undefined
            ? {}
            : { cause: 'no-audio', title: 'Audio goes where nobody takes it' }),
        seen: `${from.address} says “${says}” of ${what} from ${named(about.from.address, scene.view)} to ${formatEndpoint(about.to)}.`,
        frames: [frame],
        filter: icmpFilter(from.address),
        side: side(
          'unknown',
          isSize
            ? 'what is lost, or too large for a link, is not in this message'
            : `${about.to.address} does not take it, or something before it refuses it`,
        ),
      })
    }
  },
}
