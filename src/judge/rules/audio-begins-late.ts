/** The first words after the answer are not heard: audio begins late. */
import { spellsOf } from '../call-media.js'
import type { JudgeRule } from '../rule.js'
import { named, side } from '../sides.js'
import { seconds } from '../texts.js'

/** ms after the answer: a relay may need the first packet of the other side before it sends. */
const LATE_MS = 2_500
const PACKETS = 50

export const audioBeginsLate: JudgeRule = {
  id: 'audio-begins-late',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'audio-begins-late',
    title: 'Audio begins seconds after the answer',
    rule: 'RFC 3264 §6.1',
    expected: `audio within ${LATE_MS / 1000} s of the answer`,
    harm: 'The first words are not heard.',
    advice:
      'Look at what happens between the answer and the first packet: ICE, DTLS, a relay that waits, an ACK that is late.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) {
        const [spell] = spellsOf(leg, scene)
        if (spell === undefined || spell.agreement.answer.seen.method !== 'INVITE') continue
        const { towardsCaller, towardsCallee, at } = spell
        // Where nothing is seen of the other direction, the capture may have begun to take audio late.
        if (towardsCaller.packets < PACKETS || towardsCallee.packets < PACKETS) continue
        for (const [direction, who] of [
          [towardsCaller, 'caller'],
          [towardsCallee, 'called side'],
        ] as const) {
          const first = Math.min(...direction.streams.map(({ firstAt }) => firstAt))
          if (!direction.from.sends || !direction.to.receives || first - at < LATE_MS) continue
          report({
            about: call,
            seen: `The ${who} hears nothing for ${seconds(first - at)} after the answer: ${named(direction.from.endpoint.address, scene.view)} begins to send so late.`,
            frames: [spell.agreement.answer.seen.frame, ...direction.streams.map(({ firstFrame }) => firstFrame)],
            side: side('unknown', 'what came before this point, and was lost, is not seen'),
          })
        }
      }
    }
  },
}
