/** Log-ins that are refused again and again (RFC 3261 §22.1): a wrong password, or a nonce that is never accepted. */
import { authParamsIn } from '../credentials.js'
import type { Registration } from '../registrations.js'
import type { JudgeRule, Observation } from '../rule.js'
import type { Scene } from '../scene.js'
import { named, side } from '../sides.js'
import { finalOf, firstOf, isChallenge, type Transaction } from '../transactions.js'

/** Refused with credentials for a fresh nonce so often, and never accepted. */
const REFUSED = 2

export const login: JudgeRule = {
  id: 'login',
  text: {
    severity: 'fail',
    gravity: 'outage',
    cause: 'login-refused',
    title: 'A telephone cannot log in: its password is refused',
    rule: 'RFC 3261 §22.1',
    expected: 'a 200 to the right password',
    harm: 'The telephone is not registered: it can neither call nor be called.',
    advice:
      'Set user name and password in the telephone anew; compare the user name of the log-in with the account, and look whether the account is locked.',
    step: 'register',
  },
  look(scene, report) {
    for (const registration of scene.registrations) {
      const observation = told(registration, scene)
      if (observation !== undefined) report(observation)
    }
  },
}

function told(registration: Registration, { view }: Scene): Observation | undefined {
  const { transactions, aor, server } = registration
  const finals = transactions.flatMap((one) => {
    const final = finalOf(one)
    return final === undefined ? [] : [{ one, final }]
  })
  if (finals.some(({ final }) => final.status < 300)) return undefined
  const refused = finals.filter(({ one, final }) => isRefusal(one, final.status, transactions))
  const frames = refused.flatMap(({ one, final }) => [firstOf(one).frame, final.frame])
  const where = named(server.address, view)
  const [first] = refused
  if (first !== undefined && refused.length >= REFUSED) {
    const status = [...new Set(refused.map(({ final }) => final.status))].join(', ')
    return {
      about: registration,
      frames,
      kind: 'refused',
      seen: `${aor} logged in ${refused.length} times at ${where}, each time for the nonce that it was given, and was refused (${status}).`,
      side: side(
        'unknown',
        'password or user name in the telephone are wrong, or the account is; a capture does not show which',
      ),
    }
  }
  const unanswered = finals.filter(({ one, final }) => isChallenge(final.status) && credentialsOf(one) === undefined)
  if (unanswered.length < 3 || refused.length > 0 || finals.some(({ one }) => credentialsOf(one) !== undefined))
    return undefined
  const [{ one: asked } = { one: undefined }] = unanswered
  if (asked === undefined) return undefined
  return {
    about: registration,
    frames: unanswered.flatMap(({ one, final }) => [firstOf(one).frame, final.frame]),
    kind: 'not tried',
    severity: 'warn',
    title: 'A telephone is asked to log in and never does',
    advice: 'Set user name and password in the telephone; look whether it knows the algorithm that it is asked for.',
    seen: `${aor} was asked ${unanswered.length} times by ${where} to log in, and began anew without a password each time.`,
    side: side(
      'telephone',
      `the capture shows the challenges go to ${firstOf(asked).from.address}; it answers none of them`,
    ),
  }
}

const credentialsOf = (one: Transaction) => authParamsIn(firstOf(one).message.headers.get('authorization'))

/** Credentials for a nonce that was given before, refused without a word that it was only too old. */
function isRefusal(one: Transaction, status: number, all: readonly Transaction[]): boolean {
  const nonce = credentialsOf(one)?.get('nonce')
  if (nonce === undefined) return false
  if (status === 403) return true
  if (!isChallenge(status)) return false
  const challenge = challengeOf(one)
  if (challenge?.get('stale')?.toLowerCase() === 'true') return false
  return all.some((other) => other !== one && challengeOf(other)?.get('nonce') === nonce)
}

function challengeOf(one: Transaction) {
  const message = finalOf(one)?.message
  return authParamsIn(message?.headers.get('www-authenticate') ?? message?.headers.get('proxy-authenticate'))
}
