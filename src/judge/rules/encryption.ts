/** Encrypted calls whose encryption does not come about: DTLS that does not end, RTP in clear text (RFC 5763, RFC 3711). */
import { formatEndpoint, sameEndpoint } from '../../transport/network.js'
import { type AudioSpell, spellsOf } from '../call-media.js'
import type { JudgeRule } from '../rule.js'
import { named, side } from '../sides.js'

const SPELL_MS = 3_000
const HELLOS = 3

export const encryption: JudgeRule = {
  id: 'encryption',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'dtls-not-completed',
    title: 'The DTLS handshake of encrypted calls does not come to its end',
    rule: 'RFC 5763 §5',
    expected: 'a handshake over the path of the audio, and then SRTP',
    harm: 'Calls are answered and silent.',
    advice:
      'Does DTLS reach both sides? Look at firewalls, at a=setup of both descriptions, and at large handshake packets (certificates) that are lost.',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) {
        for (const spell of spellsOf(leg, scene)) {
          const { towardsCaller, towardsCallee, at, until } = spell
          if (until - at < SPELL_MS || !isDtls(spell) || towardsCaller.packets + towardsCallee.packets > 0) continue
          const [a, b] = [towardsCaller.to.endpoint, towardsCallee.to.endpoint]
          const hellos = scene.flows.filter(
            ({ kind, from, to }) =>
              kind === 'dtls' && [a, b].some((one) => sameEndpoint(one, from) || sameEndpoint(one, to)),
          )
          const sent = hellos.reduce((sum, { count }) => sum + count, 0)
          if (sent < HELLOS) continue
          const ways = new Set(hellos.map(({ from }) => from.address))
          report({
            about: call,
            kind: ways.size > 1 ? 'not completed' : 'unanswered',
            seen: `${sent} packets of DTLS were seen between ${formatEndpoint(a)} and ${formatEndpoint(b)}${ways.size > 1 ? '' : `, all from ${named([...ways][0] ?? '', scene.view)}`}, and no audio after them.`,
            frames: hellos.map(({ firstFrame }) => firstFrame),
            side: side(
              'unknown',
              ways.size > 1
                ? 'both sides send; which one gives up, is told by its log'
                : 'the other side sends nothing, or it is lost before this point',
            ),
          })
        }
      }
    }
  },
}

const isDtls = ({ towardsCaller, towardsCallee }: AudioSpell): boolean =>
  [towardsCaller, towardsCallee].every(({ to }) => /TLS/i.test(to.media.protocol))
