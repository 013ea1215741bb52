import { must, precondition, scenario, should } from 'ringproof'

export default scenario({
  id: 'tls/old-versions',
  title: 'TLS 1.0 and 1.1 are refused, 1.2 and 1.3 are spoken',
  area: 'tls',
  purposes: ['TLS-VERSION'],
  provider: ['EP-2'],
  rules: {
    no10: must('RFC 9325 §3.1.1', 'TLS 1.0 is not negotiated', { gravity: 'letter' }),
    no11: must('RFC 9325 §3.1.1', 'TLS 1.1 is not negotiated', { gravity: 'letter' }),
    has12: must('RFC 9325 §3.1.1', 'TLS 1.2 is supported', {
      gravity: 'harm',
      harm: 'Telephones of today cannot register with encryption.',
    }),
    has13: should('RFC 9325 §3.1.1', 'TLS 1.3 is supported', { gravity: 'letter' }),
  },
  devices: { alice: {} },
  needs: ['sockets'],
  transports: ['tls'],
  families: ['ipv4', 'ipv6'],
  seconds: 40,
  harm: 'Whoever sits on the line can talk devices into encryption that is known to be broken, and read who calls whom.',
  advice: 'Set the lowest TLS version of the server to 1.2, and allow 1.3.',
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
    precondition(v10 ?? v11 ?? v12 ?? v13, 'no version of TLS led to a connection')
    // Who wants a certificate of the client refuses every version, one of them only after the handshake.
    const connection = await alice.connects({ tls: { serverName, verify: false, ...(ca === undefined ? {} : { ca }) } })
    const domain = target.domain('tls')
    const ask = alice.composes('OPTIONS', `sip:${domain}`, { to: `<sip:${domain}>` })
    connection.write(ask.toBytes())
    precondition(
      await alice.hears(undefined, { callId: ask.callId }).reaches(1, 4_000),
      'an OPTIONS over TLS got no answer: is a certificate asked for that devices do not have?',
    )
    expect('no10', v10).toBeAbsent()
    expect('no11', v11).toBeAbsent()
    expect('has12', v12).toBePresent()
    expect('has13', v13).toBePresent()
  },
})
