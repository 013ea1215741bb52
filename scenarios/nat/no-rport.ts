import {
  finding,
  must,
  outsideAddress,
  parseMessage,
  precondition,
  promised,
  scenario,
  type SipSighting,
  whereReached,
} from 'ringproof'

export default scenario({
  id: 'nat/no-rport',
  title: 'Without rport the answer goes to the source address, and to the port in Via',
  area: 'nat',
  purposes: ['NAT-NORPORT', 'TR-RECEIVED'],
  provider: ['BH-9'],
  rules: {
    answered: promised('BH-9', 'a request without rport is answered, at the port in Via or where it came from', {
      gravity: 'outage',
      cause: 'reply-address-wrong',
      harm: 'Requests without rport get no answer: older telephones cannot register on UDP.',
    }),
    received: whereReached(
      must('RFC 3261 §18.2.1', 'where the Via names a host by name, the source address is added as received', {
        gravity: 'letter',
        cause: 'received-missing',
        harm: 'The parameter received is not added where Via names a host. The few telephones that read it do not learn their address.',
      }),
    ),
    namedPort: whereReached(
      finding(
        'RFC 3261 §18.2.2',
        'the response to a request without rport goes to the port in the Via, not to the source port',
        {
          gravity: 'letter',
          harm: 'The parameter rport is forced upon every device. The few that send from another port than they listen on get no answer.',
        },
      ),
    ),
  },
  devices: { alice: { audio: false } },
  families: ['ipv4', 'ipv6'],
  seconds: 8,
  reliesOn: 'reach',
  step: 'register',
  harm: 'Requests without rport are not answered as they should be.',
  advice:
    'Forcing rport helps devices behind NAT and hurts the few that listen on another port than they send from. Kamailio: force_rport(). Asterisk: force_rport of the endpoint.',
  async run({ alice, target, expect, within }) {
    const sends = await alice.bindsSocket()
    const listens = await alice.bindsSocket()
    const request = alice.composes('OPTIONS', `sip:${target.domain('udp')}`, {
      sentBy: `device.ringproof.invalid:${listens.local.port}`,
      rport: false,
    })
    const answer = new Promise<{ where: 'named' | 'source'; data: Buffer }>((resolve) => {
      const takes = (where: 'named' | 'source') => (data: Buffer) => {
        if (parseMessage(data, { mode: 'fast' }).message?.callId === request.callId) resolve({ where, data })
      }
      listens.onMessage = takes('named')
      sends.onMessage = takes('source')
    })
    // A firewall before this machine lets in what is from where something was sent to, and nothing else.
    listens.send(Buffer.from('\r\n\r\n'), alice.hop.remote)
    sends.send(request.toBytes(), alice.hop.remote)
    let came = await within(answer, 1_500)
    if (!came) {
      sends.send(request.toBytes(), alice.hop.remote)
      came = await within(answer, 2_000)
    }
    const control = (await alice.sends('OPTIONS', `sip:${target.domain('udp')}`)).final
    precondition(came ?? control, 'OPTIONS got no answer', 'no-answer')
    // The port that the Via names has no mapping in a NAT before this machine: the right answer would be lost in it.
    const outside = outsideAddress(sends.local.address, control?.via.received)
    precondition(
      came ?? outside === sends.local.address,
      `this machine is behind a NAT (${outside}), which keeps the answer out`,
    )
    expect('answered', came !== undefined).toBeTrue('an answer at one of the two ports')
    if (!came) return
    const { message } = parseMessage(came.data, { mode: 'strict' })
    precondition(message, 'the answer could not be read', 'unreadable-answer')
    const seen: SipSighting | undefined = alice.hears(undefined, { callId: request.callId }).last
    expect('received', message.via.received ?? 'none', { seen, header: 'Via' }).toBe(outside)
    expect('namedPort', came.where === 'named' ? 'named port' : 'source port', { seen }).toBe('named port')
  },
})
