/** Calls that change to fax (T.38) and carry no data of it. */
import { placeOf } from '../descriptions.js'
import { endOf } from '../call-media.js'
import { isOnHop } from '../leg.js'
import { formatEndpoint, sameEndpoint } from '../../transport/network.js'
import type { JudgeRule } from '../rule.js'
import { side } from '../sides.js'
import { seconds } from '../texts.js'

const SPELL_MS = 5_000

export const fax: JudgeRule = {
  id: 'fax',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'fax-fails',
    title: 'Fax (T.38) is agreed on, and its data passes in one direction only',
    rule: 'ITU-T T.38',
    expected: 'UDPTL in both directions',
    harm: 'Faxes do not go through.',
    advice: 'Look at the addresses of m=image in both descriptions, and whether relay and firewall let UDPTL through.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) {
        for (const [nth, agreement] of leg.agreements.entries()) {
          const index = agreement.offer.sdp.media.findIndex(({ media }) => media === 'image')
          const [offered, answered] = [placeOf(agreement.offer, index), placeOf(agreement.answer, index)]
          const until = leg.agreements[nth + 1]?.at ?? endOf(leg, scene)
          if (offered === undefined || answered === undefined || until - agreement.at < SPELL_MS) continue
          if (!isOnHop(agreement.offer.seen, leg)) continue
          const [a, b] = [offered.endpoint, answered.endpoint]
          const packets = (to: typeof a, from: typeof a) =>
            scene.flows
              .filter(
                (flow) =>
                  flow.kind === 'other' &&
                  flow.lastAt >= agreement.at &&
                  (sameEndpoint(flow.to, to) || sameEndpoint(flow.from, from)),
              )
              .reduce((sum, { count }) => sum + count, 0)
          const [toA, toB] = [packets(a, b), packets(b, a)]
          if (toA + toB === 0 || (toA > 0 && toB > 0)) continue
          const silent = toA === 0 ? b : a
          report({
            about: call,
            seen: `Fax was agreed on; in ${seconds(until - agreement.at)} ${toA + toB} packets went to ${formatEndpoint(silent)}, and none came from there.`,
            frames: [agreement.offer.seen.frame, agreement.answer.seen.frame],
            side: side('unknown', `${silent.address} sends nothing, or it is lost before this point`),
          })
        }
      }
    }
  },
}
