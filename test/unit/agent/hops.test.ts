import { describe, expect, it } from 'vitest'
import { hopOfUri } from '../../../src/agent/hops.js'
import type { Hop } from '../../../src/transport/flow.js'

const server = '192.0.2.1'
const over = (transport: Hop['transport'], port: number): Hop => ({ transport, remote: { address: server, port } })

describe('where a URI without transport leads (RFC 3263 §4.1)', () => {
  it('over the connection there is, for a telephone on TLS, whatever port of its server is named', () => {
    const tls = { ...over('tls', 5061), serverName: 'sip.example.net' }
    for (const uri of [`sip:${server}:5060;lr`, `sip:${server}:5061;lr`, `sip:${server};lr`])
      expect(hopOfUri(uri, tls)).toBe(tls)
  })

  it('over TCP to the port that is named, for a telephone on TCP', () => {
    expect(hopOfUri(`sip:${server}:5070;lr`, over('tcp', 5060))).toEqual(over('tcp', 5070))
  })

  it('over UDP to any other host', () => {
    const remote = { address: '198.51.100.7', port: 5060 }
    for (const transport of ['udp', 'tcp', 'tls'] as const)
      expect(hopOfUri('sip:198.51.100.7', over(transport, 5060))).toEqual({ transport: 'udp', remote })
  })

  it('over what it names', () => {
    expect(hopOfUri(`sip:${server}:5060;transport=udp`, over('tls', 5061))).toEqual(over('udp', 5060))
  })
})
