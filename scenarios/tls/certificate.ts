import { certificateSentence, finding, must, owed, precondition, scenario } from 'ringproof'

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
      'the SIP domain that customers use is an identity of the certificate; wildcards do not count (§7.2)',
      {
        gravity: 'outage',
        cause: 'certificate-invalid',
        harm: 'The TLS certificate does not carry the name that customers enter. Telephones that check it cannot register.',
      },
    ),
    // The section binds whoever checks: devices, which refuse what is not so.
    dates: owed('RFC 5922 §7.1', 'the certificate is valid today', {
      gravity: 'outage',
      cause: 'certificate-invalid',
      harm: 'The TLS certificate is not valid today. Telephones that check it cannot register.',
    }),
    chain: owed(
      'RFC 5922 §7.1',
      'the certificate leads to an authority that devices trust, intermediate certificates included',
      {
        gravity: 'outage',
        cause: 'certificate-invalid',
        harm: 'The TLS certificate does not lead to a trusted authority. Telephones that check it cannot register.',
      },
    ),
    lasting: finding('EP-2', 'the certificate is good for a week more, or for a third of its time where that is less', {
      gravity: 'harm',
      follows: ['certificate-invalid'],
      harm: 'The TLS certificate runs out in {left|a few days}. Then telephones on TLS cannot register any more.',
    }),
  },
  devices: { alice: {} },
  needs: ['sockets'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 12,
  // Where the certificate is refused, a reach over TLS fails, and this tells why.
  reliesOn: 'nothing',
  step: 'register',
  harm: 'The TLS certificate is not as telephones need it.',
  advice:
    'Look at the certificate on the TLS port: names (subjectAltName), dates, intermediate certificates. SIP does not accept wildcards (RFC 5922): list the name itself.',
  async run({ alice, expect, figure, clock, target }) {
    const { serverName } = alice.hop
    precondition(serverName, 'the target file names no domain for TLS')
    const ca = target.authority
    const { tls } = await alice.connects({ tls: { serverName, verify: false, ...(ca === undefined ? {} : { ca }) } })
    precondition(tls && !tls.standIn, 'the connection was not encrypted')
    const faults = (rule: string) =>
      (tls.certificateFaults ?? [])
        .filter(({ kind }) => (RULE_OF[kind] ?? 'chain') === rule)
        .map((fault) => certificateSentence(fault))
    expect('name', faults('name')).toBeEmpty()
    expect('dates', faults('dates')).toBeEmpty()
    expect('chain', faults('chain')).toBeEmpty()
    const days = ((tls.validTo ?? 0) - clock.unixMs()) / DAY_MS
    figure('left', `${Math.max(0, Math.round(10 * days) / 10)} days`)
    // Certificates of six days are issued, too, and renewed in good time.
    const whole = ((tls.validTo ?? 0) - (tls.validFrom ?? 0)) / DAY_MS
    const least = Math.min(7, whole / 3)
    expect('lasting', days).toSatisfy(`more than ${Math.round(10 * least) / 10} days`, (left) => left > least)
  },
})
