/** Keys of the keypad that get lost or doubled from one hop of a call to the next (RFC 4733), that are sent in two ways, or as sound alone. */
import { spellsOf } from '../call-media.js'
import type { Call } from '../calls.js'
import type { Place } from '../descriptions.js'
import type { Leg } from '../leg.js'
import { digitsOf, infosOf, type Press, pressesIn, type WayOfKeys } from '../presses.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { doingOf, named } from '../sides.js'

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
      for (const leg of call.legs)
        for (const one of [...sentTwice(call, leg, scene), ...inAudioAlone(call, leg, scene)]) report(one)
      const [first, second] = call.legs.filter(({ answer }) => answer !== undefined)
      if (first === undefined || second === undefined || first.callee.address !== second.caller.address) continue
      for (const way of ['towardsCallee', 'towardsCaller'] as const) {
        const observation = told(call, [first, second], way, scene)
        if (observation !== undefined) report(observation)
      }
    }
  },
}

/** A key that comes in two ways within so many ms is one key. */
const ONE_KEY_MS = 1_500
/** So many tones are keys for certain; one alone may be a voice or a melody. */
const LEAST_TONES = 2

/** What each side of a hop sent, in all ways. */
function sidesOf(leg: Leg, scene: Scene) {
  const spells = spellsOf(leg, scene)
  return (
    [
      ['caller', 'towardsCallee'],
      ['callee', 'towardsCaller'],
    ] as const
  ).map(([who, way]) => {
    const sender = leg[who].address
    const streams = [...new Set(spells.flatMap((spell) => spell[way].streams))]
    return { sender, sent: { ...pressesIn(streams), INFO: infosOf(leg, sender) } }
  })
}

/** Keys that one side sends in two ways at once: who takes both counts each twice. */
function sentTwice(call: Call, leg: Leg, scene: Scene): Observation[] {
  return sidesOf(leg, scene).flatMap(({ sender, sent }) => {
    const ways = PAIRS.flatMap(([one, other]) => {
      const twice = pairsOf(sent[one], sent[other])
      return twice.length === 0 ? [] : [{ one, other, twice }]
    })
    if (ways.length === 0) return []
    return [
      {
        about: call,
        kind: 'two ways',
        severity: 'warn' as const,
        cause: 'keypad-doubled' as const,
        title: 'Keypad tones are sent in two ways at once',
        expected: 'each key in one way',
        harm: 'Menus that take both count each key twice.',
        advice: 'Set the telephone, or what stands for it, to one way: telephone-event (RFC 4733).',
        seen: `${named(sender, scene.view)} sent ${ways.map(({ one, other, twice }) => `${digitsOf(twice.map(([first]) => first))} as ${one} and as ${other}`).join(', ')}.`,
        frames: [...new Set(ways.flatMap(({ twice }) => twice.flatMap((both) => both.map(({ frame }) => frame))))],
        side: doingOf(sender, scene.view, 'the capture shows it send both'),
      },
    ]
  })
}

const PAIRS: readonly (readonly [WayOfKeys, WayOfKeys])[] = [
  ['telephone-event', 'INFO'],
  ['telephone-event', 'tones in the audio'],
  ['INFO', 'tones in the audio'],
]

/** Each key counts once. */
function pairsOf(some: readonly Press[], others: readonly Press[]): (readonly [Press, Press])[] {
  const left = [...others]
  return some.flatMap((one) => {
    const at = left.findIndex(({ digit, at: when }) => digit === one.digit && Math.abs(when - one.at) < ONE_KEY_MS)
    const [other] = at < 0 ? [] : left.splice(at, 1)
    return other === undefined ? [] : [[one, other] as const]
  })
}

/**
 * Keys as tones alone, though telephone-event was agreed on. Of the side that begins: a test module tells back what it heard, an echo
 * sends it back.
 */
function inAudioAlone(call: Call, leg: Leg, scene: Scene): Observation[] {
  const isAgreed = spellsOf(leg, scene).some(({ towardsCaller, towardsCallee }) =>
    [towardsCaller, towardsCallee].every(({ to }) => takesEvents(to)),
  )
  if (!isAgreed) return []
  const sides = sidesOf(leg, scene)
  return sides.flatMap(({ sender, sent }, index) => {
    const tones = sent['tones in the audio']
    const [first] = tones
    const others = Object.values(sides[1 - index]?.sent ?? {}).flat()
    if (first === undefined || tones.length < LEAST_TONES) return []
    if (sent['telephone-event'].length > 0 || sent.INFO.length > 0 || others.some(({ at }) => at <= first.at)) return []
    return [
      {
        about: call,
        kind: 'in audio',
        severity: 'warn' as const,
        title: 'Keypad tones are sent as sound, though telephone-event was agreed on',
        rule: 'RFC 4733 §2.1',
        expected: 'telephone-event, as both descriptions list it',
        harm: 'Menus, mailboxes and conference PINs that wait for telephone-event do not hear what is pressed.',
        advice: 'Set the telephone, or the gateway that it comes through, to send keys as telephone-event (RFC 4733).',
        seen: `${named(sender, scene.view)} sent ${digitsOf(tones)} as tones in the audio, and no telephone-event.`,
        frames: tones.map(({ frame }) => frame),
        side: doingOf(sender, scene.view, 'the capture shows what it sends'),
      },
    ]
  })
}

const takesEvents = ({ media }: Place): boolean =>
  media.rtpMaps.some(({ encoding }) => encoding.toLowerCase() === 'telephone-event')

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
  const takes = spellsOf(after, scene).every((spell) => takesEvents(spell[way].to))
  const pressed = pressesIn([...new Set(sent)])['telephone-event']
  const came = pressesIn([...new Set(passed)])
  const [digits, events, tones] = [pressed, came['telephone-event'], came['tones in the audio']].map(digitsOf)
  if (digits === '' || digits === events || !takes) return undefined
  const relay = after === second ? second.caller : first.callee
  const isDoubled = came['telephone-event'].length > pressed.length
  const heard = tones === '' ? '' : `, and ${tones} as tones in the audio`
  return {
    about: call,
    kind: isDoubled ? 'doubled' : 'lost',
    ...(isDoubled ? { cause: 'keypad-doubled', title: 'Keypad tones are doubled on their way' } : {}),
    seen: `${digits} was pressed, and ${events === '' ? 'nothing' : events} was passed on as telephone-event by ${named(relay.address, scene.view)}${heard}.`,
    frames: [...pressed, ...came['telephone-event']].map(({ frame }) => frame),
    side: doingOf(relay.address, scene.view, 'the capture shows the digits before it and behind it'),
  }
}
