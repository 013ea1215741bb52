/** Keys of the keypad (RFC 4733) that get lost, or doubled, from one hop of a call to the next. */
import { spellsOf } from '../call-media.js'
import type { Call } from '../calls.js'
import type { Leg } from '../leg.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named } from '../sides.js'
import type { Stream } from '../streams.js'

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
      const [first, second] = call.legs.filter(({ answer }) => answer !== undefined)
      if (first === undefined || second === undefined || first.callee.address !== second.caller.address) continue
      for (const way of ['towardsCallee', 'towardsCaller'] as const) {
        const observation = told(call, [first, second], way, scene)
        if (observation !== undefined) report(observation)
      }
    }
  },
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
