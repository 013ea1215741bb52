/** Keys of the keypad (RFC 4733) that get lost, or doubled, from one hop of a call to the next. */
import { spellsOf } from '../call-media.js'
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named } from '../sides.js'
import type { SipSeen } from '../sip-reader.js'
import type { Stream } from '../streams.js'
import { firstOf } from '../transactions.js'

export const keypad: JudgeRule = {
  id: 'keypad',
  text: {
    severity: 'fail',
    gravity: 'harm',
    cause: 'keypad-lost',
    title: 'Keypad tones are lost on their way',
    rule: 'RFC 4733 §2.5.1',
    expected: 'the same digits behind the relay as before it',
    harm: 'Menus, mailboxes and conference PINs do not understand what is pressed.',
    advice: 'Look at the relay or gateway between the two hops: which payload type does it expect for telephone-event?',
    step: 'talk',
  },
  look(scene, report) {
    for (const call of scene.calls) {
      for (const leg of call.legs) for (const one of sentTwice(call, leg, scene)) report(one)
      const [first, second] = call.legs.filter(({ answer }) => answer !== undefined)
      if (first === undefined || second === undefined || first.callee.address !== second.caller.address) continue
      for (const way of ['towardsCallee', 'towardsCaller'] as const) {
        const observation = told(call, [first, second], way, scene)
        if (observation !== undefined) report(observation)
      }
    }
  },
}

/** A key of which INFO and telephone-event come within so many ms is one key. */
const ONE_KEY_MS = 1_500

/** Keys that one side sends in two ways at once: who takes both counts each twice. */
function sentTwice(call: Call, leg: Leg, scene: Scene): Observation[] {
  const infos = leg.inDialog.flatMap((one) => {
    const digit = one.method === 'INFO' ? digitIn(firstOf(one)) : undefined
    return digit === undefined ? [] : [{ seen: firstOf(one), digit }]
  })
  if (infos.length === 0) return []
  return (
    [
      ['caller', 'towardsCallee'],
      ['callee', 'towardsCaller'],
    ] as const
  ).flatMap(([who, way]) => {
    const sender = leg[who].address
    const keys = [...new Set(spellsOf(leg, scene).flatMap((spell) => spell[way].streams))].flatMap((one) => one.keys)
    const twice = infos.flatMap(({ seen, digit }) => {
      const key = keys.find((one) => one.digit === digit && Math.abs(one.at - seen.at) < ONE_KEY_MS)
      return seen.from.address === sender && key !== undefined ? [{ seen, digit, key }] : []
    })
    if (twice.length === 0) return []
    return [
      {
        about: call,
        kind: 'two ways',
        severity: 'warn' as const,
        cause: 'keypad-doubled' as const,
        title: 'Keypad tones are sent in two ways at once',
        expected: 'telephone-event or INFO, not both',
        harm: 'Menus that take both count each key twice.',
        advice: 'Set the telephone, or what stands for it, to one way: telephone-event (RFC 4733).',
        seen: `${named(sender, scene.view)} sent ${twice.map(({ digit }) => digit).join('')} as telephone-event and as INFO.`,
        frames: twice.flatMap(({ seen, key }) => [seen.frame, key.frame]),
        side: doingOf(sender, scene.view, 'the capture shows it send both'),
      },
    ]
  })
}

/** `Signal=5` of application/dtmf-relay, or the digit alone of application/dtmf, as telephones send it. */
function digitIn({ message }: SipSeen): string | undefined {
  if (!/^application\/dtmf(?:-relay)?\b/i.test(message.contentType?.trim() ?? '')) return undefined
  const [, digit] = /^\s*(?:Signal\s*=\s*)?([\dA-D*#])\s*(?:[\r\n]|$)/i.exec(message.body.toString('latin1')) ?? []
  return digit?.toUpperCase()
}

function told(
  call: Call,
  [first, second]: readonly [Leg, Leg],
  way: 'towardsCallee' | 'towardsCaller',
  scene: Scene,
): Observation | undefined {
  const [before, after] = way === 'towardsCallee' ? [first, second] : [second, first]
  const sent = spellsOf(before, scene).flatMap((spell) => spell[way].streams)
  const passed = spellsOf(after, scene).flatMap((spell) => spell[way].streams)
  // Direct media: the same streams on both hops.
  if (sent.length === 0 || passed.length === 0 || sent.some((one) => passed.includes(one))) return undefined
  const takes = spellsOf(after, scene).every((spell) =>
    spell[way].to.media.rtpMaps.some(({ encoding }) => encoding.toLowerCase() === 'telephone-event'),
  )
  const [pressed, came] = [digitsOf(sent), digitsOf(passed)]
  if (pressed.text === '' || pressed.text === came.text || !takes) return undefined
  const relay = after === second ? second.caller : first.callee
  const isDoubled = came.text.length > pressed.text.length
  return {
    about: call,
    kind: isDoubled ? 'doubled' : 'lost',
    ...(isDoubled ? { cause: 'keypad-doubled', title: 'Keypad tones are doubled on their way' } : {}),
    seen: `${pressed.text} was pressed, and ${came.text === '' ? 'nothing' : came.text} was passed on by ${named(relay.address, scene.view)}.`,
    frames: [...pressed.frames, ...came.frames],
    side: doingOf(relay.address, scene.view, 'the capture shows the digits before it and behind it'),
  }
}

function digitsOf(streams: readonly Stream[]): { text: string; frames: number[] } {
  const keys = [...new Set(streams)].flatMap((one) => one.keys).toSorted((a, b) => a.at - b.at)
  return { text: keys.map(({ digit }) => digit).join(''), frames: keys.map(({ frame }) => frame) }
}
