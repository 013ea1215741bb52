import { parseChallenges, precondition, promised, scenario, unsupported } from 'ringproof'

/** One scenario for each algorithm that a target may offer beside MD5. */
export default (['SHA-256', 'SHA-512-256'] as const).map((algorithm) =>
  scenario({
    id: `digest/${algorithm.toLowerCase()}`,
    title: `Where ${algorithm} is offered, a device can log in with it`,
    area: 'digest',
    purposes: [`DIG-${algorithm.replace('-', '')}`],
    rules: {
      accepted: promised('RFC 8760 §2.1', 'the right response by an algorithm that is offered logs the device in', {
        gravity: 'outage',
        harm: `Devices that choose ${algorithm}, which the provider offers, cannot log in.`,
      }),
      checked: promised('security', 'a response made with a wrong password logs nobody in', {
        gravity: 'exposure',
        follows: ['any-password'],
        harm: `With ${algorithm} any password is accepted.`,
      }),
    },
    devices: { alice: {} },
    seconds: 6,
    step: 'register',
    provokesBans: true,
    harm: `Log-in with ${algorithm} does not work as it should.`,
    advice: `Take ${algorithm} out of the challenges until the registrar computes it right. Kamailio: algorithm of the auth module. RFC 7616 has examples to compare with.`,
    async run({ alice, expect, random }) {
      // An hour, which is never too brief: a refusal is one of the log-in.
      const contacts = [`<${alice.contactUri}>`]
      const callId = random.token(24)
      let others: readonly string[] = []
      const challengeAt = async (cseq: number) => {
        const asked = await alice.asksRegistrar({ contacts, expires: 3600, callId, cseq, authenticate: false })
        const [request] = asked.requests
        const { final } = asked
        precondition(request && final && [401, 407].includes(final.status), 'REGISTER was not challenged')
        const header = final.status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
        const offered = parseChallenges(final.headers.all(header)).map((one) => (one.algorithm ?? 'MD5').toUpperCase())
        if (!offered.includes(algorithm)) unsupported(`the target offers ${offered.join(', ')}, not ${algorithm}`)
        others = offered.filter((one) => one !== algorithm)
        return { request, final }
      }
      const answers = async (cseq: number, password?: string, by: string = algorithm) => {
        const { request, final } = await challengeAt(cseq)
        const headers = alice.credentialsFor(request, final, { algorithm: by, ...(password ? { password } : {}) })
        return alice.asksRegistrar({ contacts, expires: 3600, callId, cseq: cseq + 1, authenticate: false, headers })
      }
      const right = await answers(1)
      precondition(right.final, 'the REGISTER with credentials got no answer', 'no-answer')
      if (right.final.status >= 300) {
        // Is it the algorithm?
        const tries = await Promise.all(others.map((other, at) => answers(20 + 10 * at, undefined, other)))
        precondition(
          others.length === 0 || tries.some((one) => one.status !== undefined && one.status < 300),
          `the log-in is refused with the other algorithms, too: ${right.final.status}`,
          'login-refused',
        )
      }
      expect('accepted', right.final.status, { seen: alice.hears(undefined, { to: 'REGISTER' }).last }).toBe(200)
      const wrong = await answers(10, `not ${alice.account.password}`)
      precondition(wrong.final, 'the REGISTER with a wrong password got no answer', 'no-answer')
      expect('checked', wrong.final.status, {
        seen: alice.hears(undefined, { to: 'REGISTER' }).last,
      }).toSatisfy('300 or above', (status) => status >= 300)
      if (right.final.status < 300 || wrong.final.status < 300) await alice.clearsBindings()
    },
  }),
)
