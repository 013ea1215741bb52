/** Messages that were captured on both sides of a device, and differ: a SIP ALG has rewritten them. */
import { descriptionIn, placeOf } from '../descriptions.js'
import type { JudgeRule } from '../rule.js'
import type { SipSeen } from '../sip-reader.js'
import { roleOf, side } from '../sides.js'
import { contactHost } from '../texts.js'
import { firstOf, type Transaction } from '../transactions.js'

/** The same message passes a router within so many ms. */
const PASSING_MS = 1_000

export const rewritten: JudgeRule = {
  id: 'rewritten',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'rewritten-on-the-way',
    title: 'Something on the way rewrites SIP (SIP ALG)',
    rule: 'RFC 3261 §16.6',
    expected: 'the same message on both sides of a router',
    harm: 'One-way audio and missed calls often come from it.',
    advice:
      'Switch off SIP ALG in the router (also named SIP helper, SIP transformations, VoIP passthrough), or use TLS, which it cannot read.',
  },
  look(scene, report) {
    const byBranch = new Map<string, Transaction>()
    for (const one of scene.transactions) {
      if (one.branch === '' || (one.method !== 'INVITE' && one.method !== 'REGISTER')) continue
      const key = `${one.method} ${one.branch} ${one.cseq}`
      const before = byBranch.get(key)
      if (before === undefined) {
        byBranch.set(key, one)
      } else if (before.client.address !== one.client.address) {
        const changes = differences(firstOf(before), firstOf(one))
        if (changes.length > 0 && firstOf(one).at - firstOf(before).at < PASSING_MS) {
          report({
            about:
              scene.calls.find(({ callId }) => callId === one.callId) ??
              scene.registrations.find(({ transactions }) => transactions.includes(one)),
            seen: `${one.method} was seen twice, from ${before.client.address} and from ${one.client.address}: in between ${changes.join(', ')}.`,
            frames: [firstOf(before).frame, firstOf(one).frame],
            side: side('network', 'the same message (the same branch) was captured on both sides of what changed it'),
          })
        }
      }
    }
    for (const seen of scene.messages) {
      const wrong = seen.violations.find(({ code }) => code === 'body-truncated' || code === 'body-excess')
      if (wrong === undefined || seen.again || roleOf(seen.from.address, scene.view) === 'provider') continue
      report({
        about: scene.calls.find(({ callId }) => callId === seen.callId),
        kind: 'length',
        title: 'Content-Length of messages does not fit: a sign of a SIP ALG',
        expected: 'a body as long as Content-Length says',
        seen: `The body of a message from ${seen.from.address} is not as long as its Content-Length says (${wrong.actual} for ${wrong.expected}).`,
        frames: [seen.frame],
        side: side(
          'unknown',
          `it came so from ${seen.from.address}; a router between it and its telephone may have changed it`,
        ),
      })
    }
  },
}

function differences(a: SipSeen, b: SipSeen): string[] {
  const pairs = [
    ['Contact', contactHost(a), contactHost(b)],
    ['the address of the audio', audioOf(a), audioOf(b)],
  ] as const
  return pairs.flatMap(([what, before, after]) =>
    before !== undefined && after !== undefined && before !== after
      ? [`${what} became ${after} instead of ${before}`]
      : [],
  )
}

function audioOf(seen: SipSeen): string | undefined {
  const description = descriptionIn(seen)
  return description === undefined ? undefined : placeOf(description, 0)?.endpoint.address
}
