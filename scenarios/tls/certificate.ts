import { finding, must, precondition, scenario } from 'ringproof'

const DAY_MS = 86_400_000

export default scenario({
  id: 'tls/certificate',
  title: 'The certificate is valid, trusted, and carries the name that customers enter',
  area: 'tls',
  purposes: ['TLS-CERT'],
  provider: ['EP-2'],
  rules: {
    name: must(
      'RFC 5922 §6',
      'the SIP domain that customers use is an identity of the certificate; wildcards do not count',
      { gravity: 'letter' },
    ),
    dates: must('RFC 5922 §7.1', 'the certificate is valid today', { gravity: 'letter' }),
    chain: must(
      'RFC 5922 §7.1',
      'the certificate leads to an authority that devices trust, intermediate certificates included',
      { gravity: 'letter' },
    ),
    lasting: finding('EP-2', 'the certificate is good for a week more, or for a third of its time where that is less', {
      gravity: 'harm',
      harm: 'Within a week telephones with encryption cannot register any more: the certificate runs out.',
    }),
  },
  devices: { alice: {} },
  needs: ['sockets'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  harm: 'Telephones with encryption cannot register: they show a certificate error, or nothing. The careless ones connect to anybody.',
  advice:
    'Look at the certificate on the TLS port: names (subjectAltName), dates, intermediate certificates. A wildcard certificate needs to be replaced by one that lists the name.',
  async run({ alice, expect, clock, target }) {
    const { serverName } = alice.hop
    precondition(serverName, 'the target file names no domain for TLS')
    const ca = target.authority
    const { tls } = await alice.connects({ tls: { serverName, verify: false, ...(ca === undefined ? {} : { ca }) } })
    precondition(tls && !tls.standIn, 'nothing was encrypted')
    const problems = tls.certificateProblem?.split('; besides, ') ?? []
    const ofName = problems.filter((problem) => /does not carry the name|sent no certificate/.test(problem))
    const ofDates = problems.filter((problem) => /expired on|not valid before/.test(problem))
    const ofChain = problems.filter((problem) => !ofName.includes(problem) && !ofDates.includes(problem))
    expect('name', ofName).toBeEmpty()
    expect('dates', ofDates).toBeEmpty()
    expect('chain', ofChain).toBeEmpty()
    const days = ((tls.validTo ?? 0) - clock.unixMs()) / DAY_MS
    // Certificates of six days are issued, too, and renewed in good time.
    const whole = ((tls.validTo ?? 0) - (tls.validFrom ?? 0)) / DAY_MS
    const least = Math.min(7, whole / 3)
    expect('lasting', days).toSatisfy(`more than ${Math.round(10 * least) / 10} days`, (left) => left > least)
  },
})
