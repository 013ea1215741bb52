import type { SessionDescription } from '../../../src/sdp/session-description.js'
import type { SdpViolation } from '../../../src/sdp/violation.js'

/** RFC 3264 §8: may `next` follow `previous` from the same side in the same session? */
export function checkSuccessor(previous: SessionDescription, next: SessionDescription): SdpViolation[] {
  const violations: SdpViolation[] = []
  const add = (code: string, rule: string, expected: string, actual: string): void => {
    violations.push({ code, rule, offset: 0, expected, actual })
  }
  const before = previous.origin
  const after = next.origin
  if (before === undefined || after === undefined) return violations
  const fixed = (o: typeof before) => `${o.username} ${o.sessionId} ${o.netType} ${o.addrType} ${o.address}`
  if (fixed(before) !== fixed(after)) add('successor-origin', 'RFC 3264 §8', `o=${fixed(before)}`, `o=${fixed(after)}`)
  const changed = body(previous) !== body(next)
  if (/^\d{1,40}$/.test(before.version) && /^\d{1,40}$/.test(after.version)) {
    const step = BigInt(after.version) - BigInt(before.version)
    if (changed && step !== 1n)
      add('successor-version', 'RFC 3264 §8', `version ${BigInt(before.version) + 1n}`, after.version)
    else if (!changed && step !== 0n && step !== 1n)
      add('successor-version', 'RFC 3264 §8', `version ${before.version} or one more`, after.version)
  }
  if (next.media.length < previous.media.length)
    add('successor-media-count', 'RFC 3264 §8', `${previous.media.length} m= lines or more`, `${next.media.length}`)

  for (const [index, media] of previous.media.entries()) {
    const later = next.media[index]
    if (later === undefined || media.port === 0 || later.port === 0) continue
    const maps = new Map(media.rtpMaps.map((map) => [map.payloadType, nameOf(map)]))
    for (const map of later.rtpMaps) {
      const was = maps.get(map.payloadType)
      // RFC 3264 §8.3.2: a dynamic number keeps its meaning.
      if (map.payloadType >= 96 && was !== undefined && was !== nameOf(map))
        add('successor-payload-type', 'RFC 3264 §8.3.2', `${map.payloadType} is ${was}`, nameOf(map))
    }
  }
  return violations
}

function body(description: SessionDescription): string {
  return description.toString().replace(/^o=.*$/m, 'o=')
}

function nameOf(map: { encoding: string; clockRate: number; channels: number }): string {
  return `${map.encoding.toLowerCase()}/${map.clockRate}/${map.channels}`
}
