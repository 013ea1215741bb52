/** Answers that do not fit their offers (RFC 3264 §6): no codec in common, another transport, other streams. */
import { checkAnswer } from '../../sdp/offer-answer-rules.js'
import type { Description } from '../descriptions.js'
import type { JudgeRule } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named } from '../sides.js'

/** What leaves a call without audio; the rest is a matter of form. */
const FATAL = new Set(['answer-media-count', 'answer-no-common-format', 'answer-protocol', 'answer-media-type'])

/** Fax has no codecs; and keys that were made unreadable before the capture was passed on are all the same. */
function isOfNoAccount(code: string, { keysAreMasked }: Scene, { sdp }: Description): boolean {
  if (code === 'answer-crypto-key-reused') return keysAreMasked
  return code === 'answer-no-common-format' && !sdp.media.some(({ media, port }) => media === 'audio' && port > 0)
}

export const answers: JudgeRule = {
  id: 'answers',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'answer-unusable',
    title: 'An answer does not fit its offer: the call has no audio',
    rule: 'RFC 3264 §6',
    expected: 'an answer with the streams, the transport and codecs of the offer',
    harm: 'The call is answered and silent, or ends at once.',
    advice:
      'Compare both session descriptions; look at what changes them between the two (border controller, transcoder, ALG).',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) {
        for (const { offer, answer } of leg.agreements) {
          // The port of a stream that nobody wants is 0, and what a held-back answer says then is of no account.
          for (const { code, rule, expected, actual } of checkAnswer(offer.sdp, answer.sdp)) {
            const isFatal = FATAL.has(code)
            if (code === 'answer-time' || isOfNoAccount(code, scene, answer)) continue
            report({
              about: call,
              kind: code,
              rule,
              expected,
              ...(isFatal
                ? {}
                : {
                    severity: code.startsWith('answer-crypto') ? 'warn' : 'info',
                    gravity: 'letter',
                    title: 'An answer does not fit its offer in its form',
                    harm: 'Hardly any telephone notices.',
                  }),
              seen: `The answer that ${named(answer.seen.from.address, scene.view)} sent has ${actual} where the offer allows ${expected} (${code}).`,
              frames: [offer.seen.frame, answer.seen.frame],
              side: doingOf(answer.seen.from.address, scene.view, 'it sent the answer; who made it, may be behind it'),
            })
          }
        }
      }
    }
  },
}
