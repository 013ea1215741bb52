import { certificateSentence, finding, must, precondition, scenario } from 'ringproof'

const DAY_MS = 86_400_000
/** Kinds of faults that are not about the way to a trusted authority. */
const RULE_OF: Readonly<Record<string, 'name' | 'dates'>> = {
  name: 'name',
  absent: 'name',
  expired: 'dates',
  'not-yet-valid': 'dates',
}

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
    const faults = (rule: string) =>
      (tls.certificateFaults ?? [])
        .filter(({ kind }) => (RULE_OF[kind] ?? 'chain') === rule)
        .map((fault) => certificateSentence(fault))
    expect('name', faults('name')).toBeEmpty()
    expect('dates', faults('dates')).toBeEmpty()
    expect('chain', faults('chain')).toBeEmpty()
    const days = ((tls.validTo ?? 0) - clock.unixMs()) / DAY_MS
    // Certificates of six days are issued, too, and renewed in good time.
    const whole = ((tls.validTo ?? 0) - (tls.validFrom ?? 0)) / DAY_MS
    const least = Math.min(7, whole / 3)
    expect('lasting', days).toSatisfy(`more than ${Math.round(10 * least) / 10} days`, (left) => left > least)
  },
})
