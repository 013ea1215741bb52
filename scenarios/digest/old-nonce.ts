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
  title: 'A nonce grows old, and the device is told that nothing else was wrong',
  area: 'digest',
  purposes: ['DIG-STALE'],
  rules: {
    ages: finding('RFC 7616 §5.4', `a nonce is no longer accepted after ${MINUTES} minutes`, {
      gravity: 'harm',
      harm: 'A log-in that was read once can be tried for ever.',
    }),
    flagged: whereReached(
      should('RFC 7616 §3.3', 'the new challenge to an old nonce says stale=true', {
        gravity: 'harm',
        harm: 'Telephones take an old nonce for a wrong password: they ask their user for it, or give up.',
      }),
    ),
    retry: whereReached(
      promised('security', 'the right answer to the new challenge logs the device in', { gravity: 'letter' }),
    ),
  },
  devices: { alice: {} },
  seconds: 60 * MINUTES + 20,
  harm: 'Unflagged, telephones take an old nonce for a wrong password: they ask their user for it, or give up. Without an end, a log-in that was read once can be tried for ever.',
  advice:
    'Look at the lifetime of nonces in the settings of registrar and proxy, and whether their challenge says stale=true when it is over.',
  async run({ alice, expect, random, waits }) {
    // An hour, which is never too brief: a refusal is one of the log-in.
    const contacts = [`<${alice.agent.contactUri}>`]
    const callId = random.token(24)
    const attempt = (cseq: number, headers: Readonly<Record<string, string>> = {}) =>
      alice.asksRegistrar({ contacts, expires: 3600, callId, cseq, authenticate: false, headers })
    const asked = await attempt(1)
    const [request] = asked.requests
    precondition(
      request && asked.final && [401, 407].includes(asked.final.status),
      'the registration was not challenged',
    )
    const answer = alice.credentialsFor(request, asked.final)
    await waits(MINUTES * 60_000)
    const late = await attempt(2, answer)
    if (!late.final) inconclusive('the log-in with an old nonce got no answer')
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
      precondition(again, 'the log-in was not sent')
      const retry = await attempt(3, alice.credentialsFor(again, late.final))
      expect('retry', retry.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
    }
    await alice.clearsBindings()
  },
})
