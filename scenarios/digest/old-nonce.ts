import {
  finding,
  inconclusive,
  parseChallenges,
  precondition,
  promised,
  scenario,
  should,
  whereReached,
} from 'ringproof'

const MINUTES = 10

export default scenario({
  id: 'digest/old-nonce',
  title: `A nonce expires within ${MINUTES} minutes, and the new challenge says stale=true`,
  area: 'digest',
  purposes: ['DIG-STALE'],
  rules: {
    ages: finding('RFC 7616 §5.4', `a nonce is no longer accepted after ${MINUTES} minutes`, {
      gravity: 'exposure',
      follows: ['digest/invented-nonce'],
      harm: `Nonces are still good after ${MINUTES} minutes: recorded credentials can be replayed for long.`,
    }),
    flagged: whereReached(
      should('RFC 7616 §3.3', 'the new challenge to an old nonce says stale=true', {
        gravity: 'harm',
        cause: 'stale-not-flagged',
        harm: 'An expired nonce is challenged without stale=true: telephones take it for a wrong password.',
      }),
    ),
    retry: whereReached(
      promised('security', 'the right response to the new challenge logs the device in', {
        gravity: 'outage',
        cause: 'registration-refused',
        harm: 'Once a nonce has expired, telephones cannot log in any more.',
      }),
    ),
  },
  devices: { alice: {} },
  seconds: 60 * MINUTES + 20,
  step: 'register',
  harm: 'Expired nonces are not treated as they should be.',
  advice:
    'Look at the lifetime of nonces and at stale=true in the challenge after it. Kamailio: nonce_expire (300 s by default). Asterisk: nonce_lifetime. FreeSWITCH: nonce-ttl.',
  async run({ alice, expect, random, waits }) {
    // An hour, which is never too brief: a refusal is one of the log-in.
    const contacts = [`<${alice.contactUri}>`]
    const callId = random.token(24)
    const attempt = (cseq: number, headers: Readonly<Record<string, string>> = {}) =>
      alice.asksRegistrar({ contacts, expires: 3600, callId, cseq, authenticate: false, headers })
    const asked = await attempt(1)
    const [request] = asked.requests
    precondition(request && asked.final && [401, 407].includes(asked.final.status), 'REGISTER was not challenged')
    const answer = alice.credentialsFor(request, asked.final)
    await waits(MINUTES * 60_000)
    const late = await attempt(2, answer)
    if (!late.final) inconclusive('the REGISTER with an old nonce got no answer', 'no-answer')
    const seen = alice.hears(undefined, { to: 'REGISTER' }).last
    expect('ages', late.final.status, { seen }).toBeOneOf([401, 407])
    if (late.final.status === 401 || late.final.status === 407) {
      const header = late.final.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
      const challenges = parseChallenges(late.final.headers.all(header)).filter(
        (one) => one.scheme.toLowerCase() === 'digest',
      )
      const [again] = late.requests
      expect('flagged', challenges.length > 0 && challenges.every((one) => one.stale), { seen, header }).toBeTrue(
        'stale=true',
      )
      precondition(again, 'no REGISTER was sent')
      const retry = await attempt(3, alice.credentialsFor(again, late.final))
      expect('retry', retry.status ?? 'no answer', { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
    }
  },
})
