/** A registrar whose answer lists one telephone several times. */
import type { JudgeRule } from '../rule.js'
import { side } from '../sides.js'
import type { SipSeen } from '../sip-reader.js'
import { finalOf } from '../transactions.js'

export const bindingDoubled: JudgeRule = {
  id: 'binding-doubled',
  text: {
    severity: 'warn',
    gravity: 'harm',
    cause: 'binding-doubled',
    title: 'A telephone is registered several times over',
    rule: 'RFC 3261 §10.3',
    expected: 'each Contact once: a renewal updates its binding',
    harm: 'Calls go to the same telephone several times.',
    advice: 'Look how the registrar compares Contacts (RFC 3261 §19.1.4), and whether it keeps bindings twice.',
    step: 'register',
  },
  look({ registrations }, report) {
    for (const registration of registrations) {
      for (const answer of registration.transactions.flatMap((one) => finalOf(one) ?? [])) {
        const doubled = answer.status < 300 ? twiceIn(answer) : undefined
        if (doubled === undefined) continue
        report({
          about: registration,
          kind: 'doubled',
          seen: `The answer to ${registration.aor} lists ${doubled} more than once.`,
          frames: [answer.frame],
          side: side('provider', 'the list is the registrar’s own'),
        })
        break
      }
    }
  },
}

/** A Contact that is listed twice with nothing that tells the two apart: flows and instances do (RFC 5626 §4.2), time does not. */
function twiceIn({ message }: SipSeen): string | undefined {
  try {
    const contacts = message.contacts()
    if (contacts === '*') return undefined
    const seen = new Set<string>()
    for (const { uri, params } of contacts) {
      const told = [...params]
        .filter(([name]) => name !== 'expires' && name !== 'q')
        .map(([name, value]) => `${name}=${value}`)
      const key = [uri, ...told.toSorted()].join(';')
      if (seen.has(key)) return uri
      seen.add(key)
    }
  } catch {
    // What cannot be read is told elsewhere.
  }
  return undefined
}
