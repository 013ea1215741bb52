/** Registrations that run out, and telephones that displace each other. */
import { bindingsIn, type Registration } from '../registrations.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { side } from '../sides.js'
import type { SipSeen } from '../sip-reader.js'
import { seconds } from '../texts.js'
import { finalOf, firstOf, type Transaction } from '../transactions.js'

/** A refresh may come so late, ms: round trips, and repeats. */
const SLACK_MS = 5_000
/** So often one Contact was displaced by another before it is no move from one network to another. */
const DISPLACED = 3

export const registrationLapses: JudgeRule = {
  id: 'registration-lapses',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'binding-lost',
    title: 'A telephone is not registered for some of the time',
    rule: 'RFC 3261 §10.2.4',
    expected: 'a refresh before the registration runs out',
    harm: 'Calls to it are not delivered in these times.',
    advice:
      'Does the telephone refresh in time? Look at the interval that it is granted, and at what it sends instead.',
    step: 'register',
  },
  look(scene, report) {
    for (const registration of scene.registrations) {
      const found = [lapse(registration, scene), flapping(registration)]
      for (const one of found) if (one !== undefined) report(one)
    }
  },
}

interface Accepted {
  readonly one: Transaction
  readonly answer: SipSeen
  /** Seconds until its own binding ends; 0: it was taken back. */
  readonly granted: number
  readonly contact: string
}

function acceptedOf({ transactions }: Registration): Accepted[] {
  return transactions.flatMap((one) => {
    const answer = finalOf(one)
    const asked = bindingsIn(firstOf(one))
    if (answer === undefined || answer.status >= 300 || asked === '*') return []
    const [own] = asked
    if (own === undefined) return []
    const listed = bindingsIn(answer)
    const bound = listed === '*' ? undefined : listed.find(({ uri }) => uri === own.uri)
    const granted = bound?.expires ?? own.expires
    return granted === undefined || Number.isNaN(granted)
      ? []
      : [{ one, answer, granted: own.expires === 0 ? 0 : granted, contact: own.uri }]
  })
}

/** One telephone that comes back after its registration has run out. */
function lapse(registration: Registration, { from }: Scene): Observation | undefined {
  const accepted = acceptedOf(registration)
  if (new Set(accepted.map(({ contact }) => contact)).size !== 1) return undefined
  for (const [nth, { answer, granted }] of accepted.entries()) {
    const next = accepted[nth + 1]
    if (next === undefined || granted === 0 || next.granted === 0) continue
    const late = next.answer.at - (answer.at + granted * 1000)
    if (late < SLACK_MS) continue
    const client = firstOf(next.one).from.address
    return {
      about: registration,
      kind: 'lapse',
      seen: `${registration.aor} was not registered for ${seconds(late)}: it was granted ${granted} s at ${seconds(answer.at - from)}, and the next registration was accepted ${seconds(next.answer.at - answer.at)} later.`,
      frames: [answer.frame, firstOf(next.one).frame, next.answer.frame],
      side: side(
        'unknown',
        `no refresh of ${client} was accepted in between; whether it sent one that was lost on its way, is not seen`,
      ),
    }
  }
  return undefined
}

/** Two that are accepted by turns, and the answer lists the latest alone. */
function flapping(registration: Registration): Observation | undefined {
  const accepted = acceptedOf(registration)
  const displaced = accepted.filter(({ one, answer, contact, granted }, nth) => {
    const before = accepted[nth - 1]
    if (before === undefined || granted === 0 || before.granted === 0 || before.contact === contact) return false
    const listed = bindingsIn(answer)
    const lasts = before.answer.at + before.granted * 1000 > answer.at
    const isOther = firstOf(before.one).callId !== firstOf(one).callId
    return lasts && isOther && listed !== '*' && !listed.some(({ uri }) => uri === before.contact)
  })
  if (displaced.length < DISPLACED) return undefined
  const contacts = [...new Set(accepted.map(({ contact }) => contact))]
  // A telephone that moves on and on never comes back to where it was.
  const isByTurns = contacts.some((contact) => {
    const places = accepted.flatMap((one, nth) => (one.contact === contact ? [nth] : []))
    return places.some((place, nth) => nth > 0 && place - (places[nth - 1] ?? place) > 1)
  })
  if (!isByTurns) return undefined
  return {
    about: registration,
    kind: 'flapping',
    cause: 'registration-flips',
    title: 'Telephones of one account displace each other',
    expected: 'both registered, or the second one refused',
    harm: 'Calls reach now the one, now the other.',
    advice: 'Give each telephone an account of its own, or let the provider permit several registrations of one.',
    seen: `${registration.aor} is registered by turns with ${contacts.slice(0, 3).join(' and ')}; each displaced the other, ${displaced.length} times.`,
    frames: displaced.map(({ answer }) => answer.frame),
    side: side('unknown', 'two telephones use one account, and the registrar keeps one of them'),
  }
}
