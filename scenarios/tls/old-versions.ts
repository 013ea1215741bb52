import { must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'tls/old-versions',
  title: 'TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are spoken',
  area: 'tls',
  purposes: ['TLS-VERSION'],
  provider: ['EP-2'],
  rules: {
    no10: must('RFC 9325 §3.1.1', 'TLS 1.0 is not negotiated', {
      gravity: 'exposure',
      harm: 'TLS 1.0, which is known to be broken, is accepted.',
    }),
    no11: must('RFC 9325 §3.1.1', 'TLS 1.1 is not negotiated', {
      gravity: 'exposure',
      harm: 'TLS 1.1, which is known to be weak, is accepted.',
    }),
    has12: must('RFC 9325 §3.1.1', 'TLS 1.2 is supported', {
      gravity: 'outage',
      harm: 'TLS 1.2 is not spoken: most telephones of today cannot register over TLS.',
    }),
    has13: should('RFC 9325 §3.1.1', 'TLS 1.3 is supported', {
      gravity: 'letter',
      harm: 'TLS 1.3 is not spoken.',
    }),
  },
  devices: { alice: {} },
  needs: ['sockets'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 40,
  reliesOn: 'nothing',
  harm: 'The TLS versions of the server are not those of today.',
  advice:
    'Set the lowest TLS version to 1.2 and allow 1.3. Kamailio: tls_method = TLSv1.2+. Asterisk: method of the transport. FreeSWITCH: tls-version of the profile.',
  async run({ alice, expect, target }) {
    const serverName = alice.hop.serverName ?? alice.hop.remote.address
    const ca = target.authority
    type Version = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'
    const speaks = async (version: Version) => {
      try {
        const { tls } = await alice.connects({
          timeoutMs: 6_000,
          tls: {
            serverName,
            verify: false,
            minVersion: version,
            maxVersion: version,
            ...(ca === undefined ? {} : { ca }),
          },
        })
        return tls?.version
      } catch {
        return undefined
      }
    }
    // A server may take exception to many handshakes at once: what it is to speak is asked alone, and twice.
    const [v10, v11] = await Promise.all([speaks('TLSv1'), speaks('TLSv1.1')])
    const v12 = (await speaks('TLSv1.2')) ?? (await speaks('TLSv1.2'))
    const v13 = (await speaks('TLSv1.3')) ?? (await speaks('TLSv1.3'))
    precondition(v10 ?? v11 ?? v12 ?? v13, 'no TLS version led to a connection', 'no-connection')
    // Who wants a certificate of the client refuses every version, one of them only after the handshake.
    const connection = await alice.connects({ tls: { serverName, verify: false, ...(ca === undefined ? {} : { ca }) } })
    const domain = target.domain('tls')
    const ask = alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    connection.write(ask.toBytes())
    precondition(
      await alice.hears(undefined, { callId: ask.callId }).reaches(1, 4_000),
      'OPTIONS over TLS got no answer: does the server ask for a client certificate?',
      'no-answer',
    )
    expect('no10', v10 ?? null).toBeAbsent()
    expect('no11', v11 ?? null).toBeAbsent()
    expect('has12', v12 ?? null).toBePresent()
    expect('has13', v13 ?? null).toBePresent()
  },
})
